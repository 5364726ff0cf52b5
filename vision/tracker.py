"""Boxes joined over time into tracks, in two stages, with numpy and scipy alone.

Source: ByteTrack (Zhang et al., 2022): sure detections first, then the unsure ones for tracks
still waiting. Motion is by time stamp, so dropped frames do not bend it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from vision.detectors.detections import Detections
from vision.tracks import Box, Track

__all__ = ["Settings", "Track", "Tracker", "overlaps"]


@dataclass(frozen=True)
class Settings:
    """Tuned by eye on road video at 5 to 25 pictures a second."""

    sure: float = 0.4  # a score from which a detection may start a track
    weak: float = 0.2  # a score from which one may continue a track
    confirm_hits: int = 3
    keep_s: float = 1.0  # a track unseen for longer ends
    min_overlap: float = 0.15  # of boxes grown by `grow` on each side
    grow: float = 0.2
    inertia: float = 0.6  # share of the old velocity that is kept
    still_hits: int = 6  # hits from which the velocity is fully believed


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
        steady = [track for track in waiting if track.confirmed]
        self._match(steady, found, weak, at_s)
        for i in free:
            self._start(found, i, at_s)
        self._tracks = [
            t
            for t in self._tracks
            if t.seen_s == at_s or (t.hits > 1 and at_s - t.seen_s <= s.keep_s)
        ]
        return [t for t in self._tracks if t.confirmed and t.seen_s == at_s]

    def unseen(self) -> Detections:
        """Where the tracks that were not seen at this moment are expected, score 0."""
        lost = [t for t in self._tracks if t.seen_s < self._now_s]
        boxes = [t.predicted(self._now_s) for t in lost]
        return Detections(
            np.array(boxes, np.float32).reshape(-1, 4),
            np.zeros(len(lost), np.float32),
            np.zeros(len(lost), np.int64),
            tuple(t.class_name for t in lost),
        )

    def _match(
        self, tracks: list[Track], found: Detections, rows: NDArray[np.intp], at_s: float
    ) -> tuple[list[Track], list[int]]:
        """Updates the tracks that fit one of the detections `rows`; what is left of both."""
        if not tracks or not len(rows):
            return list(tracks), rows.tolist()
        overlap = overlaps(
            np.array([t.predicted(at_s) for t in tracks]), found.xyxy[rows], self.settings.grow
        )
        left, right = linear_sum_assignment(-overlap)
        fits = overlap[left, right] >= self.settings.min_overlap
        for a, b in zip(left[fits], right[fits], strict=True):
            self._continue(tracks[a], found, int(rows[b]), at_s)
        taken = set(left[fits].tolist()), set(right[fits].tolist())
        return (
            [t for i, t in enumerate(tracks) if i not in taken[0]],
            [int(r) for i, r in enumerate(rows) if i not in taken[1]],
        )

    def _start(self, found: Detections, i: int, at_s: float) -> None:
        self._last_id += 1
        track = Track(self._last_id, found.xyxy[i].astype(float), at_s, at_s, 0.0, hits=0)
        self._tracks.append(track)
        self._note(track, found, i, at_s)

    def _continue(self, track: Track, found: Detections, i: int, at_s: float) -> None:
        box = found.xyxy[i].astype(float)
        fresh = (box - track.box) / (at_s - track.seen_s)
        keep = self.settings.inertia * min(1.0, track.hits / self.settings.still_hits)
        track.velocity = keep * track.velocity + (1 - keep) * fresh
        track.box = box
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
    a, b = _grown(a, grow)[:, None], _grown(b, grow)[None]
    size = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None)
    shared = size.prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - shared
    return shared / np.maximum(union, 1e-9)


def _grown(boxes: NDArray, share: float) -> NDArray[np.float64]:
    boxes = boxes.astype(float)
    margin = (boxes[:, 2:] - boxes[:, :2]) * share
    return np.hstack([boxes[:, :2] - margin, boxes[:, 2:] + margin])
