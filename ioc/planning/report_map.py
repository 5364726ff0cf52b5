"""The map of a printed analysis, drawn from borders alone: no tiles, no network, sharp at any size.

Metres of the city's metric CRS, north up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
from reportlab.lib.colors import HexColor, white
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Flowable

from geo.paper import BOLD, INK, LINE, PLAIN
from ioc.planning import gathering

SEA, LAND, BORDER = HexColor("#dcebf5"), HexColor("#f7f5ef"), HexColor("#98a3b3")
COAST, ASKED = HexColor("#6f94b0"), HexColor("#101828")
FINE = 0.35
"""Points on paper below which a bend of a border is not drawn."""
LEAST_M, ALPHA = 3_000, 0.78
INSET = 27 * mm
Heights = tuple[float, float]


@dataclass(frozen=True)
class Drawn:
    """One result on the map: its shape in metres and its colour; ``label`` for a point."""

    shape: Any
    colour: str
    label: str = ""
    alpha: float = ALPHA


@dataclass(frozen=True)
class Ground:
    """What lies under the results, in metres: land (None: unknown), wards with names, the area."""

    land: Any
    wards: Sequence[tuple[str, Any]]
    area: Any
    whole: bool
    """Whether the area is the whole city, so that its outline says nothing."""


@lru_cache(maxsize=2)
def land_of(digest: str) -> Any:
    """The land around the city in degrees, from its pack's coast; None where there is none."""
    from django.conf import settings

    from geo.models import City
    from geo.packs import PackError, Report, find_pack
    from geo.packs.land import land_polygon

    city = City.objects.filter(pack_digest=digest).first()
    if city is None or city.outline is None:
        return None
    try:
        pack = find_pack(city.slug, [settings.IOC_VAR / "packs", *settings.IOC_PACK_PATH])
        coast = pack.features("coast", Report())
        if coast is None or coast.empty:
            return None
        outline = shapely.from_wkb(bytes(city.outline.wkb))
        return land_polygon(coast, outline, pack.manifest.bounds)
    except (PackError, OSError, ValueError):
        return None  # the map is drawn without the sea


