"""Open reports that may be about the same thing: near in place, time, category and words.

For the public only what the public may know counts: the grid square, published words, reports on
the map. A stranger who moves the question about learns no exact place and no unpublished word.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db import connection
from django.db.models import FloatField, Func
from django.db.models.expressions import RawSQL
from django.utils import timezone

from geo.crs import snap_to_grid
from geo.fold import folded
from geo.text import Text
from ioc.reports.models import Report
from ioc.reports.queries import ReportQuerySet

REACH_M = 250
WEEKS = 12
LOOKED_AT = 50
ENOUGH = 0.45
TEXT_CHARACTERS = 300
M_PER_DEG = 111_320
WEIGHTS = {"place": 0.4, "time": 0.1, "category": 0.25, "words": 0.25}
SAYS_NOTHING = """
bi co cho cua da dang day de duoc gan giup khong la lai luc mot nay ngay nhieu nha o qua ra rat roi
tai thi toi trong truoc tu va vao vi voi xin a an and are at for has in is it near of on our please
the there this to was with
"""
EMPTY = frozenset(SAYS_NOTHING.split())
PUBLIC_ROWS = """
    SELECT id, ST_X(geom_public), ST_Y(geom_public), category_id, words_public, received_at
    FROM reports_report
    WHERE on_map AND closed_at IS NULL AND parent_id IS NULL AND received_at >= %s AND id <> %s
        AND geom_public && ST_MakeEnvelope(%s, %s, %s, %s, 4326)
    ORDER BY geom_public <-> ST_SetSRID(ST_MakePoint(%s, %s), 4326)
    LIMIT %s
"""
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A report that is not sent yet: where, which category, which words so far."""

    lon: float
    lat: float
    category: str = ""
    words: str = ""


@dataclass(frozen=True)
class Candidate:
    """A report that may be the same thing, with how alike (0 to 1) and why in words.

    `distance_m` is from its grid square where the public asks.
    """

    report: Report
    score: float
    why: Text
    distance_m: float


@dataclass(frozen=True)
class _Row:
    pk: int
    lon: float
    lat: float
    category: str
    words: str
    received_at: datetime


@dataclass(frozen=True)
class _Said:
    """A text made ready to be compared: its telling words as written, and its trigrams."""

    words: dict[str, str]
    trigrams: frozenset[str]


def _said(text: str) -> _Said:
    words: dict[str, str] = {}
    for word in WORD.findall(text[:TEXT_CHARACTERS].lower()):
        plain = folded(word)
        if plain not in EMPTY and len(plain) > 1:
            words.setdefault(plain, word)
    line = f" {' '.join(words)} "
    return _Said(words, frozenset(line[start : start + 3] for start in range(len(line) - 2)))


def near(
    place: Report | Spot,
    *,
    user_public: bool,
    limit: int = 5,
    among: ReportQuerySet | None = None,
) -> list[Candidate]:
    """Open reports of the last twelve weeks within 250 m, the likeliest first.

    `among` narrows what staff may find to what the asker may see.
    """
    spot = _spot_of(place, user_public)
    itself = place.pk if isinstance(place, Report) else 0
    rows = _public_rows(spot, itself) if user_public else _rows(spot, among, itself)
    now, said = timezone.now(), _said(spot.words)
    scored = [(*_score(spot, said, row, now, user_public), row.pk) for row in rows]
    best = sorted((one for one in scored if one[0] >= ENOUGH), key=lambda one: -one[0])[:limit]
    known = Report.objects.as_listed() if user_public else Report.objects.with_names()
    found = known.in_bulk([one[-1] for one in best])
    return [
        Candidate(found[pk], round(score, 3), why, metres)
        for score, why, metres, pk in best
        if pk in found
    ]


def _spot_of(place: Report | Spot, public: bool) -> Spot:
    if isinstance(place, Spot):
        return place
    lon, lat = place.geom.x, place.geom.y
    if public:
        lon, lat = snap_to_grid(lon, lat)
    words = place.words_public if public else place.words
    return Spot(lon=lon, lat=lat, category=place.category_id, words=words)


def _box(spot: Spot, public: bool) -> tuple[float, float, float, float]:
    """What may be in reach: west, south, east and north in degrees."""
    lat_deg = reach_m(public) / M_PER_DEG
    lon_deg = lat_deg / max(0.05, math.cos(math.radians(spot.lat)))
    return spot.lon - lon_deg, spot.lat - lat_deg, spot.lon + lon_deg, spot.lat + lat_deg


