"""A stream of bytes in, columns of positions and particulars out; lines set aside are named."""

from collections import Counter
from dataclasses import dataclass, field, fields

import numpy as np

from vessels.ais import framing
from vessels.ais.fragments import Assembler, Whole
from vessels.ais.framing import Frames, frame
from vessels.ais.messages import (
    ARMOUR,
    LONG_RANGE,
    PART_A,
    PART_B,
    PARTICULARS,
    POSITIONS,
    Field,
    extract,
    unarmour,
)

REASONS = framing.REASONS | {
    "payload": "the payload holds a character that AIS armour does not have",
    "too-short": "the message is shorter than its type needs",
    "fragment-missing": "other parts of this message never came",
}


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


@dataclass(slots=True)
class Decoded:
    """All that a block held."""

    positions: Positions
    particulars: list[Particulars] = field(default_factory=list)
    rejected: list[tuple[str, bytes]] = field(default_factory=list)
    kinds: Counter[int] = field(default_factory=Counter)
    lines: int = 0
    sentences: int = 0
    frames: Frames | None = None
    wholes: list[Whole] = field(default_factory=list)

    def line_of(self, index: int) -> bytes:
        """The line(s) a position came in, as received."""
        assert self.frames is not None
        singles = len(self.frames.bang)
        if index < singles:
            return self.frames.line(index)
        return self.wholes[index - singles].line


