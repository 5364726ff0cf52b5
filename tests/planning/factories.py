"""A ward of many reports with a planted hot spot, made quickly."""

import random
import uuid
from copy import copy
from datetime import UTC, datetime, timedelta

from django.contrib.gis.geos import MultiPolygon, Polygon

from geo import cells, crs
from geo.models import District
from ioc.reports.models import Report
from tests.reports.factories import make_category, make_city, make_district, make_report

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
SPOT = (107.585, 16.46)
WEST, SOUTH, EAST, NORTH = 107.56, 16.435, 107.66, 16.485


def make_ground() -> None:
    """A city of two wards."""
    make_category()
    make_city()
    make_district()
    area = Polygon.from_bbox((107.62, 16.43, 107.69, 16.49))
    District.objects.create(
        code="vy-da", name_vi="Vỹ Dạ", name_en="Vy Da", geom=MultiPolygon(area, srid=4326),
        label_point=area.centroid, area_km2=50,
    )  # fmt: skip


def make_reports(scattered: int = 150, planted: int = 80) -> list[Report]:
    """Reports over both wards in eight weeks, and a crowd of them at SPOT in the last."""
    rng = random.Random(7)
    model = make_report(lon=SPOT[0], lat=SPOT[1])
    made = []
    for n in range(scattered + planted):
        near = n >= scattered
        lon = rng.gauss(SPOT[0], 0.001) if near else rng.uniform(WEST, EAST)
        lat = rng.gauss(SPOT[1], 0.001) if near else rng.uniform(SOUTH, NORTH)
        one = copy(model)
        one.pk, one.client_key, one.code = None, uuid.uuid4(), f"HUE-{n:04d}-T"
        one.geom, one.geom_public = crs.point(lon, lat), crs.point(*crs.snap_to_grid(lon, lat))
        one.h3 = cells.cell_of(lon, lat)
        one.received_at = one.changed_at = NOW - timedelta(days=rng.uniform(0, 7 if near else 56))
        one._state = copy(model._state)
        one._state.adding = True
        made.append(one)
    Report.objects.filter(pk=model.pk).update(received_at=NOW, changed_at=NOW)
    return Report.objects.bulk_create(made)
