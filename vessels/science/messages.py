"""Messages under one MMSI, their order, and the identities that they tell."""

from math import isnan, nan
from typing import NamedTuple

from vessels.science.scoring import CLASS_A, CLASS_B, VMS_SET

NAMED_BY = {0: VMS_SET, 5: CLASS_A, 19: CLASS_B, 24: CLASS_B}
TRANSPONDERS = {VMS_SET: "VMS", CLASS_A: "AIS-A", CLASS_B: "AIS-B"}


class Message(NamedTuple):
    """What came under one MMSI: a position, an identity, or both.

    ``t`` epoch seconds; degrees in 4326; nan where unknown. ``kind`` is the AIS message type, 0 for
    VMS. ``order`` is the source's own order among messages of one time, if it has one.
    """

    t: float
    lon: float = nan
    lat: float = nan
    speed_kn: float = nan
    course_deg: float = nan
    kind: int = 1
    heading_deg: float = nan
    order: int = 0
    source: str = ""
    name: str = ""
    callsign: str = ""
    ship_type: int = 0
    imo: int = 0
    length_m: float = nan


class Identity(NamedTuple):
    """Who a segment says it is, and by what transponder; ``length_m`` is -1 where not told."""

    name: str
    callsign: str
    ship_type: int
    imo: int
    length_m: float
    transponder: str


def key_of(m: Message) -> tuple:
    """Orders messages, and tells equal ones: time first, then anything that never changes."""
    return (
        m.t, m.order, m.kind, _known(m.lon), _known(m.lat), _known(m.speed_kn),
        _known(m.course_deg), _known(m.heading_deg), *m[8:13], _known(m.length_m),
    )  # fmt: skip


def _known(value: float) -> float:
    return value if value == value else 1e9


def names(m: Message) -> bool:
    """Whether the message says who it comes from."""
    return m.kind in NAMED_BY and bool(m.name or m.callsign or m.imo)


def classes(kind: int) -> tuple[int, ...]:
    """The classes of transponder that may have sent a position of this kind."""
    if kind == 27:
        return (CLASS_A, CLASS_B)
    return (VMS_SET,) if kind == 0 else (CLASS_B,) if kind in (18, 19) else (CLASS_A,)


def identity(m: Message) -> Identity:
    """Who the message says it comes from."""
    length_m = -1.0 if isnan(m.length_m) else m.length_m
    return Identity(
        m.name, m.callsign, m.ship_type, m.imo, length_m, TRANSPONDERS[NAMED_BY[m.kind]]
    )
