"""What a round looks at, and how a finding is told. Nothing is read or written here."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import shapely

from geo.text import Text
from vessels.alerts import Finding
from vessels.models import Threshold
from vessels.science.stops import Port
from vessels.science.tracks import Track
from vessels.thresholds import Rules

PRESENCE, FISHING = "presence", "fishing"
OUTER = {"coastal": ("inshore", "offshore"), "inshore": ("offshore",), "offshore": ()}
INNER = {"coastal": (), "inshore": ("coastal",), "offshore": ("coastal", "inshore")}


@dataclass(slots=True)
class Sea:
    """A zone as geometry in 4326, prepared."""

    code: str
    kind: str
    name: Text
    shape: Any
    keep_in: bool = False

    def __post_init__(self) -> None:
        shapely.prepare(self.shape)

    def watched_for(self, waters: str) -> str:
        """What of a vessel of these waters is watched here: its presence, its fishing, nothing.

        Source: Decree 26/2019 Art. 43. Passing through inner waters is no fishing in them.
        """
        if self.kind in ("foreign",) or self.kind in OUTER.get(waters, ()):
            return PRESENCE
        if self.kind == "forbidden" or self.kind in INNER.get(waters, ()):
            return FISHING
        return ""


@dataclass(slots=True)
class Danger:
    """A forecast danger area, geometry in 4326, times in epoch seconds."""

    key: str
    name: Text
    shape: Any
    valid_from: float
    valid_to: float
    source: str

    def __post_init__(self) -> None:
        shapely.prepare(self.shape)


@dataclass(slots=True)
class Beacon:
    """The device that counts, and when it was heard last (epoch s)."""

    kind: str
    provider: str
    fitted_at: float
    last_at: float | None
    interval_s: float


@dataclass(slots=True)
class Craft:
    """A vessel as the sweep sees it now. Times are epoch seconds; positions degrees."""

    id: int
    name: str
    kind: str
    length_m: float | None
    waters: str
    registered: bool
    synthetic: bool
    observed_at: float | None = None
    lon: float = float("nan")
    lat: float = float("nan")
    speed_kn: float = float("nan")
    course_deg: float = float("nan")
    doing: str = ""
    doubtful: bool = False
    zones: tuple[str, ...] = ()
    in_port: bool = False
    left_at: float | None = None  # a departure declared after which nothing speaks of a port
    last_ais_at: float | None = None
    last_vms_at: float | None = None
    beacon: Beacon | None = None

    @property
    def on_duty(self) -> bool:
        """Whether it must be heard: a registered fishing vessel that is not in port."""
        return self.registered and self.kind == "fishing" and not self.in_port


@dataclass
class Picture:
    """Everything one round looks at."""

    now: float
    rules: Rules
    crafts: list[Craft]
    seas: list[Sea]
    tracks: dict[int, Track] = field(default_factory=dict)
    since: float = 0.0  # the begin of the tracks
    outages: dict[str, float] = field(default_factory=dict)  # provider: since when it is known down
    ports: list[Port] = field(default_factory=list)
    dangers: list[Danger] = field(default_factory=list)
    permits: dict[int, float] = field(default_factory=dict)  # vessel: until when the last one holds


def moment(t: float) -> datetime:
    """Aware UTC, to the millisecond."""
    return datetime.fromtimestamp(round(t, 3), UTC)


def iso(t: float | None) -> str | None:
    return None if t is None else moment(t).isoformat().replace("+00:00", "Z")


def figure(vi: str, en: str, value: Any, unit: str, how: Text) -> dict[str, Any]:
    """One figure of the evidence, with how it is computed."""
    if isinstance(value, float):
        value = round(value, 3)
    return {"title": {"vi": vi, "en": en}, "value": value, "unit": unit, "how": how.dict()}


def place(craft: Craft) -> list[dict[str, Any]]:
    """The last position as evidence; none where there is none."""
    if craft.observed_at is None:
        return []
    speed = None if craft.speed_kn != craft.speed_kn else round(craft.speed_kn, 1)
    return [{"t": iso(craft.observed_at), "lon": round(craft.lon, 6), "lat": round(craft.lat, 6),
             "speed_kn": speed}]  # fmt: skip


def finding(craft: Craft, kind: str, title: Text, opened: float, **more: Any) -> Finding:
    """A finding about a vessel, at its last position unless told otherwise."""
    where = craft.observed_at is not None
    more.setdefault("lon", craft.lon if where else None)
    more.setdefault("lat", craft.lat if where else None)
    return Finding(
        kind=kind, slot=more.pop("slot", f"{kind}:{craft.id}"), vessel_id=craft.id, title=title,
        opened_at=moment(opened), synthetic=craft.synthetic, **more,
    )  # fmt: skip


def clock(vi: str, en: str, since: float, due: float, row: Threshold) -> dict[str, Any]:
    """A legal clock: what must be done by when, and where it is written."""
    return {"title": {"vi": vi, "en": en}, "since": iso(since), "due_at": iso(due),
            "source": row.source}  # fmt: skip
