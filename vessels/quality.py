"""When a position was true, and what is wrong with it. Pure: columns in, times and flags out."""

from enum import IntFlag

import numpy as np

from vessels.ais.decode import Positions


class Flag(IntFlag):
    """What makes a stored position doubtful. Several may hold; 0 is a position without a doubt."""

    IMPOSSIBLE_JUMP = 1  # from the position before it, faster than any vessel
    ABSURD_SPEED = 2  # over the highest speed a vessel may claim
    NULL_ISLAND = 4  # 0° N 0° E: a receiver that had no fix
    CLOCK_OURS = 8  # the line told no time: ours was taken
    SWAPPED = 16  # fits the vessel's way only with latitude and longitude exchanged
    ON_LAND = 32  # farther ashore than coast lines err; it stays on the track


HARMLESS = int(Flag.CLOCK_OURS | Flag.ON_LAND)
"""What may be doubtful of a position without keeping it from its track."""

REASONS = {
    "no-position": "the sender says that it has no position (lat 91, lon 181)",
    "swapped-position": "latitude and longitude are exchanged: the latitude is beyond a pole",
    "receiver-clock": "the receiver's clock is wrong by minutes or hours",
    "long-range-flood": "more long-range reports of one MMSI in a minute than AIS allows",
    "absurd-position": "latitude or longitude beyond the globe",
    "absurd-mmsi": "no vessel can carry this MMSI",
    "future-time": "the receiver's time is more than 5 minutes ahead of ours",
    "repeated-delivery": "the whole delivery came before, byte for byte",
    "absurd-time": "the receiver's time lies before AIS existed",
}

FUTURE_S = 300.0
AIS_BEGAN = 946_684_800.0  # 2000-01-01, epoch s
MAX_SPEED_KN = 80.0  # the fastest ferries do 58; search and rescue aircraft are not held to it
JUMP_LEAST_M = 1_000.0  # below it the 1 s resolution of times decides, not the vessel
EARTH_M = 6_371_008.8
KN = 1852 / 3600  # m/s
AIRCRAFT_KIND, LONG_RANGE_KIND, VMS_KIND = 9, 27, 0
LONG_RANGE_MOST = 6  # a minute; one in three minutes is due, and several receivers may pass it on
PASSES = 32  # exchanged positions of a vessel are undone one at a time, so many in a batch


def times_of(positions: Positions, *, clock: float) -> tuple[np.ndarray, np.ndarray]:
    """Epoch seconds of each position, and whether our `clock` had to stand in.

    The receiver's time says the minute, the sender's own UTC second (from its satellites) says
    the second; it is taken where it lies up to 10 s before the receiver's or 2 s after, so that
    two receivers of one report agree on its time.
    """
    ours = np.isnan(positions.time)
    heard = np.where(ours, clock, positions.time)
    whole = np.floor(heard)
    lag = (whole - positions.second) % 60  # 0..59: that many seconds before it was heard
    lag = np.where(lag >= 58, lag - 60, lag)
    usable = (positions.second < 60) & (lag <= 10)
    return np.where(usable, whole - lag, heard), ours


def refusals(positions: Positions, time: np.ndarray, *, clock: float) -> np.ndarray:
    """For each position the reason why it is set aside, "" where it may be stored."""
    reason = np.full(len(positions), "", dtype="U20")
    lon, lat = np.abs(positions.lon), np.abs(positions.lat)
    reason[(lon > 180) | (lat > 90)] = "absurd-position"
    reason[(lon <= 90) & (lat > 90) & (lat <= 180)] = "swapped-position"
    reason[(np.rint(lon * 600) == 108_600) | (np.rint(lat * 600) == 54_600)] = "no-position"
    nobody = (positions.mmsi <= 0) | (positions.mmsi > 999_999_999)
    reason[nobody & (positions.kind != VMS_KIND)] = "absurd-mmsi"
    reason[time < AIS_BEGAN] = "absurd-time"
    reason[time > clock + FUTURE_S] = "future-time"
    return reason


