"""Cases planted beside the simulated fleet, by kind of alert, and how well they are found.

The fleet's own planted boats fall silent, cross lines or keep their VMS off; these drift, meet,
fish without papers, share an MMSI, or lie in a storm. One jumps once: nothing is to be made of it.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ioc.demo import boats
from vessels.ais import encode

HOURS = 8
STEP_S = 120
LOITERER, HOST, GUEST, STRANGER, SHARED, STORMY, JUMPER = (
    boats.FIRST_MMSI + number for number in range(901, 908)
)
FISHING_TYPE, CARGO_TYPE = 30, 70
STORM_AT = (112.5, 14.5)
TRUTH: dict[str, set[int]] = {
    "signal_lost": {boats.FIRST_MMSI + n for n in boats.SILENT},
    "zone_entry": {boats.FIRST_MMSI + n for n in boats.OVER_LINE},
    "ais_on_vms_off": {boats.FIRST_MMSI + n for n in boats.VMS_OFF},
    "shared_mmsi": {SHARED}, "loitering": {LOITERER}, "encounter": {HOST},
    "fishing_no_permit": {STRANGER}, "storm": {STORMY},
}  # fmt: skip


@dataclass(frozen=True)
class Score:
    """How well one kind was found: of the planted, of the found, and what was missed or made up."""

    kind: str
    planted: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.planted if self.planted else 1.0


def scores(found: dict[str, set[int]]) -> list[Score]:
    """One score a planted kind, from the MMSIs that alerts of each kind were raised for."""
    return [
        Score(kind, len(truth), len(found.get(kind, set())), len(truth & found.get(kind, set())))
        for kind, truth in TRUTH.items()
    ]


def lines(until: int) -> Iterator[bytes]:
    """What the planted vessels send in the hours before an epoch second, with TAG blocks."""
    for mmsi, name, ship_type, length_m in (
        (LOITERER, "DEMO DRIFTER", CARGO_TYPE, 90), (HOST, "DEMO HOST", FISHING_TYPE, 18),
        (GUEST, "DEMO GUEST", CARGO_TYPE, 60), (STRANGER, "DEMO STRANGER", FISHING_TYPE, 18),
        (STORMY, "DEMO STORMY", CARGO_TYPE, 120), (JUMPER, "DEMO JUMPER", CARGO_TYPE, 80),
    ):  # fmt: skip
        said = encode.voyage(mmsi, name=name, callsign="", ship_type=ship_type, length_m=length_m,
                             width_m=length_m // 6)  # fmt: skip
        yield from (encode.tagged(one, at_s=until - HOURS * 3600, station="demo") for one in said)
    for t in range(until - HOURS * 3600, until, STEP_S):
        yield from _now(t, (t - until) / 3600 + HOURS)


def _now(t: int, h: float) -> Iterable[bytes]:
    """The reports of one moment, `h` hours after they begin."""
    turn = 2 * math.pi * h / 3
    trawl = (108.35 + 0.02 * math.sin(turn), 16.75 + 0.02 * math.cos(turn))
    jump = 1.5 if 4.0 <= h < 4.0 + STEP_S / 3600 else 0.0
    return (
        _said(LOITERER, 108.9 + h * 0.008, 16.95, 0.5, 90, t),
        _said(HOST, 109.3 + h * 0.0003, 16.9, 0.1, 90, t),
        _said(GUEST, 109.3 + h * 0.0003, 16.9015, 0.1, 90, t),
        _said(STRANGER, *trawl, 2.4, math.degrees(turn) + 90, t),
        _said(SHARED, 108.8 + h * 0.15, 15.7, 8.7, 90, t),
        _said(SHARED, 111.8 - h * 0.15, 17.6, 8.7, 270, t + STEP_S // 2),
        _said(STORMY, STORM_AT[0], STORM_AT[1] - 0.3 + h * 0.08, 4.8, 0, t),
        _said(JUMPER, 110.0 - h * 0.1 + jump, 15.9, 5.8, 270, t),
    )


def _said(mmsi: int, lon: float, lat: float, speed_kn: float, course: float, t: int) -> bytes:
    line = encode.position(
        mmsi, lon, lat, speed_kn=speed_kn, course_deg=course, second=t % 60, status=0
    )
    return encode.tagged(line, at_s=t, station="demo")


def storm(now: datetime) -> dict[str, object]:
    """The forecast area of the planted storm, as GeoJSON."""
    lon, lat = STORM_AT
    ring = [[lon + dx, lat + dy] for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    span = {"valid_from": now - timedelta(hours=3), "valid_to": now + timedelta(hours=24)}
    told = {name: at.astimezone(UTC).isoformat() for name, at in span.items()}
    return {"type": "FeatureCollection", "features": [{
        "type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"key": "demo-storm", "name": "bão (mô phỏng)",
                       "name_en": "storm (simulated)", "source": "demo", **told},
    }]}  # fmt: skip
