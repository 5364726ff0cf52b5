"""Writes: a batch of what was heard becomes history, latest positions and changes on the map."""

import hashlib
import zlib
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from geo import estimates
from geo.cells import cells_of
from geo.deleting import delete_in_parts
from layers import changes
from vessels import kinds, quality
from vessels.ais.decode import Decoded
from vessels.ingest import bulk, particulars, shared
from vessels.ingest.bulk import Rows
from vessels.ingest.fleet import Fleet
from vessels.layers import VESSELS
from vessels.models import LiveVessel, RejectedLine
from vessels.quality import Flag

REJECTED_KEPT = timedelta(days=30)
REJECTED_MOST = 200_000
FINE_REPLAY_S = 3600  # the last hour is replayed minute by minute,
COARSE_STEP_S = 300  # what is older in steps of five (as AIS-catcher's tiers)
COUNTS = ("lines", "sentences", "positions", "new", "moved", "doubtful", "repeated", "again",
          "stations")  # fmt: skip


@dataclass(slots=True)
class Stored:
    """What became of a batch."""

    lines: int = 0
    sentences: int = 0
    positions: int = 0
    new: int = 0
    moved: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    repeated: int = 0  # positions that history already had
    again: int = 0  # batches that were taken in before, byte for byte
    stations: int = 0  # messages of base stations and aids: none is a vessel
    doubts: Counter[str] = field(default_factory=Counter)  # positions by their gravest doubt
    checksums: Counter[str] = field(default_factory=Counter)  # good, bad
    wrong_clocks: dict[str, float] = field(default_factory=dict)  # receiver: seconds ahead

    def add(self, other: "Stored") -> None:
        """Count another batch in."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.rejected += other.rejected
        self.checksums += other.checksums
        self.doubts += other.doubts
        self.wrong_clocks |= other.wrong_clocks


def store(
    *, fleet: Fleet, block: bytes, decoded: Decoded, clock: float, live: bool,
    vessels: np.ndarray | None = None,
) -> Stored:  # fmt: skip
    """Keep a batch: the lines as received, positions, latest, particulars, changes. One commit.

    `clock` (epoch s) is the time of lines that tell none; `live` says that it is the true one.
    `vessels` are the vessels' ids by position, by default those of their MMSIs.
    Raises what the database raises, and then remembers nothing.
    """
    try:
        with transaction.atomic():
            return _store(fleet, block, decoded, clock, live, vessels)
    except BaseException:
        fleet.forget()
        raise


def _store(
    fleet: Fleet, block: bytes, decoded: Decoded, clock: float, live: bool,
    vessels: np.ndarray | None,
) -> Stored:  # fmt: skip
    body = _compressor.submit(zlib.compress, block, 1)
    feed_id = fleet.feed_id()
    rows, refused = _rows(fleet, decoded, clock, live, vessels)
    rejected = decoded.rejected + refused
    told = particulars.keep(fleet, decoded.particulars, clock)
    new = 0
    moved: list[int] = []
    if len(rows):
        fleet.open_days(rows.time)
        new, moved = bulk.write(rows, feed_id)
        _remember(fleet, rows)
    reasons = Counter(reason for reason, _ in rejected)
    stored = Stored(
        decoded.lines, decoded.sentences, len(rows), new, len(moved), reasons,
        int(np.count_nonzero(rows.flags)), len(rows) - new,
        checksums=Counter(decoded.checksums()), wrong_clocks=_wrong_clocks(decoded),
        stations=len(decoded.stations),
        doubts=Counter(quality.doubt_of(f) for f in rows.flags[rows.flags != 0].tolist()),
    )  # fmt: skip
    stored.again = not _keep_raw(feed_id, block, body, stored, clock, live)
    if not stored.again:  # a second time the same is not heard twice as often
        particulars.keep_stations(fleet, decoded, clock)
    _set_aside(feed_id, rejected)
    told += fleet.touched
    fleet.touched.clear()
    _record_changes(rows, set(moved), told, replay=new > 0)
    return stored


def _rows(
    fleet: Fleet, decoded: Decoded, clock: float, live: bool, vessels: np.ndarray | None
) -> tuple[Rows, list[tuple[str, bytes]]]:
    """The positions that may be stored, sorted and flagged, and the lines of the others."""
    heard = decoded.positions
    time, ours = quality.times_of(heard, clock=clock)
    reason = quality.refusals(heard, time, clock=timezone.now().timestamp())
    if decoded.offset_s is not None and decoded.offset_s.any():
        reason[decoded.offset_s[heard.line] != 0] = "receiver-clock"
    reason[(reason == "") & quality.floods(heard.mmsi, time, heard.kind)] = "long-range-flood"
    refused = [
        (str(reason[i]), decoded.line_of(int(heard.line[i]))) for i in np.flatnonzero(reason != "")
    ]
    kept = np.flatnonzero(reason == "")
    vessel = fleet.vessels(heard.mmsi[kept]) if vessels is None else vessels[kept]
    order = np.lexsort((time[kept], vessel))
    vessel, kept = vessel[order], kept[order]
    time = time[kept]
    if vessels is None:
        parts = shared.sort_out(fleet, vessel, time, heard, kept)
        if parts is not vessel:
            order = np.lexsort((time, parts))
            vessel, kept, time = parts[order], kept[order], time[order]
    first = np.ones(len(kept), bool)  # several receivers hear one report: the first stays
    first[1:] = (vessel[1:] != vessel[:-1]) | (time[1:] != time[:-1])
    vessel, kept, time = vessel[first], kept[first], time[first]
    heard = heard.take(kept)
    last = np.ones(len(kept), bool)
    last[:-1] = vessel[1:] != vessel[:-1]
    flags = quality.flags_of(heard, ours[kept] & (not live))
    flags |= _leaps(fleet, vessel, time, heard.lon, heard.lat, heard.kind)
    flags |= np.where(fleet.on_land(heard.lon, heard.lat), Flag.ON_LAND, 0).astype(np.int16)
    rows = Rows(
        vessel, time, heard.lon, heard.lat, cells_of(heard.lon.tolist(), heard.lat.tolist()),
        heard.speed_kn, heard.course_deg, heard.heading_deg, heard.status, flags, heard.kind,
        kinds.states_of(heard.status, heard.speed_kn), last,
    )  # fmt: skip
    return rows, refused


def _leaps(
    fleet: Fleet, vessel: np.ndarray, time: np.ndarray, lon: np.ndarray, lat: np.ndarray,
    kind: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The flags of rows that do not fit the vessel's position before, in the batch or known."""
    heads = np.flatnonzero(np.concatenate(([True], vessel[1:] != vessel[:-1])))[: len(vessel)]
    known = [(i, fleet.last[v]) for i, v in zip(heads.tolist(), vessel[heads].tolist(), strict=True)
             if v in fleet.last and fleet.last[v][0] < time[i]]  # fmt: skip
    at = np.array([i for i, _ in known], np.intp)
    before = np.array([where for _, where in known], np.float64).reshape(-1, 3).T
    own = np.delete(np.arange(len(vessel) + len(at)), at + np.arange(len(at)))
    columns = ((vessel, vessel[at]), (time, before[0]), (lon, before[1]), (lat, before[2]),
               (kind, kind[at]))  # fmt: skip
    return quality.leaps(*(np.insert(own_, at, new) for own_, new in columns))[own]


