"""Public reports as GeoReport's service requests: few columns, no model rows, bounded pages."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.geos import Polygon
from django.db.models import F, FloatField, Func, OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import get_language

from geo.crs import point
from geo.errors import Refused
from geo.queries import parse_bbox, within_m
from ioc.reports.codes import read_code
from ioc.reports.models import Photo, Report, ReportEvent
from ioc.reports.open311.wire import Wrong, when
from ioc.reports.queries import ReportQuerySet
from ioc.reports.tickets import photo_address
from ioc.reports.workflow import CLOSED, TITLES, TO_SENDER, State

SPAN = timedelta(days=90)
PAGE_SIZE, MAX_PAGE_SIZE, MAX_PAGE, MAX_CODES, MAX_RADIUS_M = 50, 100, 100, 100, 5000
COLUMNS = (
    "code", "state", "answer", "category", "category__name_vi", "category__name_en",
    "words_public", "agency__name_vi", "agency__name_en", "received_at", "changed_at",
    "resolve_due_at", "district__code", "district__name_vi", "district__name_en", "lon", "lat",
    "photo",
)  # fmt: skip


def public() -> ReportQuerySet:
    return Report.objects.visible_to(AnonymousUser())


def listed(wish: QueryDict) -> QuerySet[Any]:
    """The page of reports that a list call asks for. Raises Wrong for what it cannot mean."""
    if codes := _parts(wish, "service_request_id"):
        if len(codes) > MAX_CODES:
            raise Wrong(400, f"Ask for at most {MAX_CODES} service_request_id at once.")
        known = {code for code in map(read_code, codes) if code}
        return public().filter(code__in=known).order_by("-received_at", "-id")
    reports, order = _in_time(public(), wish)
    if codes := _parts(wish, "service_code"):
        reports = reports.filter(category__in=codes)
    reports = _in_place(_in_status(reports, wish), wish)
    size = _whole(wish, "page_size", PAGE_SIZE, MAX_PAGE_SIZE)
    page = _whole(wish, "page", 1, None)
    if page > MAX_PAGE:
        raise Wrong(400, f"Pages end at {MAX_PAGE}; go on with end_date.")
    ordered = reports.order_by(order, "-id")
    if page == 1:
        return ordered[:size]
    # Numbers first: what a page shows would else be looked up for all rows that it passes over.
    found = ordered.values_list("pk", flat=True)[(page - 1) * size : page * size]
    return Report.objects.filter(pk__in=list(found)).order_by(order, "-id")


def requests(reports: QuerySet[Any], base: str) -> list[dict[str, Any]]:
    """Service requests in the standard's fields. `base` begins the addresses of photos."""
    photos = Photo.objects.filter(report=OuterRef("pk"), published=True, replaced_by=None)
    said = ReportEvent.objects.filter(report=OuterRef("pk"), state=OuterRef("state"), public=True)
    answers = said.exclude(public_words="").exclude(kind__in=TO_SENDER)
    rows = reports.annotate(
        lon=Func(F("geom_public"), function="ST_X", output_field=FloatField()),
        lat=Func(F("geom_public"), function="ST_Y", output_field=FloatField()),
        photo=Subquery(photos.order_by("id").values("name")[:1]),
        answer=Subquery(answers.order_by("-at", "-id").values("public_words")[:1]),
    ).values_list(*COLUMNS)
    english = (get_language() or "vi").startswith("en")
    return [_request(dict(zip(COLUMNS, row, strict=True)), english, base) for row in rows]


