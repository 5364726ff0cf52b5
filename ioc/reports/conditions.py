"""What a routing rule asks of a report: checked when saved, compiled to one predicate for both
live decisions and try-outs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

import shapely
from django.db import connection, transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, ValidationError
from shapely.geometry import shape
from shapely.validation import explain_validity

from geo.crs import LonLat, city
from geo.errors import Refused
from geo.models import District, Place
from geo.text import Text
from ioc.reports.models import Category
from ioc.reports.wording import as_text, is_in
from layers import registry

MOST_WORDS = 60
MOST_VERTICES = 2_000
NEAR_M = (1.0, 20_000.0)
PLACE = "place:"
OWN_LAYER = "reports"
DAYS = [
    Text("thứ Hai", "Monday"), Text("thứ Ba", "Tuesday"), Text("thứ Tư", "Wednesday"),
    Text("thứ Năm", "Thursday"), Text("thứ Sáu", "Friday"), Text("thứ Bảy", "Saturday"),
    Text("Chủ nhật", "Sunday"),
]  # fmt: skip


class Near(BaseModel):
    """Within so many metres of any feature of a layer, or of any place of a kind."""

    model_config = ConfigDict(extra="forbid")
    layer: str
    metres: float


class Conditions(BaseModel):
    """All of these must hold; what is empty asks nothing. Words: any of them is enough."""

    model_config = ConfigDict(extra="forbid")
    wards: list[str] = []
    area: dict[str, Any] | None = None
    near: Near | None = None
    categories: list[str] = []
    words: list[str] = []
    emergency: bool | None = None
    hours: tuple[str, str] | None = None
    weekdays: list[int] = []


@dataclass(frozen=True)
class Subject:
    """What of a report the conditions look at. `local_at` is in the city's zone."""

    code: str
    lon: float
    lat: float
    ward: str | None
    category: str
    words: str
    text: str
    """The words folded: what is not in here is not in them."""
    emergency: bool
    local_at: datetime


def check(conditions: dict[str, Any]) -> Conditions:
    """The conditions, where they can be kept to. Raises Refused: bad-rule, naming the field."""
    try:
        made = Conditions.model_validate(conditions)
    except ValidationError as error:
        where = error.errors()[0]["loc"] or ("all",)
        _refuse(str(where[0]), _("This part of the rule cannot be read."))
    _check_wards(made.wards)
    _check_categories(made.categories)
    if made.area is not None:
        area_of(made.area)
    if made.near:
        _check_near(made.near)
    _check_words(made.words)
    if made.hours:
        _check_hours(made.hours)
    if any(day not in range(7) for day in made.weekdays):
        _refuse("weekdays", _("A weekday is a number from 0 (Monday) to 6 (Sunday)."))
    return made


def _refuse(field: str, message: str) -> NoReturn:
    raise Refused("bad-rule", message, status=422, fields={f"conditions.{field}": message})


def _check_wards(wards: list[str]) -> None:
    if not wards:
        return
    known = District.objects.filter(retired_at=None, code__in=wards).values_list("code", flat=True)
    if unknown := sorted(set(wards) - set(known)):
        message = _("There is no such ward, or it no longer exists: %(wards)s.")
        _refuse("wards", message % {"wards": ", ".join(unknown)})


def _check_categories(codes: list[str]) -> None:
    if not codes:
        return
    known = Category.objects.filter(active=True, pk__in=codes).values_list("pk", flat=True)
    if unknown := sorted(set(codes) - set(known)):
        message = _("There is no such category, or it is retired: %(codes)s.")
        _refuse("categories", message % {"codes": ", ".join(unknown)})


def area_of(area: dict[str, Any]) -> shapely.Geometry:
    """The drawn area as a shape. Raises Refused where it is no sound polygon of this city."""
    try:
        made = shape(area)
        if made.geom_type not in {"Polygon", "MultiPolygon"} or made.is_empty:
            raise ValueError(made.geom_type)
    except Exception:
        _refuse("area", _("The area is not a polygon."))
    if shapely.get_num_coordinates(made) > MOST_VERTICES:
        message = _("The area has more than %(most)s corners. Draw it simpler.")
        _refuse("area", message % {"most": MOST_VERTICES})
    west, south, east, north = made.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        _refuse("area", _("The area is not on Earth: longitude first, then latitude."))
    if not made.is_valid:
        message = _("The border of the area crosses itself (%(where)s). Move a corner.")
        _refuse("area", message % {"where": explain_validity(made)})
    if made.area == 0:
        _refuse("area", _("The area has no extent. It needs three corners at least."))
    here = city()
    if here and not shapely.box(*here.bounds.extent).intersects(made):
        _refuse("area", _("The area lies outside the city."))
    return made


def _check_near(near: Near) -> None:
    if not NEAR_M[0] <= near.metres <= NEAR_M[1]:
        message = _("The distance must be between %(least)s and %(most)s metres.")
        _refuse("near", message % {"least": int(NEAR_M[0]), "most": int(NEAR_M[1])})
    if near.layer.startswith(PLACE):
        kind = near.layer.removeprefix(PLACE)
        if not Place.objects.filter(kind=kind).exists():
            message = _("The city knows no place of the kind “%(kind)s”.")
            _refuse("near", message % {"kind": kind})
    elif near.layer == OWN_LAYER or registry.get(near.layer) is None:
        message = _("There is no map layer “%(layer)s”.")
        _refuse("near", message % {"layer": near.layer})


