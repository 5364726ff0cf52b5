"""Precision and recall on the planted cases, among the simulated fleet's quiet boats."""

import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ioc.ops.bench import Figure

UNTIL = 1_790_000_000  # an evening in Huế
DAY_H, EVENING_H = 22, 10


def figures() -> list[Figure]:
    """Two figures a kind, on the database that Django uses; the table goes to standard error."""
    from ioc.demo import boats

    with tempfile.TemporaryDirectory() as folder:
        found = play(boats.fleet(7), Path(folder))
        scored, others = judge(found)
    print(table(scored, others), file=sys.stderr)
    return [
        figure
        for score in scored
        for figure in (
            Figure(f"{score.kind}: precision, {score.found} found", score.precision, "",
                   target="= 1"),
            Figure(f"{score.kind}: recall, {score.planted} planted", score.recall, "",
                   target="= 1"),
        )
    ]  # fmt: skip


def play(fleet: Iterable[Any], folder: Path) -> dict[str, set[int]]:
    """Send a day and a half of these boats and the planted cases through the real door, look at
    noon and in the evening, and give the MMSIs of the alerts by kind. On a migrated database."""
    from geo.packs.pack import bundled_pack
    from geo.packs.report import Report
    from ioc.demo import boats, papers, planted
    from vessels import dangers, pack, sweep
    from vessels.models import Alert

    fleet = list(fleet)
    earlier = UNTIL - EVENING_H * 3600
    city = bundled_pack()
    assert city is not None
    for part in (pack.import_ports, pack.import_zones, pack.import_land):
        part(city, Report())
    papers.register_all(fleet, datetime.fromtimestamp(earlier, UTC))
    now = datetime.fromtimestamp(UNTIL, UTC)
    dangers.take(planted.storm(now), synthetic=True)
    for number, boat in enumerate(fleet):  # who they are, as AIS says it
        _write(folder / "who", boats.introduction(boat), earlier - DAY_H * 3600, fresh=not number)
    _ingest(folder / "who")
    for start, end in ((earlier - DAY_H * 3600, earlier), (earlier, UNTIL)):
        log = folder / "day.nmea"
        log.write_bytes(b"")
        for boat in fleet:
            for t in boat.due(start, end, past=True):
                _write(log, [boats.report(boat, t)], t)
        if end == UNTIL:
            with log.open("ab") as out:
                out.writelines(line + b"\r\n" for line in planted.lines(UNTIL))
        _ingest(log)
        sweep.run(now=datetime.fromtimestamp(end, UTC), deep=True)
        sweep.run_conduct(now=datetime.fromtimestamp(end, UTC))
    found: dict[str, set[int]] = {}
    rows = Alert.objects.exclude(cause="withdrawn").filter(vessel__isnull=False)
    for kind, mmsi in rows.values_list("kind", "vessel__mmsi"):
        found.setdefault(kind, set()).add(mmsi or 0)
    return found


def _write(path: Path, lines: Iterable[bytes], at: int, *, fresh: bool = False) -> None:
    from vessels.ais import encode

    with path.open("wb" if fresh else "ab") as out:
        out.writelines(encode.tagged(line, at_s=at, station="demo") + b"\r\n" for line in lines)


def _ingest(path: Path) -> None:
    from vessels.ingest.command import run_file
    from vessels.ingest.fleet import Fleet

    run_file(path, Fleet("demo", synthetic=True))


def judge(found: dict[str, set[int]]) -> tuple[list[Any], dict[str, int]]:
    """The scores of the planted kinds, and how many alerts there are of kinds nobody planted."""
    from ioc.demo import planted

    others = {kind: len(who) for kind, who in sorted(found.items()) if kind not in planted.TRUTH}
    return planted.scores(found), others


def table(scored: list[Any], others: dict[str, int]) -> str:
    """The scores as lines for a terminal."""
    lines = [f"{'kind':20} {'planted':>7} {'found':>6} {'precision':>9} {'recall':>7}"]
    lines += [
        f"{s.kind:20} {s.planted:7} {s.found:6} {s.precision:9.2f} {s.recall:7.2f}" for s in scored
    ]
    lines += [f"{kind:20} {'-':>7} {n:6} not planted" for kind, n in others.items()]
    return "\n".join(lines)
