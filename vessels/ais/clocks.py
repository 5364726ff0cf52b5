"""Receivers whose clocks are wrong, found by what they pass on. Pure; no clock of its own.

Two things give a receiver away: base stations say the UTC in full (type 4), and on a live line a
lag that stays at whole half hours is a wrong zone, where a late delivery catches up instead.
"""

from collections import deque

import numpy as np

from vessels.ais.columns import Positions

WRONG_S = 120.0
BELIEVED_S = 86_400.0  # a base station that is further off than a day is itself the one that errs
STEADY_S = 30.0
ZONE_S = 1800.0
REPORTS_LEAST, REPORTS_KEPT = 3, 31
LAGS_LEAST, LAGS_KEPT = 20, 200
LAGS_OVER_S = 60.0
OUR_CLOCK = 1e9  # what is below it is no time of day: a file is read, not a live line
BASE_KIND = 4


class Clocks:
    """What is known of each receiver's clock. Positive offsets run ahead of UTC; in seconds."""

    def __init__(self) -> None:
        self._reports: dict[bytes, deque[float]] = {}
        self._lags: dict[bytes, deque[tuple[float, float]]] = {}
        self.wrong: dict[bytes, float] = {}

    def learn(
        self, receivers: np.ndarray, times: np.ndarray, heard: Positions, utc: np.ndarray,
        arrival: float,
    ) -> None:  # fmt: skip
        """Take in a block: by line its receiver and time; of stations their rows and told UTC.

        `arrival` is our time in epoch seconds on a live line, anything under 1e9 for a file.
        """
        touched = set()
        for i in np.flatnonzero((heard.kind == BASE_KIND) & np.isfinite(utc + heard.time)):
            receiver = bytes(receivers[heard.line[i]])
            offset = float(heard.time[i] - utc[i])
            if receiver and abs(offset) <= BELIEVED_S:
                known = self._reports.setdefault(receiver, deque(maxlen=REPORTS_KEPT))
                known.append(offset)
                touched.add(receiver)
        if arrival > OUR_CLOCK:
            touched |= self._learn_lags(receivers, times, arrival)
        for receiver in touched:
            self._judge(receiver)

    def _learn_lags(self, receivers: np.ndarray, times: np.ndarray, arrival: float) -> set[bytes]:
        told = np.isfinite(times) & (receivers != b"")
        names, where = np.unique(receivers[told], return_inverse=True)
        lags = times[told] - arrival
        for n, name in enumerate(names.tolist()):
            known = self._lags.setdefault(name, deque(maxlen=LAGS_KEPT))
            known.extend((arrival, lag) for lag in lags[where == n][-LAGS_KEPT:].tolist())
        return set(names.tolist())

    def _judge(self, receiver: bytes) -> None:
        offset = self._by_reports(receiver)
        if offset is None:
            offset = self._by_lags(receiver)
        if offset is not None and abs(offset) > WRONG_S:
            self.wrong[receiver] = offset
        else:
            self.wrong.pop(receiver, None)

    def _by_reports(self, receiver: bytes) -> float | None:
        known = self._reports.get(receiver, ())
        if len(known) < REPORTS_LEAST:
            return None
        offset = float(np.median(known))
        near = np.abs(np.array(known) - offset) < STEADY_S
        return offset if np.count_nonzero(near) * 2 > len(known) else None

    def _by_lags(self, receiver: bytes) -> float | None:
        known = self._lags.get(receiver)
        if known is None or len(known) < LAGS_LEAST:
            return None
        arrived, lags = np.array(known).T
        if arrived[-1] - arrived[0] < LAGS_OVER_S or np.ptp(lags) > STEADY_S:
            return None
        offset = float(np.median(lags))
        steps = round(offset / ZONE_S)
        return offset if steps and abs(offset - steps * ZONE_S) < STEADY_S else None

    def offsets(self, receivers: np.ndarray) -> np.ndarray:
        """By line how far its receiver's clock is off (s, float64), 0 where it is believed."""
        offset = np.zeros(len(receivers))
        for receiver, wrong in self.wrong.items():
            offset[receivers == receiver] = wrong
        return offset