def _since() -> datetime:
    return timezone.now() - timedelta(weeks=WEEKS)


def _public_rows(spot: Spot, itself: int) -> Sequence[_Row]:
    """As `_rows`, of what the public may know. Phones ask it while somebody moves the pin, and
    Django would take longer to write this statement than PostgreSQL to answer it."""
    with connection.cursor() as cursor:
        cursor.execute(
            PUBLIC_ROWS,
            [_since(), itself, *_box(spot, public=True), spot.lon, spot.lat, LOOKED_AT],
        )
        return [_Row(*row) for row in cursor.fetchall()]


def _rows(spot: Spot, among: ReportQuerySet | None, itself: int) -> Sequence[_Row]:
    """The nearest open reports, through the spatial index alone: it serves box and order."""
    reports = among if among is not None else Report.objects.all()
    box = Polygon.from_bbox(_box(spot, public=False))
    box.srid = 4326
    distance = RawSQL(
        '"reports_report"."geom" <-> ST_SetSRID(ST_MakePoint(%s, %s), 4326)', (spot.lon, spot.lat)
    )
    found = (
        reports.filter(closed_at=None, parent=None, received_at__gte=_since(), geom__bboverlaps=box)
        .exclude(moderation="held")
        .exclude(pk=itself)
        .order_by(distance)
        .values_list("pk", _axis("ST_X"), _axis("ST_Y"), "category_id", "words", "received_at")
    )
    return [_Row(*row) for row in found[:LOOKED_AT]]


def _axis(function: str) -> Func:
    return Func("geom", function=function, output_field=FloatField())


def reach_m(public: bool) -> float:
    """How far is looked; the public's question reaches to the middle of a square that touches."""
    return REACH_M + (settings.IOC_PUBLIC_GRID_M / math.sqrt(2) if public else 0)


def _score(
    spot: Spot, said: _Said, row: _Row, now: datetime, public: bool
) -> tuple[float, Text, float]:
    metres = _metres(spot, row)
    days = max(0.0, (now - row.received_at).total_seconds() / 86_400)
    if metres > reach_m(public):
        return 0.0, Text("", ""), metres
    same = bool(spot.category) and spot.category == row.category
    shared, alike = likeness(said, row.words)
    parts = {
        "place": max(0.0, 1 - (metres / reach_m(public)) ** 1.5),
        "time": max(0.0, 1 - days / (WEEKS * 7)),
    }
    if spot.category:
        parts["category"] = float(same)
    if alike is not None:
        parts["words"] = alike
    weight = sum(WEIGHTS[part] for part in parts)
    score = sum(WEIGHTS[part] * value for part, value in parts.items()) / weight
    if spot.category and not same:
        # Another category is the same thing only where the words say so.
        score *= 0.6 + 0.4 * (alike or 0.0)
    return score, _why(metres, days, same, shared, public), metres


def _metres(spot: Spot, row: _Row) -> float:
    """Metres on a flat map of so small a piece: a thousandth off at most."""
    east = (row.lon - spot.lon) * math.cos(math.radians(spot.lat))
    return math.hypot(east, row.lat - spot.lat) * M_PER_DEG


def _why(metres: float, days: float, same: bool, shared: list[str], public: bool) -> Text:
    away = max(10, round(metres / 10) * 10)
    vi = ["gần đây" if public else f"cách {away} m"]
    en = ["close by" if public else f"{away} m away"]
    if same:
        vi.append("cùng loại")
        en.append("same category")
    vi.append("hôm nay" if days < 1 else f"{int(days)} ngày trước")
    en.append("today" if days < 1 else f"{int(days)} d ago")
    if shared:
        vi.append(f"cùng từ: {', '.join(shared)}")
        en.append(f"same words: {', '.join(shared)}")
    return Text("; ".join(vi), "; ".join(en))


def likeness(one: str | _Said, other: str) -> tuple[list[str], float | None]:
    """Words that two texts share, and how alike they are from 0 to 1; None where one is silent."""
    a, b = one if isinstance(one, _Said) else _said(one), _said(other)
    if not a.words or not b.words:
        return [], None
    shared = [word for word in a.words if word in b.words]
    by_words = len(shared) / min(len(a.words), len(b.words))
    both = len(a.trigrams & b.trigrams)
    by_letters = 2 * both / max(1, len(a.trigrams) + len(b.trigrams))
    return [a.words[word] for word in shared][:4], max(by_letters, 0.8 * by_words)
