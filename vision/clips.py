"""A few seconds around an event: blurred while they are gathered, VP8 in WebM for every browser."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vision.masks import paint
from vision.snapshots import hide, jpeg, shrunk

if TYPE_CHECKING:
    from vision.detectors import Detections, Picture

WIDTH_PX, PER_S = 480, 5
BEFORE_S, AFTER_S = 3.0, 3.0
BITS_PER_S = 350_000


@dataclass(frozen=True)
class Still:
    """One small picture in which everybody is hidden, as JPEG."""

    at: datetime
    data: bytes


@dataclass
class Reel:
    """The last seconds of one camera. What goes in is blurred; nothing clear is held."""

    shapes: Sequence[Sequence[tuple[float, float]]] = ()
    stills: deque[Still] = field(default_factory=lambda: deque(maxlen=200))
    _session: str = ""

    def add(self, picture: Picture, seen: Detections, at: datetime, session: str) -> bool:
        """Whether the picture was taken in; at most five a second are."""
        if session != self._session:
            self._session = session
            self.stills.clear()
        # A little early is on time: five a second out of 12.5 must not become four.
        if self.stills and (at - self.stills[-1].at).total_seconds() < 0.9 / PER_S:
            return False
        self.stills.append(Still(at, small(picture, seen, self.shapes)))
        oldest = at - timedelta(seconds=BEFORE_S + AFTER_S + 2)
        while self.stills[0].at < oldest:
            self.stills.popleft()
        return True

    def around(self, moment: datetime) -> list[Still]:
        begin, end = moment - timedelta(seconds=BEFORE_S), moment + timedelta(seconds=AFTER_S)
        return [still for still in self.stills if begin <= still.at <= end]


def small(
    picture: Picture, seen: Detections, shapes: Sequence[Sequence[tuple[float, float]]]
) -> bytes:
    """JPEG, 480 px wide, of what may be kept: masks black, people and plates hidden."""
    return jpeg(shrunk(paint(hide(picture, seen), shapes), WIDTH_PX), 75)


def webm(stills: Sequence[Still]) -> bytes:
    """The pictures at their own pace as VP8 in WebM. Raises ValueError where there are too few."""
    import av
    import cv2

    if len(stills) < 2:
        raise ValueError("a clip needs two pictures")
    first = _decoded(cv2, stills[0].data)
    height, width = first.shape[:2]
    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=Fraction(PER_S))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = BITS_PER_S
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.thread_count = 1
        stream.options = {"deadline": "realtime", "cpu-used": "8"}
        last = -1
        for still in stills:
            rgb = _decoded(cv2, still.data)
            if rgb.shape[:2] != (height, width):
                continue
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            last = max(last + 1, round((still.at - stills[0].at).total_seconds() * 1000))
            frame.pts, frame.time_base = last, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


def _decoded(cv2: object, data: bytes) -> NDArray[np.uint8]:
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), 1)  # type: ignore[attr-defined]
    return np.ascontiguousarray(bgr[:, :, ::-1])
