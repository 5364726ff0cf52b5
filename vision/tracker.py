"""Boxes joined over time into tracks, in two stages, with numpy and scipy alone.

Source: ByteTrack (Zhang et al., 2022): sure detections first, then the unsure ones for tracks
still waiting. Motion is by time stamp, so dropped frames do not bend it.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from vision.detectors.detections import Detections
from vision.tracks import Box, Track, foot_of

__all__ = ["Settings", "Track", "Tracker", "overlaps"]

SPEEDS, LEANING = 0.5, 0.15  # of the way it was expected to come unseen: more or less; aside
HIDING = 0.5  # of a box expected, covered by one nearer: it need not be seen


@dataclass(frozen=True)
class Settings:
    """Tuned by eye on road video at 5 to 25 pictures a second."""

    sure: float = 0.4  # a score from which a detection may start a track
    weak: float = 0.2  # a score from which one may continue a track
    confirm_hits: int = 3
    keep_s: float = 1.0  # a track unseen for longer ends …
    keep_hidden_s: float = 4.0  # … unless something nearer stands before it, and then after this
    min_overlap: float = 0.15  # of boxes grown by `grow` on each side
    grow: float = 0.2
    inertia: float = 0.6  # share of the old velocity that is kept
    still_hits: int = 6  # hits from which the velocity is fully believed
    most_growth: float = 2.0  # of the area of what is so well known and stands, between two looks


class Tracker:
    """Tracks of one camera. Time must run forwards; a step back starts everything afresh."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._tracks: list[Track] = []
        self._last_id = 0
        self._now_s = -np.inf

    def update(self, found: Detections, at_s: float) -> list[Track]:
        """The confirmed tracks seen at this moment."""
        if at_s <= self._now_s:
            self._tracks.clear()
        self._now_s = at_s
        s = self.settings
        sure = np.flatnonzero(found.score >= s.sure)
        weak = np.flatnonzero((found.score < s.sure) & (found.score >= s.weak))
        waiting, free = self._match(self._tracks, found, sure, at_s)
        steady = [t for t in waiting if t.confirmed and at_s - t.seen_s <= s.keep_s]
        self._match(steady, found, weak, at_s)
        for i in self._come_out(waiting, found, free, at_s):
            self._start(found, i, at_s)
        seen = [t for t in self._tracks if t.seen_s == at_s]
        lost = [t for t in self._tracks if t.seen_s < at_s and t.hits > 1]
        self._note_hidden(lost, seen, at_s)
        kept = [
            t for t in lost
            if at_s - max(t.seen_s, t.behind_s) <= s.keep_s and at_s - t.seen_s <= s.keep_hidden_s
        ]  # fmt: skip
        self._tracks = sorted(seen + kept, key=lambda t: t.id)
        return [t for t in self._tracks if t.confirmed and t.seen_s == at_s]

    def unseen(self) -> Detections:
        """Where the tracks that were not seen at this moment are expected, score 0."""
        lost = [t for t in self._tracks if 0 < self._now_s - t.seen_s <= self.settings.keep_s]
        boxes = [t.predicted(self._now_s) for t in lost]
        return Detections(
            np.array(boxes, np.float32).reshape(-1, 4),
            np.zeros(len(lost), np.float32),
            np.zeros(len(lost), np.int64),
            tuple(t.class_name for t in lost),
        )

    def _note_hidden(self, lost: list[Track], seen: list[Track], at_s: float) -> None:
        """Notes which of the lost are expected behind one of those seen: half covered by it."""
        if not lost or not seen:
            return
        back = np.array([t.predicted(at_s) for t in lost])[:, None]
        front = np.array([t.box for t in seen])[None]
        size = np.minimum(back[..., 2:], front[..., 2:]) - np.maximum(back[..., :2], front[..., :2])
        area = np.maximum((back[..., 2:] - back[..., :2]).prod(-1), 1e-9)
        covered = np.clip(size, 0, None).prod(-1) >= HIDING * area
        for t, hidden in zip(lost, (covered & (front[..., 3] > back[..., 3])).any(1), strict=True):
            if hidden:
                t.behind_s = at_s

    def _match(
        self, tracks: list[Track], found: Detections, rows: NDArray[np.intp], at_s: float
    ) -> tuple[list[Track], list[int]]:
        """Updates the tracks that fit one of the detections `rows`; what is left of both."""
        if not tracks or not len(rows):
            return list(tracks), rows.tolist()
        expected, there = np.array([t.predicted(at_s) for t in tracks]), found.xyxy[rows]
        overlap = overlaps(expected, there, self.settings.grow)
        # Whatever drives in before a thing that stands is not that thing grown large.
        stands = np.array([t.hits >= self.settings.still_hits and t.stands for t in tracks])
        growth = _areas(there)[None] / np.maximum(_areas(expected), 1e-9)[:, None]
        overlap[stands[:, None] & (growth > self.settings.most_growth)] = 0.0
        left, right = linear_sum_assignment(-overlap)
        fits = overlap[left, right] >= self.settings.min_overlap
        self._continue([tracks[a] for a in left[fits]], found, rows[right[fits]], at_s)
        taken = set(left[fits].tolist()), set(right[fits].tolist())
        return (
            [t for i, t in enumerate(tracks) if i not in taken[0]],
            [int(r) for i, r in enumerate(rows) if i not in taken[1]],
        )

    def _come_out(
        self, waiting: list[Track], found: Detections, rows: list[int], at_s: float
    ) -> list[int]:
        """Continues what was hidden and is there again sooner or later than expected.

        Nobody knows how it drove on unseen. Only where one track and one detection have nothing
        but each other; the detections that are left.
        """
        hidden = [t for t in waiting if t.confirmed and t.behind_s > t.seen_s]
        pairs = [(t, i) for t in hidden for i in rows if self._may_be(t, found, i, at_s)]
        tracks, taken = Counter(t.id for t, _ in pairs), Counter(i for _, i in pairs)
        for t, i in pairs:
            if tracks[t.id] == taken[i] == 1:
                self._continue([t], found, np.array([i]), at_s)
                rows = [row for row in rows if row != i]
        return rows

    def _may_be(self, track: Track, found: Detections, i: int, at_s: float) -> bool:
        """Whether it lies on the track's way, as far as another speed can have taken it."""
        expected, there = track.predicted(at_s), found.xyxy[i].astype(float)
        growth = float(_areas(there[None])[0] / max(_areas(expected[None])[0], 1e-9))
        alike = found.class_name[i] == track.class_name
        if not alike or not 1 / self.settings.most_growth <= growth <= self.settings.most_growth:
            return False
        (x0, y0), (x1, y1), (x, y) = track.foot, foot_of(expected), foot_of(there)
        way = math.hypot(x1 - x0, y1 - y0)
        if way == 0:
            return False
        along = ((x - x1) * (x1 - x0) + (y - y1) * (y1 - y0)) / way
        aside = ((x - x1) * (y1 - y0) - (y - y1) * (x1 - x0)) / way
        half = float(expected[2] - expected[0]) / 2
        return abs(along) <= SPEEDS * way + half and abs(aside) <= LEANING * way + half

    def _start(self, found: Detections, i: int, at_s: float) -> None:
        self._last_id += 1
        track = Track(self._last_id, found.xyxy[i].astype(float), at_s, at_s, 0.0, hits=0)
        self._tracks.append(track)
        self._note(track, found, i, at_s)

    def _continue(
        self, tracks: list[Track], found: Detections, rows: NDArray[np.intp], at_s: float
    ) -> None:
        """Each of the tracks goes on as the detection in the same place of `rows`."""
        if not tracks:
            return
        boxes = found.xyxy[rows].astype(float)
        since_s = at_s - np.array([t.seen_s for t in tracks])
        fresh = (boxes - np.array([t.box for t in tracks])) / since_s[:, None]
        hits = np.array([t.hits for t in tracks])
        keep = (self.settings.inertia * np.minimum(1.0, hits / self.settings.still_hits))[:, None]
        velocities = keep * np.array([t.velocity for t in tracks]) + (1 - keep) * fresh
        every = zip(tracks, rows.tolist(), boxes, velocities, strict=True)
        for track, i, box, velocity in every:
            track.box, track.velocity = box, velocity
            self._note(track, found, i, at_s)

    def _note(self, track: Track, found: Detections, i: int, at_s: float) -> None:
        track.seen_s = at_s
        track.hits += 1
        track.score = float(found.score[i])
        track.votes[found.class_name[i]] += track.score
        track.trail.append((at_s, *track.foot))
        track.confirmed = track.confirmed or track.hits >= self.settings.confirm_hits


def overlaps(a: Box, b: NDArray, grow: float = 0.0) -> NDArray[np.float64]:
    """Intersection over union of boxes a (n, 4) and b (m, 4), each side grown by that share."""
    a, b = _grown(a, grow).T[..., None], _grown(b, grow).T[:, None]
    wide = np.maximum(np.minimum(a[2], b[2]) - np.maximum(a[0], b[0]), 0)
    high = np.maximum(np.minimum(a[3], b[3]) - np.maximum(a[1], b[1]), 0)
    shared = wide * high
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / np.maximum(union, 1e-9)


def _areas(boxes: NDArray) -> NDArray[np.float64]:
    return (boxes[:, 2:] - boxes[:, :2]).astype(float).prod(1)


def _grown(boxes: NDArray, share: float) -> NDArray[np.float64]:
    boxes = boxes.astype(float)
    margin = (boxes[:, 2:] - boxes[:, :2]) * share
    return np.hstack([boxes[:, :2] - margin, boxes[:, 2:] + margin])