class Decoder:
    """Decodes a stream block by block; keeps the broken last line and parts that still wait."""

    def __init__(self, assembler: Assembler | None = None) -> None:
        self.assembler = assembler or Assembler()
        self._rest = b""
        self._told: dict[int, bytes] = {}  # of each vessel and type: the last payload

    def feed(self, chunk: bytes, *, clock: float) -> tuple[bytes, Decoded]:
        """The whole lines now complete (to be kept as received) and what they hold.

        `clock` is our own time in epoch seconds, used to age waiting parts.
        """
        data = self._rest + chunk
        cut = data.rfind(b"\n") + 1
        block, self._rest = data[:cut], data[cut:]
        if len(self._rest) > framing.MAX_LINE * 8:  # a peer that never ends its line
            block, self._rest = data + b"\n", b""
        return block, self.decode(block, clock=clock)

    def finish(self, *, clock: float) -> tuple[bytes, Decoded]:
        """As `feed`, for what is left when the stream has ended."""
        block, self._rest = self._rest, b""
        decoded = self.decode(block, clock=clock)
        self.assembler.flush()
        self._collect_expired(decoded)
        return block, decoded

    def decode(self, block: bytes, *, clock: float) -> Decoded:
        """What a block of whole lines holds, together with the parts that waited before."""
        frames = frame(block)
        wholes = self._assemble(frames, clock)
        single = frames.count == 1
        buf = frames.buf
        start, length, fill, time = frames.payload, frames.length, frames.fill, frames.time
        index = np.arange(len(start))
        if wholes:
            bodies = [w.payload for w in wholes]
            sizes = np.array([len(b) for b in bodies])
            offset = len(buf) + np.concatenate(([0], np.cumsum(sizes)[:-1]))
            buf = np.concatenate((buf, np.frombuffer(b"".join(bodies) + b"\0" * 128, np.uint8)))
            start = np.concatenate((start, offset))
            length = np.concatenate((length, sizes))
            fill = np.concatenate((fill, [w.fill for w in wholes]))
            time = np.concatenate((time, [w.time for w in wholes]))
            single = np.concatenate((single, np.ones(len(wholes), bool)))
            index = np.arange(len(start))
        index = index[single]
        decoded = Decoded(
            _NO_POSITIONS, rejected=frames.rejected, lines=frames.lines,
            sentences=frames.sentences, frames=frames, wholes=wholes,
        )  # fmt: skip
        payloads = _Payloads(buf, start[index], length[index], fill[index], time[index], index)
        self._read(payloads, decoded)
        self._collect_expired(decoded)
        return decoded

    def _assemble(self, frames: Frames, clock: float) -> list[Whole]:
        wholes = []
        for i in np.flatnonzero(frames.count > 1):
            a, n = int(frames.payload[i]), int(frames.length[i])
            whole = self.assembler.add(
                frames.line(int(i)), int(frames.bang[i] - frames.line_start[i]),
                int(frames.count[i]), int(frames.number[i]), frames.buf[a : a + n].tobytes(),
                int(frames.fill[i]), float(frames.time[i]), clock,
            )  # fmt: skip
            if whole:
                wholes.append(whole)
        return wholes

    def _collect_expired(self, decoded: Decoded) -> None:
        for line in self.assembler.expired:
            decoded.rejected.append(("fragment-missing", line))
        self.assembler.expired.clear()

    def _read(self, p: "_Payloads", decoded: Decoded) -> None:
        kind = ARMOUR[p.buf[p.start]].astype(np.int16)
        bits = p.length * 6 - p.fill
        values, counts = np.unique(kind, return_counts=True)
        decoded.kinds.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        columns: list[Positions] = []
        groups: dict[int, list[int]] = {}
        for value in values.tolist():
            if value in POSITIONS:
                groups.setdefault(id(POSITIONS[value][0]), []).append(value)
        for same in groups.values():
            table, least = POSITIONS[same[0]]
            rows = np.flatnonzero(np.isin(kind, same))
            rows, sextets = p.sound(rows, bits, least, decoded)
            columns.append(_positions(p, rows, sextets, table, kind[rows]))
        if columns:
            decoded.positions = _joined(columns)
        for value, (table, least) in PARTICULARS.items():
            rows = self._news(p, np.flatnonzero(kind == value), value)
            if len(rows):
                reject_into = None if value in POSITIONS else decoded
                rows, sextets = p.sound(rows, bits, least, reject_into)
                decoded.particulars.extend(_particulars(sextets, table))
        rows = self._news(p, np.flatnonzero(kind == 24), 24)
        if len(rows):
            self._read_24(p, rows, bits, decoded)

    def _read_24(
        self, p: "_Payloads", rows: np.ndarray, bits: np.ndarray, decoded: Decoded
    ) -> None:
        rows, sextets = p.sound(rows, bits, 160, decoded)
        part = extract(sextets, (38, 2, "u"))
        decoded.particulars.extend(_particulars(sextets[part == 0], PART_A))
        decoded.particulars.extend(_particulars(sextets[part == 1], PART_B))

    def _news(self, p: "_Payloads", rows: np.ndarray, kind: int) -> np.ndarray:
        """Those rows whose payload is not what this very vessel said last time."""
        if not len(rows):
            return rows
        fresh = []
        if len(self._told) > 200_000:
            self._told.clear()
        for row in rows:
            a = int(p.start[row])
            payload = p.buf[a : a + int(p.length[row])].tobytes()
            key = hash((kind, payload[:8]))  # type, MMSI, and in 24 the part
            if kind == 19 or self._told.get(key) != payload:
                self._told[key] = payload
                fresh.append(row)
        return np.array(fresh, np.intp)


@dataclass(slots=True)
class _Payloads:
    buf: np.ndarray
    start: np.ndarray
    length: np.ndarray
    fill: np.ndarray
    time: np.ndarray
    index: np.ndarray

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


def _positions(
    p: _Payloads, rows: np.ndarray, sextets: np.ndarray, table: dict[str, Field], kind: np.ndarray
) -> Positions:
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


def _joined(columns: list[Positions]) -> Positions:
    if len(columns) == 1:
        return columns[0]
    return Positions(
        *(np.concatenate([getattr(c, f.name) for c in columns]) for f in fields(Positions))
    )


def _particulars(sextets: np.ndarray, table: dict[str, Field]) -> list[Particulars]:
    if not len(sextets):
        return []
    raw = {name: extract(sextets, spec).tolist() for name, spec in table.items()}
    found = []
    for i, mmsi in enumerate(raw["mmsi"]):
        said = Particulars(mmsi)
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


_NO_POSITIONS = _empty()
