"""AIS that an authority has decoded already: tables of the Danish Maritime Authority (DMA) and of
Marine Cadastre (NOAA), old and new form, as the same columns that sentences give.

Source: the field lists at http://web.ais.dk/aisdata/!_README_information_CSV_files.txt and
https://coast.noaa.gov/data/marinecadastre/ais/data-dictionary.pdf
"""

import csv
import math
import re
from collections import Counter
from datetime import UTC, datetime

import numpy as np

from vessels.ais.columns import NO_POSITIONS, Decoded, Particulars, Positions
from vessels.ais.framing import MAX_LINE

REASONS = {
    "bad-row": "the row has not as many cells as the header",
    "bad-cell": "time, MMSI or place in the row cannot be read",
}
NAMES = {
    "timestamp": "time", "basedatetime": "time", "mmsi": "mmsi", "latitude": "lat", "lat": "lat",
    "longitude": "lon", "lon": "lon", "sog": "speed", "cog": "course", "heading": "heading",
    "navigationalstatus": "status", "status": "status", "imo": "imo", "callsign": "callsign",
    "name": "name", "vesselname": "name", "shiptype": "ship_type", "vesseltype": "ship_type",
    "length": "length", "width": "width", "typeofmobile": "mobile", "transceiverclass": "mobile",
    "transceiver": "mobile",
}  # fmt: skip
KINDS = {
    "a": 1, "b": 18, "classa": 1, "classb": 18, "basestation": 4, "aton": 21, "sarairborne": 9,
    "searchandrescuetransponder": 1, "manoverboarddevice": 1,
}  # fmt: skip
STILL = (4, 21)
STATUSES = {
    "underwayusingengine": 0, "atanchor": 1, "notundercommand": 2, "restrictedmaneuverability": 3,
    "constrainedbyherdraught": 4, "moored": 5, "aground": 6, "engagedinfishing": 7,
    "underwaysailing": 8, "reservedforfutureamendmenthsc": 9, "reservedforfutureamendmentwig": 10,
    "aissart": 14,
}  # fmt: skip
SHIP_TYPES = {
    "fishing": 30, "towing": 31, "towinglongwide": 32, "dredging": 33, "diving": 34, "military": 35,
    "sailing": 36, "pleasure": 37, "hsc": 40, "pilot": 50, "sar": 51, "tug": 52, "porttender": 53,
    "antipollution": 54, "lawenforcement": 55, "medical": 58, "passenger": 60, "cargo": 70,
    "tanker": 80, "other": 90,
}  # fmt: skip
_DANISH = re.compile(r"(\d\d)/(\d\d)/(\d{4}) (.+)")


def is_table(head: bytes) -> bool:
    """Whether a file that begins so is such a table: its header names time, MMSI and place."""
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    return {"time", "mmsi", "lat", "lon"} <= set(_columns(next(csv.reader([first]), [])))


