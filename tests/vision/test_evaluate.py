import contextlib
import io
import json

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from tests.vision.factories import SIZE, WhiteBoxes
from vision import detectors
from vision.detectors.average_precision import Found, measured
from vision.detectors.weights import WeightsMissing


def labelled(rng, pictures=12, classes=3):
    """COCO data and what a poor detector finds in it: shifted, missed, made up, doubled."""
    rows, found, n = [], {}, 0
    for image in range(pictures):
        boxes, scores, categories = [], [], []
        for _ in range(rng.integers(0, 9)):
            n += 1
            x, y = rng.random(2) * 300
            w, h = rng.choice([12, 50, 150], 2) * (0.5 + rng.random(2))
            category = int(rng.integers(1, classes + 1))
            crowd = int(rng.random() < 0.1)
            rows.append({"id": n, "image_id": image, "category_id": category, "iscrowd": crowd,
                         "bbox": [x, y, w, h], "area": w * h})  # fmt: skip
            for _ in range(rng.integers(0, 3)):
                shift = rng.normal(0, 0.08, 4) * [w, h, w, h]
                boxes.append(np.array([x, y, x + w, y + h]) + shift)
                scores.append(rng.random())
                categories.append(category if rng.random() > 0.1 else 1)
        found[image] = Found(
            np.array(boxes).reshape(-1, 4), np.array(scores), np.array(categories, int)
        )
    data = {"images": [{"id": i, "width": 640, "height": 640} for i in range(pictures)],
            "annotations": rows, "info": {},
            "categories": [{"id": c + 1, "name": str(c)} for c in range(classes)]}  # fmt: skip
    return data, found


@pytest.mark.parametrize("seed", range(4))
def test_precision_equals_pycocotools(seed):
    pytest.importorskip("pycocotools")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    data, found = labelled(np.random.default_rng(seed))
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = data
        truth.createIndex()
        answers = truth.loadRes(
            [
                {"image_id": i, "category_id": int(c), "score": float(s),
                 "bbox": [b[0], b[1], b[2] - b[0], b[3] - b[1]]}
                for i, f in found.items()
                for b, s, c in zip(f.xyxy, f.score, f.category, strict=True)
            ]
        )  # fmt: skip
        theirs = COCOeval(truth, answers, "bbox")
        theirs.evaluate()
        theirs.accumulate()
        theirs.summarize()
    ours = measured(data, found)
    told = [ours.map, ours.map_50, *ours.by_size.values()]
    expected = [theirs.stats[0], theirs.stats[1], *theirs.stats[3:6]]
    assert [round(v, 6) for v in told] == pytest.approx([round(v, 6) for v in expected], abs=1e-6)


@pytest.fixture
def white_cars(tmp_path, monkeypatch):
    """Pictures with one white car each, labelled; the last one wrongly."""
    images, rows = [], []
    for n in range(6):
        picture = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
        x, y = 20 + 30 * n, 30 + 20 * n
        picture[y : y + 50, x : x + 80] = 255
        cv2.imwrite(str(tmp_path / f"{n}.png"), picture)
        images.append({"id": n, "file_name": f"{n}.png", "width": SIZE[0], "height": SIZE[1]})
        box = [x, y, 80, 50] if n < 5 else [0, 0, 20, 20]
        rows.append({"id": n, "image_id": n, "category_id": 7, "bbox": box, "area": 4000})
    data = {"images": images, "annotations": rows, "categories": [{"id": 7, "name": "car"}]}
    (tmp_path / "data.json").write_text(json.dumps(data))
    monkeypatch.setitem(detectors._factories, "white-boxes", WhiteBoxes)
    return tmp_path


def evaluate(folder, *more):
    call_command("vision", "evaluate", "--data", str(folder / "data.json"), "--images",
                 str(folder), *more)  # fmt: skip