class Sheet(Flowable):  # type: ignore[misc]
    """A framed map with scale bar, north arrow and, where it is a part, a sketch of the whole."""

    def __init__(self, ground: Ground, drawn: Sequence[Drawn], width: float, heights: Heights):
        super().__init__()
        self.ground, self.drawn, self.width = ground, drawn, width
        west, south, east, north = self._extent()
        fitting = width * (north - south) / max(east - west, 1)
        self.height = min(max(fitting, heights[0]), heights[1])
        self.box = self._box(west, south, east, north)
        self.metres_a_point = (self.box[2] - self.box[0]) / width

    @property
    def denominator(self) -> int:
        """The N of the scale 1:N on paper."""
        return round(self.metres_a_point / (0.0254 / 72))

    def wrap(self, *_room: float) -> tuple[float, float]:
        return self.width, self.height

    def _extent(self) -> tuple[float, float, float, float]:
        """What has to be seen: the results and the area asked about, else the wards."""
        shapes = [one.shape for one in self.drawn]
        if self.ground.area is not None and (not shapes or not self.ground.whole):
            shapes.append(self.ground.area)
        if not shapes:
            shapes = [border for _name, border in self.ground.wards] or [shapely.Point(0, 0)]
        return tuple(shapely.total_bounds(shapes).tolist())

    def _box(
        self, west: float, south: float, east: float, north: float
    ) -> tuple[float, float, float, float]:
        """The extent with a margin, in the frame's proportions."""
        x, y = (west + east) / 2, (south + north) / 2
        wide = max((east - west) * 1.16, LEAST_M)
        high = max((north - south) * 1.16, LEAST_M)
        wide = max(wide, high * self.width / self.height)
        high = wide * self.height / self.width
        return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2

    def _place(self, xy: Any) -> Any:
        return (xy - [self.box[0], self.box[1]]) / self.metres_a_point

    def draw(self) -> None:
        canvas = self.canv
        canvas.saveState()
        frame = canvas.beginPath()
        frame.roundRect(0, 0, self.width, self.height, 4)
        canvas.clipPath(frame, stroke=0, fill=0)
        self._ground()
        for one in reversed(self.drawn):
            self._result(one)
        if self.ground.area is not None and not self.ground.whole:
            self._shape(self.ground.area, stroke=ASKED, width=1.1, dash=(4, 2))
        self._names()
        self._bar()
        self._north()
        self._inset()
        canvas.restoreState()
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.8)
        canvas.roundRect(0, 0, self.width, self.height, 4, stroke=1, fill=0)

    def _ground(self) -> None:
        canvas, land = self.canv, self.ground.land
        canvas.setFillColor(SEA if land is not None else white)
        canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        if land is not None:
            self._shape(land, fill=LAND, stroke=COAST, width=0.4)
        for _name, border in self.ground.wards:
            self._shape(border, fill=None if land is not None else LAND, stroke=BORDER, width=0.35)

    def _result(self, one: Drawn) -> None:
        if shapely.get_dimensions(one.shape) > 0:
            self._shape(one.shape, fill=HexColor(one.colour), stroke=white, width=0.3,
                        alpha=one.alpha)  # fmt: skip
            return
        canvas = self.canv
        (x, y) = self._place(shapely.get_coordinates(one.shape))[0]
        canvas.setFillColor(HexColor(one.colour))
        canvas.setStrokeColor(white)
        canvas.setLineWidth(1)
        canvas.circle(x, y, 6 if one.label else 3, stroke=1, fill=1)
        if one.label:
            canvas.setFillColor(INK)
            canvas.setFont(BOLD, 7)
            canvas.drawCentredString(x, y - 2.4, one.label)

    def _shape(
        self, shape: Any, *, fill: Any = None, stroke: Any = None, width: float = 0.5,
        alpha: float = 1.0, dash: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        canvas = self.canv
        path = canvas.beginPath()
        margin = self.metres_a_point * 20
        view = shapely.box(*self.box).buffer(margin)
        seen = shape if view.contains(shape) else shapely.intersection(shape, view)
        for ring in rings_of(shapely.simplify(seen, FINE * self.metres_a_point)):
            points = self._place(ring)
            path.moveTo(*points[0])
            for point in points[1:-1]:
                path.lineTo(*point)
            path.close()
        canvas.saveState()
        if fill is not None:
            canvas.setFillColor(fill)
            canvas.setFillAlpha(alpha)
        if stroke is not None:
            canvas.setStrokeColor(stroke)
            canvas.setLineWidth(width)
        if dash:
            canvas.setDash(*dash)
        canvas.drawPath(path, stroke=int(stroke is not None), fill=int(fill is not None),
                        fillMode=0)  # fmt: skip
        canvas.restoreState()

    def _names(self) -> None:
        """Names of wards that fit into what is seen of them, the largest first."""
        taken, view = [], shapely.box(*self.box)
        furniture = (shapely.box(0, 0, 150, 36), shapely.box(self.width - 30, self.height - 40,
                     self.width, self.height), self._inset_box())  # fmt: skip
        taken += [box for box in furniture if box is not None]
        taken += [shapely.Point(self._place(shapely.get_coordinates(one.shape))[0]).buffer(7)
                  for one in self.drawn if one.label]  # fmt: skip
        seen = [(name, shapely.intersection(border, view)) for name, border in self.ground.wards]
        seen = [(name, part) for name, part in seen if part.area > 0]
        for name, part in sorted(seen, key=lambda one: -one[1].area):
            wide = pdfmetrics.stringWidth(name, PLAIN, 6.5)
            west, _south, east, _north = part.bounds
            if (east - west) / self.metres_a_point < wide * 0.9:
                continue
            x, y = self._place(shapely.get_coordinates(shapely.point_on_surface(part)))[0]
            box = shapely.box(x - wide / 2 - 1, y - 3, x + wide / 2 + 1, y + 6)
            if any(box.intersects(other) for other in taken):
                continue
            taken.append(box)
            self._haloed(name, x, y)

    def _haloed(self, name: str, x: float, y: float) -> None:
        canvas = self.canv
        left = x - pdfmetrics.stringWidth(name, PLAIN, 6.5) / 2
        canvas.saveState()  # the mode outlives the text: all that follows would be outlines
        canvas.setLineWidth(1.8)
        canvas.setLineJoin(1)
        canvas.setStrokeColor(white)
        text = canvas.beginText(left, y)
        text.setFont(PLAIN, 6.5)
        text.setTextRenderMode(1)
        text.textOut(name)
        canvas.drawText(text)
        canvas.restoreState()
        canvas.setFillColor(INK)
        canvas.setFont(PLAIN, 6.5)
        canvas.drawString(left, y, name)

    def _bar(self) -> None:
        """A bar of round metres, four fields, some 35 mm long."""
        room = 35 * mm * self.metres_a_point
        power = 10 ** (len(str(int(room))) - 1)
        metres = max(n * power for n in (1, 2, 5) if n * power <= room)
        long, canvas = metres / self.metres_a_point, self.canv
        unit, name = (1000, "km") if metres >= 1000 else (1, "m")
        canvas.setFillColor(white)
        canvas.setFillAlpha(0.85)
        canvas.roundRect(6, 6, long + 34, 22, 3, stroke=0, fill=1)
        canvas.setFillAlpha(1)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.5)
        for n in range(4):
            canvas.setFillColor(INK if n % 2 == 0 else white)
            canvas.rect(12 + long * n / 4, 10, long / 4, 3, stroke=1, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont(PLAIN, 6.5)
        for share in (0, 0.5, 1):
            told = f"{metres * share / unit:g}" + (f" {name}" if share == 1 else "")
            canvas.drawString(10 + long * share, 17, told)

    def _north(self) -> None:
        canvas, x, y = self.canv, self.width - 16, self.height - 34
        for side, colour in ((-1, INK), (1, white)):
            path = canvas.beginPath()
            path.moveTo(x, y + 18)
            path.lineTo(x + side * 5, y)
            path.lineTo(x, y + 4)
            path.close()
            canvas.setFillColor(colour)
            canvas.setStrokeColor(INK)
            canvas.setLineWidth(0.6)
            canvas.drawPath(path, stroke=1, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, 7.5)
        canvas.drawCentredString(x, y + 20.5, "N")

    def _inset_box(self) -> Any:
        """Where the sketch of the whole lies, or None where the map shows most of it."""
        if not self.ground.wards:
            return None
        west, south, east, north = shapely.total_bounds([one for _, one in self.ground.wards])
        if self.box[2] - self.box[0] > 0.6 * (east - west):
            return None
        high = INSET * (north - south) / (east - west)
        return shapely.box(self.width - INSET - 6, 6, self.width - 6, 6 + high)

    def _inset(self) -> None:
        where = self._inset_box()
        if where is None:
            return
        canvas = self.canv
        left, low, right, top = where.bounds
        west, south, east, _north = shapely.total_bounds([one for _, one in self.ground.wards])
        metres = (east - west) / (right - left - 6)
        canvas.setFillColor(white)
        canvas.setStrokeColor(LINE)
        canvas.roundRect(left, low, right - left, top - low, 3, stroke=1, fill=1)
        canvas.setFillColor(LAND)
        canvas.setStrokeColor(BORDER)
        canvas.setLineWidth(0.25)
        for _name, border in self.ground.wards:
            path = canvas.beginPath()
            for ring in rings_of(shapely.simplify(border, metres)):
                points = (ring - [west, south]) / metres + [left + 3, low + 3]
                path.moveTo(*points[0])
                for point in points[1:-1]:
                    path.lineTo(*point)
                path.close()
            canvas.drawPath(path, stroke=1, fill=1, fillMode=0)
        canvas.setStrokeColor(HexColor("#c2186b"))
        canvas.setLineWidth(1)
        x, y = (self.box[0] - west) / metres + left + 3, (self.box[1] - south) / metres + low + 3
        wide, high = (self.box[2] - self.box[0]) / metres, (self.box[3] - self.box[1]) / metres
        canvas.rect(x, y, max(wide, 2), max(high, 2), stroke=1, fill=0)


def rings_of(shape: Any) -> Iterator[Any]:
    """The rings of all polygons of a geometry, outer and inner, as arrays of shape (n, 2)."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "GeometryCollection":
            yield from rings_of(part)
        elif part.geom_type == "Polygon" and not part.is_empty:
            for ring in (part.exterior, *part.interiors):
                yield shapely.get_coordinates(ring)


def metric(shape: Any) -> Any:
    """A geometry of the database or in degrees, in metres."""
    if hasattr(shape, "wkb") and not isinstance(shape, shapely.Geometry):
        shape = shapely.from_wkb(bytes(shape.wkb))
    return gathering.to_metric(shape)