def _check_words(words: list[str]) -> None:
    if len(words) > MOST_WORDS:
        _refuse("words", _("At most %(most)s words.") % {"most": MOST_WORDS})
    if any(not as_text(word).strip() or len(word) > 60 for word in words):
        _refuse("words", _("A word is empty, has no letters, or is longer than 60 characters."))


def _check_hours(hours: tuple[str, str]) -> None:
    if not all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", hour) for hour in hours):
        _refuse("hours", _("Hours are written as 07:30."))
    if hours[0] == hours[1]:
        _refuse("hours", _("The hours begin and end at the same time. Leave both out for all day."))


@dataclass(frozen=True)
class Compiled:
    """Conditions made ready: `fits` says of many reports at once which of them hold."""

    conditions: Conditions
    area: shapely.Geometry | None
    words: tuple[tuple[str, str], ...]
    """Each as written and as looked for."""

    def fits(self, subjects: Sequence[Subject]) -> list[bool]:
        """For each report whether every condition holds. One query where a distance is asked."""
        fit = [self._fits_alone(subject) for subject in subjects]
        if near := self.conditions.near:
            open_ones = [place for place, fits in enumerate(fit) if fits]
            points = [(subjects[place].lon, subjects[place].lat) for place in open_ones]
            reached = near_any(near.layer, points, near.metres)
            for number, place in enumerate(open_ones):
                fit[place] = number in reached
        return fit

    def _fits_alone(self, subject: Subject) -> bool:
        asked = self.conditions
        return (
            (not asked.categories or subject.category in asked.categories)
            and (not asked.wards or subject.ward in asked.wards)
            and (asked.emergency is None or subject.emergency == asked.emergency)
            and (not asked.weekdays or subject.local_at.weekday() in asked.weekdays)
            and (asked.hours is None or in_hours(subject.local_at, asked.hours))
            and (not self.words or self.word_in(subject) is not None)
            and (
                self.area is None or bool(shapely.contains_xy(self.area, subject.lon, subject.lat))
            )
        )

    def word_in(self, subject: Subject) -> str | None:
        for said, sought in self.words:
            if sought in subject.text and is_in(said, subject.words):
                return said
        return None


def compiled(conditions: Conditions) -> Compiled:
    """The predicate of conditions that `check` has seen."""
    area = None
    if conditions.area is not None:
        area = area_of(conditions.area)
        shapely.prepare(area)
    words = tuple((word, as_text(word)) for word in conditions.words)
    return Compiled(conditions, area, words)


def in_hours(local_at: datetime, hours: tuple[str, str]) -> bool:
    """Whether the local time lies in a span; one that ends before it begins runs over midnight."""
    now, (start, end) = local_at.strftime("%H:%M"), hours
    return start <= now < end if start < end else now >= start or now < end


class _Centre:
    """Who asks layers where their features stand: the centre itself."""

    is_authenticated = is_active = True
    is_anonymous = False
    pk = id = agency = agency_id = None
    role = "administrator"

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return True


def near_any(source: str, points: Sequence[LonLat], metres: float) -> set[int]:
    """Which of the points, by number, lie within so many metres of any feature: one query.

    Raises Refused where the layer is gone; a failing query leaves the transaction usable.
    """
    if not points:
        return set()
    queryset, field = _features(source)
    sql, params = queryset.order_by().values_list(field).query.sql_with_params()
    reach = metres / 111_320 * 1.02
    question = (
        "SELECT p.n FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS p(lon, lat, n)"
        f" WHERE EXISTS (SELECT 1 FROM ({sql}) AS f(geom) WHERE f.geom && ST_MakeEnvelope("
        " p.lon - %s / cos(radians(p.lat)), p.lat - %s,"
        " p.lon + %s / cos(radians(p.lat)), p.lat + %s, 4326)"
        " AND ST_DWithin(f.geom::geography,"
        " ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)::geography, %s))"
    )
    lons, lats = zip(*points, strict=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(question, [list(lons), list(lats), *params, *[reach] * 4, metres])
        return {row[0] - 1 for row in cursor.fetchall()}


def _features(source: str) -> tuple[Any, str]:
    if source.startswith(PLACE):
        return Place.objects.filter(kind=source.removeprefix(PLACE)), "geom"
    layer = registry.get(source)
    if layer is None:
        _refuse("near", _("There is no map layer “%(layer)s”.") % {"layer": source})
    return layer.queryset(_Centre()), layer.geom_field


def minutes_of(hours: tuple[str, str] | None) -> set[int]:
    """The minutes of a day that a span covers; all of them where there is none."""
    if hours is None:
        return set(range(1440))
    start, end = (timedelta(hours=int(h[:2]), minutes=int(h[3:])).seconds // 60 for h in hours)
    return set(range(start, end)) if start < end else {*range(start, 1440), *range(end)}


def ground_of(conditions: Conditions) -> shapely.Geometry | None:
    """The ground that wards and area leave; None: all of it."""
    ground = None
    if conditions.wards:
        borders = District.objects.filter(code__in=conditions.wards).values_list("geom", flat=True)
        ground = shapely.union_all([shapely.from_wkb(bytes(b.wkb)) for b in borders])
    if conditions.area is not None:
        drawn = area_of(conditions.area)
        ground = drawn if ground is None else shapely.intersection(ground, drawn)
    return ground
