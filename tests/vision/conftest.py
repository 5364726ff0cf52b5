from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from django.utils import translation

from tests.vision.factories import SIZE, falling_box
from vision import conf
from vision.detectors import weights

VIDEO = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "video"


@pytest.fixture(autouse=True)
def in_english():
    """Messages are compared in English, whether or not translations are built."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def weights_file() -> Path:
    """The converted weights; fetched on the first run."""
    try:
        return weights.setup(conf.model_dir())
    except weights.WeightsMissing as missing:
        pytest.skip(f"no detector weights: {missing}")


@pytest.fixture(scope="session")
def ssdlite(weights_file: Path):
    from vision.detectors.ssdlite import load_file

    return load_file(weights_file)


@pytest.fixture
def real_video():
    def find(name: str) -> Path:
        path = VIDEO / name
        if not path.exists():
            pytest.skip(f"{name} is not in ../shared/data/video")
        return path

    return find


def write_video(path: Path, pictures, per_s: int = 10) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(per_s))
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="session")
def falling(tmp_path_factory) -> Path:
    """A video of 8 s in which two boxes fall, one after the other."""
    folder = tmp_path_factory.mktemp("video")
    return write_video(folder / "falling.mp4", [falling_box(i / 10) for i in range(80)])