def test_evaluate_prints_precision_by_class(white_cars, capsys):
    evaluate(white_cars, "--detector", "white-boxes")
    told = capsys.readouterr().out
    # Five of six found, and the sixth box stands at the wrong place: 5/6 of the recalls.
    assert "mAP 0.7" in told or "mAP 0.8" in told
    assert "car: 0." in told


def test_evaluate_says_what_is_wrong(white_cars):
    with pytest.raises(CommandError, match="known: "):
        evaluate(white_cars, "--detector", "none")
    (white_cars / "data.json").write_text('{"images": [{"id": 1}]}')
    with pytest.raises(CommandError, match="not COCO data"):
        evaluate(white_cars, "--detector", "white-boxes")


@pytest.mark.slow
def test_training_learns_keeps_its_sheet_and_can_be_stopped(white_cars, weights_file, tmp_path):
    from vision.detectors import local, sheet
    from vision.detectors.evaluate import read_coco
    from vision.detectors.train import train

    into, steps = tmp_path / "models", []

    def going(step):
        steps.append(step)
        return len(steps) < 3

    data = read_coco(white_cars / "data.json")
    made = train(data, white_cars, weights_file, name="ours", into=into, licence="CC0-1.0",
                 turns=9, going=going)  # fmt: skip
    assert made.source["stopped"] and [s.turn for s in steps] == [1, 2, 3]
    assert steps[-1].loss < steps[0].loss
    assert sheet.known(into)["ours"].licence == "CC0-1.0"
    picture = cv2.imread(str(white_cars / "1.png"))
    assert local.load(made, into).detect([picture])[0].xyxy.shape[1] == 4
    with (into / "ours.pt").open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsMissing, match="not the file"):
        local.load(made, into)


@pytest.mark.slow
def test_default_detector_is_as_precise_as_its_original_graph(weights_file, real_video, tmp_path):
    """Both judged by what the original is sure of, half of the boxes moved so that both err."""
    import torch

    from tests.vision.tfjs_graph import Graph
    from vision.addresses import Address
    from vision.detectors import weights
    from vision.detectors.network import SIZE_PX, select
    from vision.detectors.ssdlite import MIN_SCORE, load_file, to_input
    from vision.sources import frames

    try:
        graph = Graph(weights.fetch(tmp_path))
    except weights.WeightsMissing as missing:
        pytest.skip(str(missing))
    ours, rng = load_file(weights_file), np.random.default_rng(1)
    rows, told, original = [], {}, {}
    video = frames(Address(str(real_video("road_8_down.mp4")), True), per_s=0.4)
    for image, frame in enumerate(video):
        picture = frame.picture()
        with torch.no_grad():
            boxes, scores = graph.run(
                to_input(picture).permute(0, 2, 3, 1),
                "Postprocessor/ExpandDims_1", "Postprocessor/Slice",
            )  # fmt: skip
        boxes = boxes.reshape(-1, 4)[:, [1, 0, 3, 2]] * SIZE_PX
        theirs = select(boxes, scores[0], MIN_SCORE, 0.6)
        scale = np.array([picture.shape[1], picture.shape[0]] * 2) / SIZE_PX
        xyxy, score = theirs["boxes"].numpy() * scale, theirs["scores"].numpy()
        original[image] = Found(xyxy, score, theirs["labels"].numpy())
        (seen,) = ours.detect([picture])
        told[image] = Found(seen.xyxy, seen.score, seen.class_id)
        for box, label in zip(
            xyxy[score > 0.4], theirs["labels"].numpy()[score > 0.4], strict=True
        ):
            size = box[2:] - box[:2]
            box = box + np.tile(rng.normal(0, 0.08, 2) * size, 2)
            rows.append({"image_id": image, "category_id": int(label), "area": size.prod(),
                         "bbox": [*box[:2], *size]})  # fmt: skip
    data = {"images": [{"id": image} for image in told], "annotations": rows}
    a, b = measured(data, told).map, measured(data, original).map
    assert 0.2 < b < 1
    assert abs(a - b) <= 0.005
