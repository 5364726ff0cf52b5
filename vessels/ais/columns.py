"""What a block held, as columns: positions, what stands still, what vessels say of themselves."""

from collections import Counter
from dataclasses import dataclass, field, fields

import numpy as np

from vessels.ais.fragments import Whole
from vessels.ais.framing import Frames
from vessels.ais.messages import BASE, CORRECTION, LONG_RANGE, PART_B, Field, extract, unarmour


@dataclass(slots=True)
class Positions:
    """Position reports as columns. NaN (float) or -1 (integer) where the sender told nothing."""

    mmsi: np.ndarray  # int64
    kind: np.ndarray  # int16, AIS message type
    time: np.ndarray  # float64, receiver time, epoch s, NaN if the line told none
    second: np.ndarray  # int16, the sender's UTC second, 60 and above: not usable
    lon: np.ndarray  # float64, degrees, 181 = not available
    lat: np.ndarray  # float64, degrees, 91 = not available
    speed_kn: np.ndarray  # float32
    course_deg: np.ndarray  # float32
    heading_deg: np.ndarray  # int16
    status: np.ndarray  # int16, navigational status
    line: np.ndarray  # int32, index into Decoded.lines

    def __len__(self) -> int:
        return len(self.mmsi)

    def take(self, which: np.ndarray) -> "Positions":
        """The rows that a mask or an index array picks, in its order."""
        return Positions(*(getattr(self, f.name)[which] for f in fields(self)))


@dataclass(slots=True)
class Particulars:
    """What one vessel says of itself; only what the message held, the rest None."""

    mmsi: int
    name: str | None = None
    callsign: str | None = None
    imo: int | None = None
    ship_type: int | None = None
    length_m: int | None = None
    width_m: int | None = None
    at: float = float("nan")  # epoch s, NaN if the line told none
    kind: int = 5  # the message that said so


@dataclass(slots=True)
class Decoded:
    """All that a block held."""

    positions: Positions
    particulars: list[Particulars] = field(default_factory=list)
    rejected: list[tuple[str, bytes]] = field(default_factory=list)
    kinds: Counter[int] = field(default_factory=Counter)
    lines: int = 0
    sentences: int = 0
    stations: Positions = field(default_factory=lambda: NO_POSITIONS)  # types 4, 11, 17, 21
    station_names: dict[int, str] = field(default_factory=dict)  # by MMSI
    offset_s: np.ndarray | None = None  # by line: how wrong its receiver's clock is, 0 if it is not
    frames: Frames | None = None
    wholes: list[Whole] = field(default_factory=list)
    held: list[bytes] | None = None  # the lines of a source that is no NMEA

    def line_of(self, index: int) -> bytes:
        """The line(s) a position came in, as received."""
        if self.held is not None:
            return self.held[index]
        assert self.frames is not None
        singles = len(self.frames.bang)
        if index < singles:
            return self.frames.line(index)
        return self.wholes[index - singles].line

    @property
    def receivers(self) -> np.ndarray:
        """By line: the receiver that its TAG block names (S16), b"" where none does."""
        if self.frames is None:
            return np.zeros(len(self.held or ()), "S16")
        wholes = np.array([whole.receiver for whole in self.wholes], "S16")
        return np.concatenate((self.frames.receiver, wholes))

    def checksums(self) -> dict[str, int]:
        """How many sentences came with a good checksum and how many with a bad one."""
        bad = sum(reason in ("checksum", "tag-checksum") for reason, _ in self.rejected)
        good = 0 if self.frames is None else len(self.frames.count)
        return {"good": good, "bad": bad}


