"""What a vessel is and what it is doing, from the codes that AIS sends. Pure.

Source: ITU-R M.1371-5, tables 45 (navigational status) and 53 (type of ship).
"""

import numpy as np

UNDER_WAY, FISHING, STOPPED, DISTRESS, UNKNOWN, OLD = (
    "under-way", "fishing", "stopped", "distress", "unknown", "old",
)  # fmt: skip
STOPPED_KN = 0.5

_KINDS = {30: "fishing", 35: "official", 36: "pleasure", 37: "pleasure", 50: "official",
          51: "official", 53: "official", 55: "official", 58: "official", 59: "official",
          31: "tug", 32: "tug", 52: "tug"}  # fmt: skip
_TENS = {4: "passenger", 6: "passenger", 7: "cargo", 8: "tanker"}


def kind_of(ship_type: int | None) -> str:
    """The vessel's kind as a word, "unknown" where the code tells none."""
    if not ship_type:
        return "unknown"
    return _KINDS.get(ship_type) or _TENS.get(ship_type // 10, "other")


def states_of(status: np.ndarray, speed_kn: np.ndarray) -> np.ndarray:
    """What each vessel is doing, as words, from its navigational status (-1: none) and speed.

    Speed outweighs a status that says otherwise, for crews forget to change it; only status 7
    (fishing) and 14 (search and rescue transmitter) say what speed cannot.
    """
    state = np.full(len(status), UNKNOWN, dtype="U9")
    still_status = np.isin(status, (1, 5, 6))
    state[np.isin(status, (0, 3, 4, 8))] = UNDER_WAY
    state[still_status] = STOPPED
    told = ~np.isnan(speed_kn)
    state[told & (speed_kn < STOPPED_KN)] = STOPPED
    state[told & (speed_kn >= STOPPED_KN)] = UNDER_WAY
    state[status == 7] = FISHING
    state[status == 14] = DISTRESS
    return state
