"""Models that a city brings, and the commands around them, run as a person would run them."""

import json
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from vision import conf, detectors, scenes

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def torch():
    """Taken in where it is used: it is heavy, and every process collects this file."""
    return pytest.importorskip("torch", reason="torch is not installed")


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setattr(conf, "model_dir", lambda: tmp_path / "models")
    (tmp_path / "words.txt").write_text("1 person\n2 car\n\n3 bus\n")
    return tmp_path


def add(folder, name, file, builder, licence="CC0-1.0"):
    call_command("vision", "add-model", name, str(file), "--builder", builder, "--licence",
                 licence, "--classes", str(folder / "words.txt"))  # fmt: skip


@pytest.mark.slow
def test_any_torchvision_builder_with_local_weights(torch, models):
    from vision.shim import import_torchvision

    builder = "ssdlite320_mobilenet_v3_large"
    torch.manual_seed(0)
    network = import_torchvision().models.get_model(
        builder, weights=None, weights_backbone=None, num_classes=4
    )
    torch.save(network.state_dict(), models / "own.pt")
    add(models, "own", models / "own.pt", builder)
    made = detectors.load("own")
    (seen,) = made.detect([np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)])
    assert made.name in detectors.names() and len(made.model_hash) == 64
    assert set(seen.class_name) <= {"person", "car", "bus"}
    assert len(seen) and seen.xyxy[:, [0, 2]].max() <= 160 and seen.xyxy[:, [1, 3]].max() <= 90
    with pytest.raises(CommandError, match="no builder"):
        add(models, "other", models / "own.pt", "resnet50")
    with pytest.raises(CommandError, match="licence"):
        add(models, "other", models / "own.pt", builder, licence=" ")
    assert "other" not in detectors.names()


LATE = """
import sys
from vision.shim import import_torchvision
build = import_torchvision().models.get_model
assert "torch._dynamo" not in sys.modules
import torch
name = "fasterrcnn_mobilenet_v3_large_320_fpn"
network = build(name, weights=None, weights_backbone=None, num_classes=3).eval()
with torch.inference_mode():
    print(sorted(network([torch.rand(3, 200, 300)])[0]))
"""


@pytest.mark.slow
def test_the_compiler_is_taken_in_only_by_a_network_that_asks_for_it(torch):
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "['boxes', 'labels', 'scores']\n", done.stderr


@pytest.mark.filterwarnings("ignore")
def test_an_onnx_file_answers_in_pixels_of_the_picture(torch, models):
    pytest.importorskip("onnxruntime")

    class Brightest(torch.nn.Module):
        def forward(self, x):
            grey = x.mean(1)[0]
            middle = torch.stack([grey.mean(0).argmax(), grey.mean(1).argmax()]).float()
            box = torch.cat([middle - 8, middle + 8])[None]
            return box, x.max().reshape(1), torch.ones(1).long() * 2

    torch.onnx.export(
        Brightest(), (torch.zeros(1, 3, 48, 80),), str(models / "bright.onnx"), dynamo=False,
        output_names=["boxes", "scores", "labels"],
    )  # fmt: skip
    add(models, "bright", models / "bright.onnx", "onnx")
    picture = np.zeros((240, 400, 3), np.uint8)
    picture[100:140, 200:240] = 255
    (seen,) = detectors.load("bright").detect([picture])
    assert seen.class_name == ("car",)
    assert np.abs(seen.xyxy[0] - (180, 80, 260, 160)).max() <= 30
    assert len(detectors.load("bright").detect([picture // 10])[0]) == 0


def labelled(folder):
    rng = np.random.default_rng(0)
    for name in ("yes", "no"):
        (folder / name).mkdir(parents=True)
        for n in range(6):
            picture = rng.integers(0, 80, (90, 120, 3), np.uint8)
            picture[..., 2] = 220 if name == "yes" else 40
            cv2.imwrite(str(folder / name / f"{n}.png"), picture)
    return folder


@pytest.mark.slow
def test_a_scene_is_learnt_and_judged(models, capsys):
    pictures = labelled(models / "scene")
    train = ("vision", "train-scene", "flood", "--images", str(pictures), "--licence", "CC0-1.0")
    call_command(*train, "--turns", "4")
    assert scenes.available()["flood"] and not scenes.available()["fire"]
    call_command("vision", "evaluate-scene", "flood", "--images", str(pictures))
    # Few batches: the norms must be those of the pictures, or all of them are "yes".
    assert "precision 1.000, recall 1.000" in capsys.readouterr().out
    with pytest.raises(CommandError, match="unknown scene"):
        call_command("vision", "train-scene", "rain", *train[3:])
    with pytest.raises(CommandError, match="no weights"):
        call_command("vision", "evaluate-scene", "fire", "--images", str(pictures))


@pytest.mark.slow
@pytest.mark.django_db
def test_a_junction_is_rendered_with_its_truth(tmp_path):
    call_command("vision", "render", str(tmp_path), "--seconds", "4", "--fps", "5")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 20
    truth = json.loads((tmp_path / "truth.json").read_text())
    camera = json.loads((tmp_path / "camera.json").read_text())
    assert len(truth["pictures"]) == 20 and len(camera["control_points"]) == 9
    assert {"red_light", "crowd"} <= {rule["kind"] for rule in camera["rules"]}


@pytest.mark.slow
@pytest.mark.django_db
def test_truth_is_told_by_kind(capsys):
    call_command("vision", "truth", "--seconds", "12", "--fps", "5", "--seed", "3")
    told = capsys.readouterr().out
    assert "line" in told and "precision 1.000" in told and " m" in told