@dataclass(slots=True)
class Payloads:
    buf: np.ndarray
    start: np.ndarray
    length: np.ndarray
    fill: np.ndarray
    time: np.ndarray
    index: np.ndarray
    times: np.ndarray  # of every line, also of those that were parts

    def sound(
        self, rows: np.ndarray, bits: np.ndarray, least: int, decoded: Decoded | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The rows long enough and of true armour, with their sextets; the others set aside."""
        enough = bits[rows] >= least
        chars = -(-least // 6)
        sextets = unarmour(self.buf, self.start[rows], chars)
        armoured = sextets.max(axis=1, initial=0) < 64
        good = enough & armoured
        if decoded is not None:
            for i in np.flatnonzero(~good):
                reason = "too-short" if not enough[i] else "payload"
                decoded.rejected.append((reason, decoded.line_of(int(self.index[rows[i]]))))
        return rows[good], sextets[good]


def positions_of(
    p: Payloads, rows: np.ndarray, sextets: np.ndarray, table: dict[str, Field], kind: np.ndarray
) -> Positions:
    """Position reports of one table as columns, in the standard's units."""
    raw = {name: extract(sextets, spec) for name, spec in table.items()}
    n = len(rows)
    coarse = table is LONG_RANGE
    scale = 600.0 if coarse else 600_000.0
    whole_knots = coarse or "heading" not in table
    none_speed = 63 if coarse else 1023
    speed = raw["speed"].astype(np.float32) / (1 if whole_knots else 10)
    course = raw["course"].astype(np.float32) / (1 if coarse else 10)
    none = np.full(n, -1, np.int16)
    heading = raw["heading"].astype(np.int16) if "heading" in raw else none
    return Positions(
        mmsi=raw["mmsi"], kind=kind, time=p.time[rows],
        second=raw["second"].astype(np.int16) if "second" in raw else np.full(n, 60, np.int16),
        lon=raw["lon"] / scale, lat=raw["lat"] / scale,
        speed_kn=np.where(raw["speed"] == none_speed, np.float32("nan"), speed),
        course_deg=np.where(course >= 360, np.float32("nan"), course),
        heading_deg=np.where(heading > 359, np.int16(-1), heading),
        status=raw["status"].astype(np.int16) if "status" in raw else none,
        line=p.index[rows].astype(np.int32),
    )  # fmt: skip


def stations_of(
    p: Payloads, rows: np.ndarray, sextets: np.ndarray, table: dict[str, Field], kind: np.ndarray
) -> tuple[Positions, np.ndarray]:
    """What stands still as columns, and the UTC (epoch s, NaN if untold) that base stations give.

    Type 17 counts in 1/10 minutes, the others in 1/10,000.
    """
    raw = {name: extract(sextets, spec) for name, spec in table.items()}
    n = len(rows)
    scale = 600.0 if table is CORRECTION else 600_000.0
    none, untold = np.full(n, -1, np.int16), np.full(n, np.nan, np.float32)
    second = raw.get("second", np.full(n, 60)).astype(np.int16)
    found = Positions(
        raw["mmsi"], kind, p.time[rows], second, raw["lon"] / scale, raw["lat"] / scale, untold,
        untold, none, none, p.index[rows].astype(np.int32),
    )  # fmt: skip
    return found, _utc(raw) if table is BASE else np.full(n, np.nan)


def _utc(raw: dict[str, np.ndarray]) -> np.ndarray:
    told = (raw["year"] > 1999) & (raw["month"] > 0) & (raw["month"] < 13) & (raw["day"] > 0)
    told &= (raw["hour"] < 24) & (raw["minute"] < 60) & (raw["second"] < 60)
    month = np.where(told, (raw["year"] - 1970) * 12 + raw["month"] - 1, 0)
    day = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + raw["day"] - 1
    utc = day * 86_400 + raw["hour"] * 3600 + raw["minute"] * 60 + raw["second"]
    return np.where(told, utc.astype(np.float64), np.nan)


def joined(columns: list[Positions]) -> Positions:
    """The rows of several as one."""
    if len(columns) == 1:
        return columns[0]
    return Positions(
        *(np.concatenate([getattr(c, f.name) for c in columns]) for f in fields(Positions))
    )


def particulars_of(
    sextets: np.ndarray, table: dict[str, Field], at: np.ndarray, kind: int
) -> list[Particulars]:
    """What each message of this table says of its sender, and when (epoch s)."""
    if not len(sextets):
        return []
    raw = {name: extract(sextets, spec).tolist() for name, spec in table.items()}
    found = []
    for i, mmsi in enumerate(raw["mmsi"]):
        said = Particulars(mmsi, at=float(at[i]), kind=kind)
        for name in ("name", "callsign"):
            if name in raw:
                setattr(said, name, raw[name][i].decode("ascii") or None)
        if "imo" in raw:
            said.imo = raw["imo"][i] or None
        if "ship_type" in raw:
            said.ship_type = raw["ship_type"][i]
        auxiliary = table is PART_B and mmsi // 10_000_000 == 98  # there: the mother ship's MMSI
        if "bow" in raw and not auxiliary:
            said.length_m = raw["bow"][i] + raw["stern"][i] or None
            said.width_m = raw["port"][i] + raw["starboard"][i] or None
        found.append(said)
    return found


def _empty() -> Positions:
    whole = {"mmsi": np.int64, "time": np.float64, "lon": np.float64, "lat": np.float64}
    small = {"speed_kn": np.float32, "course_deg": np.float32, "line": np.int32}
    kinds = whole | small
    return Positions(*(np.empty(0, kinds.get(f.name, np.int16)) for f in fields(Positions)))


NO_POSITIONS: Positions = _empty()