def _remember(fleet: Fleet, rows: Rows) -> None:
    tail = np.flatnonzero(rows.last)
    swapped = (rows.flags[tail] & Flag.SWAPPED) > 0
    lon, lat = rows.lon[tail], rows.lat[tail]
    east, north = np.where(swapped, lat, lon), np.where(swapped, lon, lat)
    columns = (rows.vessel[tail], rows.time[tail], east, north)
    for vessel, *at in zip(*(column.tolist() for column in columns), strict=True):
        if vessel not in fleet.last or fleet.last[vessel][0] < at[0]:
            fleet.last[vessel] = tuple(at)


def _wrong_clocks(decoded: Decoded) -> dict[str, float]:
    if decoded.offset_s is None or not decoded.offset_s.any():
        return {}
    lines = np.flatnonzero(decoded.offset_s)
    names, first = np.unique(decoded.receivers[lines], return_index=True)
    offsets = decoded.offset_s[lines[first]]
    return {
        name.decode("ascii", "replace"): round(float(offset))
        for name, offset in zip(names.tolist(), offsets, strict=True)
    }


RAW = """
INSERT INTO vessels_rawbatch (feed_id, received_at, digest, lines, sentences, positions, rejected,
    body, clock, live)
VALUES (%s, now(), %b, %s, %s, %s, %s, %b, %s, %s) ON CONFLICT DO NOTHING
"""
_compressor = ThreadPoolExecutor(1, "vessels-raw")  # zlib works while the database does


def _keep_raw(
    feed_id: int, block: bytes, body: Future[bytes], stored: Stored, clock: float, live: bool
) -> bool:
    """Whether these lines were not kept before."""
    if not block.strip():
        return True
    values = [
        feed_id, hashlib.sha256(block).digest(), stored.lines, stored.sentences,
        stored.positions, stored.rejected.total(), body.result(),
        clock, live,
    ]  # fmt: skip
    with psycopg.Cursor(connection.connection) as cursor:  # binds megabytes in binary, unquoted
        cursor.execute(RAW, values)
        return cursor.rowcount > 0