def _request(row: dict[str, Any], english: bool, base: str) -> dict[str, Any]:
    def named(table: str) -> str | None:
        return (english and row[f"{table}__name_en"]) or row[f"{table}__name_vi"]

    closed = row["state"] in CLOSED
    due_at = row["resolve_due_at"]
    return {
        "service_request_id": row["code"],
        "status": "closed" if closed else "open",
        "status_notes": row["answer"] or str(TITLES[State(row["state"])]),
        "service_name": named("category"),
        "service_code": row["category"],
        "description": row["words_public"],
        "agency_responsible": named("agency") or "",
        "service_notice": None,
        "requested_datetime": when(row["received_at"]),
        "updated_datetime": when(row["changed_at"]),
        "expected_datetime": when(due_at) if due_at and not closed else None,
        "address": named("district"),
        "address_id": row["district__code"],
        "zipcode": None,
        "lat": round(row["lat"], 6),
        "long": round(row["lon"], 6),
        "media_url": base + photo_address(row["photo"], "photo") if row["photo"] else None,
    }


def _in_time(reports: QuerySet[Any], wish: QueryDict) -> tuple[QuerySet[Any], str]:
    """Rows of the span asked for, at most 90 days of it, and what they are ordered by."""
    since, until = _time(wish, "updated_after"), _time(wish, "updated_before")
    if since or until:
        start, end = _span(since, until)
        return reports.filter(changed_at__gte=start, changed_at__lte=end), "-changed_at"
    start, end = _span(_time(wish, "start_date"), _time(wish, "end_date"))
    return reports.filter(received_at__gte=start, received_at__lte=end), "-received_at"


def _span(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    now = timezone.now()
    if start and end and end - start > SPAN:
        raise Wrong(400, "The dates may not span more than 90 days.")
    if start and not end:
        return start, min(start + SPAN, max(now, start))
    end = end or now
    return start or end - SPAN, end


def _in_status(reports: QuerySet[Any], wish: QueryDict) -> QuerySet[Any]:
    asked = {status.lower() for status in _parts(wish, "status")}
    if not asked <= {"open", "closed"}:
        raise Wrong(400, "status is open or closed.")
    return reports.filter(closed_at__isnull=asked == {"open"}) if len(asked) == 1 else reports


def _in_place(reports: QuerySet[Any], wish: QueryDict) -> QuerySet[Any]:
    """Extensions: `bbox=w,s,e,n`; `lat`, `long` and `radius` in metres. Of public places alone."""
    try:
        if asked := wish.get("bbox"):
            box = Polygon.from_bbox(parse_bbox(str(asked)))
            box.srid = 4326
            reports = reports.filter(geom_public__bboverlaps=box)
    except Refused as refusal:
        raise Wrong(400, refusal) from None
    if wish.get("lat") or wish.get("long"):
        lat, lon = _number(wish, "lat", 90), _number(wish, "long", 180)
        radius = _number(wish, "radius", MAX_RADIUS_M) if wish.get("radius") else 200.0
        reports = within_m(reports, point(lon, lat), abs(radius), "geom_public")
    return reports


def _parts(wish: QueryDict, name: str) -> list[str]:
    """What a parameter lists, by commas or by coming again."""
    found: Iterable[str] = ",".join(wish.getlist(name)).split(",")
    return [part.strip() for part in found if part.strip() and "\x00" not in part]


def _time(wish: QueryDict, name: str) -> datetime | None:
    text = wish.get(name, "").strip().replace(" ", "+")  # a + that was not quoted
    if not text:
        return None
    try:
        at = parse_datetime(text)
        if at is None and (day := parse_date(text)):
            at = datetime(day.year, day.month, day.day)
        if at is None:
            raise ValueError(text)
        return at if timezone.is_aware(at) else timezone.make_aware(at)
    except (ValueError, OverflowError):
        raise Wrong(400, f"{name} is not a date such as 2026-01-31T00:00:00Z.") from None


def _whole(wish: QueryDict, name: str, usual: int, most: int | None) -> int:
    text = wish.get(name, "").strip() or str(usual)
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 9 and int(text) > 0):
        raise Wrong(400, f"{name} is not a whole number above 0.")
    return min(int(text), most) if most else int(text)


def _number(wish: QueryDict, name: str, most: float) -> float:
    try:
        number = float(wish.get(name, ""))
    except ValueError:
        number = float("nan")
    if not abs(number) <= most:
        raise Wrong(400, f"{name} is not a number up to {most}.")
    return number