class TableDecoder:
    """As `decode.Decoder`, for a table: whole lines in, columns out; the header comes first."""

    def __init__(self) -> None:
        self._rest = b""
        self._columns: list[str] = []
        self._told: dict[int, tuple[str, ...]] = {}

    def feed(self, chunk: bytes, *, clock: float) -> tuple[bytes, Decoded]:
        """The whole lines now complete and what they hold. `clock` is not asked."""
        data = self._rest + chunk
        cut = data.rfind(b"\n") + 1
        block, self._rest = data[:cut], data[cut:]
        return block, self._decode(block)

    def finish(self, *, clock: float) -> tuple[bytes, Decoded]:
        """As `feed`, for what is left when the file has ended."""
        block, self._rest = self._rest, b""
        return block, self._decode(block)

    def _decode(self, block: bytes) -> Decoded:
        lines = [line for line in block.splitlines() if line.strip()]
        found = Decoded(NO_POSITIONS, lines=len(lines), held=[])
        if lines and not self._columns:
            head = lines.pop(0).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
            self._columns = _columns(next(csv.reader([head])))
        kept, held = [], found.held if found.held is not None else []
        for line in lines:
            cells = _cells(line)
            if len(cells) == len(self._columns):
                kept.append(cells)
                held.append(line[:MAX_LINE])
            else:
                found.rejected.append(("bad-row", line[:MAX_LINE]))
        if kept:
            self._read(kept, found)
        found.sentences = len(kept)
        return found

    def _read(self, rows: list[list[str]], found: Decoded) -> None:
        cells = dict(zip(self._columns, zip(*rows, strict=True), strict=True))
        untold = ("",) * len(rows)
        time = np.array([_time(text) for text in cells["time"]])
        mmsi, lon, lat, speed, course, heading = (
            _numbers(cells.get(name, untold))
            for name in ("mmsi", "lon", "lat", "speed", "course", "heading")
        )
        readable = np.isfinite(time) & np.isfinite(mmsi) & np.isfinite(lon) & np.isfinite(lat)
        assert found.held is not None
        found.rejected += [("bad-cell", found.held[i]) for i in np.flatnonzero(~readable)]
        kind = np.array([KINDS.get(_plain(text), 1) for text in cells.get("mobile", untold)])
        status = [_code(text, STATUSES) for text in cells.get("status", untold)]
        found.kinds = Counter(kind[readable].tolist())
        index = np.flatnonzero(readable)
        columns = Positions(
            mmsi[index].astype(np.int64), kind[index].astype(np.int16), time[index],
            np.full(len(index), 60, np.int16), lon[index], lat[index],
            np.where((speed < 0) | (speed >= 102.25), np.nan, speed)[index].astype(np.float32),
            np.where((course < 0) | (course >= 360), np.nan, course)[index].astype(np.float32),
            np.where((heading >= 0) & (heading < 360), heading, -1)[index].astype(np.int16),
            np.array(status, np.int16)[index], index.astype(np.int32),
        )  # fmt: skip
        still = np.isin(columns.kind, STILL)
        found.positions, found.stations = columns.take(~still), columns.take(still)
        self._particulars(cells, index[~still], mmsi, time, kind, found)

    def _particulars(
        self, cells: dict[str, tuple[str, ...]], index: np.ndarray, mmsi: np.ndarray,
        time: np.ndarray, kind: np.ndarray, found: Decoded,
    ) -> None:  # fmt: skip
        names = ("name", "callsign", "imo", "ship_type", "length", "width")
        told = [cells.get(name) for name in names]
        for i in index.tolist():
            said = tuple(column[i] if column else "" for column in told)
            one = int(mmsi[i])
            if any(said) and self._told.get(one) != said:
                self._told[one] = said
                particular = _particular(one, *said)
                particular.at = float(time[i])
                particular.kind = 24 if kind[i] in (18, 19) else 5
                found.particulars.append(particular)


def _cells(line: bytes) -> list[str]:
    text = line.decode("utf-8", "replace")
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text]), [])
    except csv.Error:
        return []


def _columns(names: list[str]) -> list[str]:
    """Our names for the header's, each once; what we do not know stays, behind a question mark."""
    found: list[str] = []
    for name in names:
        ours = NAMES.get(_plain(name), f"?{name}")
        found.append(ours if ours not in found else f"?{name}")
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _time(text: str) -> float:
    """Epoch seconds of `31/12/2024 23:59:59` or ISO, both UTC; NaN if it is neither."""
    if found := _DANISH.fullmatch(text.strip()):
        text = f"{found[3]}-{found[2]}-{found[1]} {found[4]}"
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _numbers(cells: tuple[str, ...]) -> np.ndarray:
    """The cells as float64, NaN where they are none."""
    try:
        return np.array([float(cell) if cell else math.nan for cell in cells])
    except ValueError:
        return np.array([_number(cell) for cell in cells])


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _code(text: str, words: dict[str, int]) -> int:
    """The standard's number for a number or a word; -1 where nothing usable is told."""
    value = _number(text)
    if not math.isnan(value):
        return int(value) if 0 <= value <= 255 else -1
    return words.get(_plain(text), -1)


def _particular(
    mmsi: int, name: str, callsign: str, imo: str, ship_type: str, length: str, width: str
) -> Particulars:
    number = _number(re.sub(r"\D", "", imo))
    kind = _code(ship_type, SHIP_TYPES)
    sizes = [_number(size) for size in (length, width)]
    length_m, width_m = (round(size) if size > 0 and size < 1024 else None for size in sizes)
    return Particulars(
        mmsi, _word(name), _word(callsign), int(number) if 0 < number < 2**30 else None,
        kind if kind > 0 else None, length_m, width_m,
    )  # fmt: skip


def _word(text: str) -> str | None:
    return text.strip() if text.strip() not in ("", "Unknown", "Undefined") else None