def floods(mmsi: np.ndarray, time: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Which rows are long-range reports (type 27) beyond what one MMSI may send, a mask (n,).

    Where a minute holds more than six of an MMSI, all but its first are too many.
    """
    over = np.zeros(len(mmsi), bool)
    rows = np.flatnonzero(kind == LONG_RANGE_KIND)
    rows = rows[np.lexsort((time[rows], mmsi[rows]))]
    minute = time[rows] // 60
    fresh = np.ones(len(rows), bool)
    fresh[1:] = (mmsi[rows][1:] != mmsi[rows][:-1]) | (minute[1:] != minute[:-1])
    group = np.cumsum(fresh) - 1
    many = np.bincount(group, minlength=1)[group] > LONG_RANGE_MOST if len(rows) else fresh
    over[rows[many & ~fresh]] = True
    return over


def distances_m(
    lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray
) -> np.ndarray:
    """Great-circle distances in metres between points in degrees (haversine, mean radius)."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    a = np.sin((phi2 - phi1) / 2) ** 2
    a += np.cos(phi1) * np.cos(phi2) * np.sin(np.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(a, 0, 1)))


def flags_of(positions: Positions, ours: np.ndarray) -> np.ndarray:
    """Flags of each position taken by itself (int16)."""
    flags = np.where(ours, np.int16(Flag.CLOCK_OURS), np.int16(0))
    aircraft = positions.kind == AIRCRAFT_KIND
    flags |= np.where((positions.speed_kn > MAX_SPEED_KN) & ~aircraft, Flag.ABSURD_SPEED, 0).astype(
        np.int16
    )
    null = (positions.lon == 0) & (positions.lat == 0)
    return flags | np.where(null, Flag.NULL_ISLAND, 0).astype(np.int16)


def jumps(
    vessel: np.ndarray, time: np.ndarray, lon: np.ndarray, lat: np.ndarray, kind: np.ndarray
) -> np.ndarray:
    """Which rows lie impossibly far from the row before them, given rows sorted by vessel, time.

    The first row of a vessel is never one; give its last known position as its first row.
    """
    if len(vessel) < 2:
        return np.zeros(len(vessel), bool)
    far = distances_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    apart = np.maximum(time[1:] - time[:-1], 1.0)
    same = (vessel[1:] == vessel[:-1]) & (kind[1:] != AIRCRAFT_KIND)
    leap = same & (far > JUMP_LEAST_M) & (far > apart * MAX_SPEED_KN * KN)
    return np.concatenate(([False], leap))


def leaps(
    vessel: np.ndarray, time: np.ndarray, lon: np.ndarray, lat: np.ndarray, kind: np.ndarray
) -> np.ndarray:
    """As `jumps`, but the flag (int16): SWAPPED where only exchanged lat and lon fit the way."""
    flags = np.zeros(len(vessel), np.int16)
    lon, lat, judged = lon.copy(), lat.copy(), np.abs(lon) > 90
    for _ in range(PASSES):
        rows = np.flatnonzero(jumps(vessel, time, lon, lat, kind) & ~judged)
        rows = rows[np.unique(vessel[rows], return_index=True)[1]]  # a vessel's first alone
        if not len(rows):
            break
        judged[rows] = True
        far = distances_m(lon[rows - 1], lat[rows - 1], lat[rows], lon[rows])
        apart = np.maximum(time[rows] - time[rows - 1], 1.0)
        rows = rows[(far <= JUMP_LEAST_M) | (far <= apart * MAX_SPEED_KN * KN)]
        flags[rows] = Flag.SWAPPED
        lon[rows], lat[rows] = lat[rows], lon[rows]
    flags[jumps(vessel, time, lon, lat, kind)] |= np.int16(Flag.IMPOSSIBLE_JUMP)
    return flags


def doubt_of(flags: int) -> str:
    """The gravest doubt as the word that the map shows (as the view `vessels_live` has it)."""
    for flag, word in _WORDS:
        if flags & flag:
            return word
    return "none"


_WORDS = (
    (Flag.SWAPPED, "swapped"),
    (Flag.IMPOSSIBLE_JUMP, "jump"),
    (Flag.ABSURD_SPEED, "speed"),
    (Flag.NULL_ISLAND, "no-fix"),
    (Flag.ON_LAND, "land"),
    (Flag.CLOCK_OURS, "clock"),
)
