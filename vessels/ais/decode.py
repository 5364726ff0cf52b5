"""A stream of bytes in, columns of positions and particulars out; lines set aside are named."""

from collections.abc import Iterator

import numpy as np

from vessels.ais import framing
from vessels.ais.clocks import Clocks
from vessels.ais.columns import (
    NO_POSITIONS,
    Decoded,
    Particulars,
    Payloads,
    Positions,
    joined,
    particulars_of,
    positions_of,
    stations_of,
)
from vessels.ais.fragments import Assembler, Whole
from vessels.ais.framing import Frames, frame
from vessels.ais.messages import (
    AID,
    AID_NAME,
    ARMOUR,
    PART_A,
    PART_B,
    PARTICULARS,
    POSITIONS,
    STATIONS,
    extract,
)

__all__ = ["REASONS", "Decoded", "Decoder", "Particulars", "Positions"]

REASONS = framing.REASONS | {
    "payload": "the payload holds a character that AIS armour does not have",
    "too-short": "the message is shorter than its type needs",
    "fragment-missing": "other parts of this message never came",
    "stalled": "the peer fell silent in the middle of this sentence",
}


class Decoder:
    """Decodes a stream block by block; keeps the broken last line and parts that still wait."""

    def __init__(self, assembler: Assembler | None = None) -> None:
        self.assembler = assembler or Assembler()
        self.clocks = Clocks()
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

    def abandon(self, *, clock: float) -> tuple[bytes, Decoded]:
        """As `feed`, for the last line of a peer that fell silent; half a line is set aside."""
        half, self._rest = self._rest, b""
        block = half + b"\n" if half else b""
        found = self.decode(block, clock=clock)
        cut = half[: framing.MAX_LINE]
        found.rejected = [
            ("stalled" if line == cut else reason, line) for reason, line in found.rejected
        ]
        return block, found

    def finish(self, *, clock: float) -> tuple[bytes, Decoded]:
        """As `feed`, for what is left when the stream has ended."""
        block, self._rest = self._rest, b""
        decoded = self.decode(block, clock=clock)
        self.assembler.flush()
        self._collect_expired(decoded)
        return block, decoded

    def decode(self, block: bytes, *, clock: float) -> Decoded:
        """What a block of whole lines holds, together with the parts that waited before."""
        payloads, decoded = self._open(block, clock)
        utc = self._read(payloads, decoded)
        receivers = decoded.receivers
        self.clocks.learn(receivers, payloads.times, decoded.stations, utc, clock)
        decoded.offset_s = self.clocks.offsets(receivers)
        self._collect_expired(decoded)
        return decoded

    def payloads(self, block: bytes) -> Iterator[tuple[bytes, int]]:
        """The armoured payload and fill bits of each message that a block of whole lines holds."""
        p, _ = self._open(block, 0.0)
        for start, length, fill in zip(p.start, p.length, p.fill, strict=True):
            yield p.buf[start : start + length].tobytes(), int(fill)

    def _open(self, block: bytes, clock: float) -> tuple[Payloads, Decoded]:
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
            NO_POSITIONS, rejected=frames.rejected, lines=frames.lines,
            sentences=frames.sentences, frames=frames, wholes=wholes,
        )  # fmt: skip
        return Payloads(
            buf, start[index], length[index], fill[index], time[index], index, time
        ), decoded  # fmt: skip

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

    def _read(self, p: Payloads, decoded: Decoded) -> np.ndarray:
        """Fill in what the payloads say; the UTC that stations tell comes back, by station."""
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
            columns.append(positions_of(p, rows, sextets, table, kind[rows]))
        if columns:
            decoded.positions = joined(columns)
        utc = self._read_stations(p, kind, bits, decoded)
        for value, (table, least) in PARTICULARS.items():
            rows = self._news(p, np.flatnonzero(kind == value), value)
            if len(rows):
                reject_into = None if value in POSITIONS else decoded
                rows, sextets = p.sound(rows, bits, least, reject_into)
                decoded.particulars.extend(particulars_of(sextets, table, p.time[rows], value))
        rows = self._news(p, np.flatnonzero(kind == 24), 24)
        if len(rows):
            self._read_24(p, rows, bits, decoded)
        return utc

    def _read_stations(
        self, p: Payloads, kind: np.ndarray, bits: np.ndarray, decoded: Decoded
    ) -> np.ndarray:
        columns, told = [], []
        for value in sorted(STATIONS.keys() & decoded.kinds.keys()):
            table, least = STATIONS[value]
            rows, sextets = p.sound(np.flatnonzero(kind == value), bits, least, decoded)
            found, utc = stations_of(p, rows, sextets, table, kind[rows])
            if table is AID and len(rows):
                mmsi, first = np.unique(found.mmsi, return_index=True)
                names = extract(sextets[first], AID_NAME).tolist()
                told_by = zip(mmsi.tolist(), names, strict=True)
                decoded.station_names |= {one: n.decode("ascii") for one, n in told_by if n}
            columns.append(found)
            told.append(utc)
        if not columns:
            return np.empty(0)
        decoded.stations = joined(columns)
        return np.concatenate(told)

    def _read_24(self, p: Payloads, rows: np.ndarray, bits: np.ndarray, decoded: Decoded) -> None:
        rows, sextets = p.sound(rows, bits, 160, decoded)
        part = extract(sextets, (38, 2, "u"))
        for number, table in enumerate((PART_A, PART_B)):
            some = part == number
            decoded.particulars.extend(particulars_of(sextets[some], table, p.time[rows[some]], 24))

    def _news(self, p: Payloads, rows: np.ndarray, kind: int) -> np.ndarray:
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
