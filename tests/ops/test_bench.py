"""The frame of the benchmarks."""

import json
from pathlib import Path

import pytest

from ioc.ops import bench
from ioc.ops.bench import Figure
from ioc.ops.errors import Stop


@pytest.mark.parametrize(
    ("value", "peer", "target", "ok"),
    [
        (14.9, None, "≤ 15", True),
        (15.1, None, "≤ 15", False),
        (20, 10, "≥ 2 ×", True),
        (19, 10, "≥ 2 ×", False),
        (19, None, "≥ 2 ×", False),
        (1, None, "", None),
    ],
)
def test_targets(value: float, peer: float | None, target: str, ok: bool | None) -> None:
    assert Figure("f", value, "s", "peer", peer, target).ok is ok


def test_a_target_that_cannot_be_read_is_said() -> None:
    with pytest.raises(ValueError, match="≤ 50"):
        _ = Figure("f", 1, "s", target="about 3").ok


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Figure("quick", 20, "1/s", "peer", 10, "≥ 3 ×").row("one")]
    monkeypatch.setattr(bench, "names", lambda: ["one", "two"])
    monkeypatch.setattr(bench, "run_apart", lambda name: rows if name == "one" else None)


def test_rows_are_printed_and_written(
    measured: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["one", "--json", str(tmp_path / "rows.json")]) == 0
    assert "2.00 ×" in capsys.readouterr().out
    row = json.loads((tmp_path / "rows.json").read_text())[0]
    assert row == {
        "bench": "one", "figure": "quick", "value": 20, "unit": "1/s", "peer": "peer",
        "peer_value": 10, "ratio": 2.0, "target": "≥ 3 ×", "ok": False,
    }  # fmt: skip


def test_exit_codes_are_honest(measured: None) -> None:
    assert bench.main(["one", "--check"]) == 1
    assert bench.main(["two"]) == 1
    with pytest.raises(Stop, match="No benchmark is called three; there are: one, two"):
        bench.main(["three"])