SET_ASIDE = """
INSERT INTO vessels_rejectedline (feed_id, reason, line, digest, rejected_at)
SELECT %s, reason, line, digest, now()
FROM unnest(%s::text[], %s::text[], %s::uuid[]) AS said(reason, line, digest)
ON CONFLICT DO NOTHING
"""


def _set_aside(feed_id: int, rejected: list[tuple[str, bytes]]) -> None:
    lines: dict[str, tuple[str, str]] = {}
    for reason, line in rejected:
        digest = hashlib.md5(reason.encode() + line).hexdigest()
        text = line.decode("ascii", "backslashreplace").replace("\0", "\\x00")
        lines[digest] = reason, text
    if lines:
        reasons, texts = zip(*lines.values(), strict=True)
        with psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(SET_ASIDE, [feed_id, list(reasons), list(texts), list(lines)])


def note_repeat(feed_id: int, what: str) -> None:
    """Set aside that a whole delivery was sent again: nothing of it is stored twice."""
    _set_aside(feed_id, [("repeated-delivery", what.encode())])


def _record_changes(rows: Rows, moved: set[int], told: list[int], *, replay: bool) -> None:
    """Tell the map: what the replay still covers, and each vessel that moved or changed, once."""
    since = timezone.now().timestamp() - settings.IOC_REPLAY_HOURS * 3600
    earlier = _thinned(rows, np.flatnonzero(rows.time > since))
    is_now = rows.last[earlier] & np.isin(rows.vessel[earlier], list(moved))
    shown = moved | set(told)
    if replay and len(earlier := earlier[~is_now]):
        changes.record_many(_past(rows, earlier))
        shown.update(rows.vessel[earlier].tolist())  # so that the newest is what is published
    if shown:
        bulk.record_moved(VESSELS, sorted(shown))


def _past(rows: Rows, index: np.ndarray) -> list[changes.ChangeRow]:
    """The changes that say where vessels were at these rows."""
    heard = np.unique(rows.vessel[index]).tolist()
    for table in ("vessels_vessel", "vessels_latest"):
        estimates.known(table, len(heard))
    vessels = LiveVessel.objects.filter(pk__in=heard)
    known = {vessel.pk: changes.props_of(VESSELS, vessel, "full") for vessel in vessels}
    past = []
    for i in index.tolist():
        vessel, at = int(rows.vessel[i]), datetime.fromtimestamp(float(rows.time[i]), UTC)
        past.append(
            changes.ChangeRow(
                layer=VESSELS.slug, feature_id=str(vessel), at=at, lon=float(rows.lon[i]),
                lat=float(rows.lat[i]), props=known[vessel] | _said(rows, i, at),
            )
        )  # fmt: skip
    return past


def _thinned(rows: Rows, index: np.ndarray) -> np.ndarray:
    """Of these rows the last of each vessel in each minute (older than an hour: five minutes)."""
    age = timezone.now().timestamp() - rows.time[index]
    step = np.where(age > FINE_REPLAY_S, COARSE_STEP_S, 60)
    slot, vessel = rows.time[index] // step, rows.vessel[index]
    last = np.ones(len(index), bool)
    last[:-1] = (vessel[1:] != vessel[:-1]) | (slot[1:] != slot[:-1]) | (step[1:] != step[:-1])
    return index[last]


def _said(rows: Rows, i: int, at: datetime) -> dict[str, object]:
    speed, course = float(rows.speed_kn[i]), float(rows.course_deg[i])
    return {
        "state": str(rows.state[i]), "observed_at": changes.plain(at),
        "speed_kn": None if speed != speed else round(speed, 1),
        "course_deg": None if course != course else round(course, 1),
        "doubt": quality.doubt_of(int(rows.flags[i])),
    }  # fmt: skip


def forget_rejected(*, now: datetime | None = None) -> int:
    """How many set-aside lines were dropped: those over 30 days old, and beyond 200,000."""
    now = now or timezone.now()
    gone = delete_in_parts(RejectedLine.objects.filter(rejected_at__lt=now - REJECTED_KEPT))
    beyond = RejectedLine.objects.order_by("-pk").values_list("pk", flat=True)[REJECTED_MOST:]
    if newest := next(iter(beyond[:1]), None):
        gone += delete_in_parts(RejectedLine.objects.filter(pk__lte=newest))
    return gone
