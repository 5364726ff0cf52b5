"""What a dossier draws itself: the sketch of the place, a clock's bar."""

from collections.abc import Sequence
from math import cos, radians

from reportlab.lib.colors import HexColor, white
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from geo.paper import LINE

Ring = Sequence[tuple[float, float]]

LAND, BORDER, PIN = HexColor("#eef2f7"), HexColor("#8795ab"), HexColor("#c2186b")
BANDS = {"within": "#3fb68b", "warning": "#f39c12", "breached": "#e4572e", "paused": "#7b8aa3"}
WARN_SHARE = 0.8
REACH_DEG = 0.02
"""How far the sketch reaches at least, so that a place without borders has a frame."""


class Sketch(Flowable):  # type: ignore[misc]
    """Borders with the place among them, north up; no network and no tiles."""

    def __init__(self, rings: Sequence[Ring], at: tuple[float, float], w: float, h: float):
        super().__init__()
        self.rings, self.at, self.width, self.height = rings, at, w, h

    def wrap(self, *_room: float) -> tuple[float, float]:
        return self.width, self.height

    def _box(self) -> tuple[float, float, float, float]:
        lon, lat = self.at
        points = [point for ring in self.rings for point in ring]
        lons = [lon - REACH_DEG, lon + REACH_DEG, *(point[0] for point in points)]
        lats = [lat - REACH_DEG, lat + REACH_DEG, *(point[1] for point in points)]
        return min(lons), min(lats), max(lons), max(lats)

    def draw(self) -> None:
        canvas = self.canv
        west, south, east, north = self._box()
        squeeze = cos(radians((south + north) / 2))
        scale = 0.92 * min(self.width / ((east - west) * squeeze), self.height / (north - south))

        def place(lon: float, lat: float) -> tuple[float, float]:
            x = (lon - (west + east) / 2) * squeeze * scale + self.width / 2
            return x, (lat - (south + north) / 2) * scale + self.height / 2

        canvas.saveState()
        canvas.setStrokeColor(LINE)
        canvas.setFillColor(white)
        canvas.roundRect(0, 0, self.width, self.height, 4, stroke=1, fill=1)
        canvas.setFillColor(LAND)
        canvas.setStrokeColor(BORDER)
        canvas.setLineWidth(0.6)
        for ring in self.rings:
            path = canvas.beginPath()
            for i, (lon, lat) in enumerate(ring):
                (path.lineTo if i else path.moveTo)(*place(lon, lat))
            path.close()
            canvas.drawPath(path, stroke=1, fill=1)
        x, y = place(*self.at)
        canvas.setFillColor(PIN)
        canvas.setStrokeColor(white)
        canvas.setLineWidth(1)
        canvas.circle(x, y, 3.2, stroke=1, fill=1)
        canvas.restoreState()


class ClockBar(Flowable):  # type: ignore[misc]
    """The share of a clock that is used, in its band's colour; full where it is over."""

    def __init__(self, used: float, state: str, width: float):
        super().__init__()
        self.used, self.state, self.width, self.height = used, state, width, 2.4 * mm

    def wrap(self, *_room: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        late = "breached" if self.used > 1 else "warning" if self.used >= WARN_SHARE else "within"
        band = "paused" if self.state == "paused" else late
        canvas, r = self.canv, self.height / 2
        canvas.saveState()
        canvas.setFillColor(LINE)
        canvas.roundRect(0, 0, self.width, self.height, r, stroke=0, fill=1)
        canvas.setFillColor(HexColor(BANDS[band]))
        share = max(0.03, min(1.0, self.used))
        canvas.roundRect(0, 0, self.width * share, self.height, r, stroke=0, fill=1)
        canvas.setStrokeColor(white)
        canvas.line(self.width * WARN_SHARE, 0, self.width * WARN_SHARE, self.height)
        canvas.restoreState()
