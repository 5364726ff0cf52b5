"""The product's web application, and beside it the same answers as a plain serializer gives them.

The plain way is what a first version does everywhere: a queryset of whole rows, and for each row
its own look at category, ward, agency, photos and followers. It answers under ``/naive/``.
"""

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.contrib.gis.geos import Point, Polygon
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone

from ioc.asgi import application

PAGE = 50


def line(report: Any) -> dict[str, Any]:
    """One report with what belongs to it, each asked for by itself."""
    photo = report.photos.filter(published=True).first()
    return {
        "code": report.code,
        "geometry": {"type": "Point", "coordinates": list(report.geom_public.coords)},
        "category": {"code": report.category.code, "title": report.category.name_vi},
        "state": report.get_state_display(),
        "district": report.district.name_vi if report.district else None,
        "agency": report.agency.name_vi if report.agency else None,
        "received_at": report.received_at.isoformat(),
        "changed_at": report.changed_at.isoformat(),
        "due_at": report.resolve_due_at.isoformat() if report.resolve_due_at else None,
        "me_too": report.followers.count(),
        "steps": report.events.count(),
        "words": report.words_public,
        "photo": photo.name if photo else None,
    }


def listed(reports: QuerySet[Any]) -> JsonResponse:
    return JsonResponse({"reports": [line(report) for report in reports]})


def rows() -> QuerySet[Any]:
    from ioc.reports.models import Report

    return Report.objects.filter(on_map=True)


def inside(request: HttpRequest) -> QuerySet[Any]:
    west, south, east, north = map(float, request.GET["bbox"].split(","))
    around = Polygon.from_bbox((west, south, east, north))
    around.srid = 4326
    return rows().filter(geom_public__intersects=around)


def box(request: HttpRequest) -> JsonResponse:
    return listed(inside(request).order_by("-received_at")[:PAGE])


def everything(request: HttpRequest) -> JsonResponse:
    """All pins of a box: what a map asks for that has no tiles."""
    return listed(inside(request))


def nearby(request: HttpRequest) -> JsonResponse:
    here = Point(float(request.GET["lon"]), float(request.GET["lat"]), srid=4326)
    near = rows().filter(closed_at=None, geom_public__dwithin=(here, 0.0022))
    return listed(near.order_by("-received_at")[:5])


def queue(request: HttpRequest) -> JsonResponse:
    open_ones = rows().filter(closed_at=None).order_by("next_due_at")
    if agency := request.GET.get("agency"):
        open_ones = open_ones.filter(agency__code=agency)
    return JsonResponse(
        {"total": open_ones.count(), "items": [line(report) for report in open_ones[:PAGE]]}
    )


def requests(request: HttpRequest) -> JsonResponse:
    since = timezone.now() - timedelta(days=90)
    return listed(rows().filter(received_at__gte=since).order_by("-received_at")[:100])


def statistics(request: HttpRequest) -> JsonResponse:
    """A year by ward, each figure counted where it is wanted."""
    from geo.models import District

    since = timezone.now() - timedelta(days=365)
    found = []
    for ward in District.objects.all():
        year = ward.report_set.filter(received_at__gte=since)  # type: ignore[attr-defined]
        found.append(
            {
                "ward": ward.name_vi,
                "received": year.count(),
                "closed": year.filter(closed_at__isnull=False).count(),
                "in_time": year.filter(closed_at__isnull=False, overdue=False).count(),
                "rated": year.exclude(satisfied="").count(),
                "satisfied": year.filter(satisfied__in=("satisfied", "accepts")).count(),
            }
        )
    return JsonResponse({"rows": found})


VIEWS = (box, everything, nearby, queue, requests, statistics)
urls = import_module("ioc.urls")  # imported once Django is set up
urls.urlpatterns += [path(f"naive/{view.__name__}", view) for view in VIEWS]
__all__ = ["application"]
