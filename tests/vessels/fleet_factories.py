"""Zones, ports, registered boats and what is heard of them, for tests of fishing control.

The sea is a strip of three: coastal west of 108.0° E, inshore to 108.4, offshore to 109.0.
"""

import itertools
import math
from datetime import UTC, datetime, timedelta

import numpy as np
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone

from geo.cells import cells_of
from geo.partitions import ensure_days
from vessels import registry
from vessels.ingest import bulk
from vessels.models import Feed, Port, Vessel, Zone

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)
NOW_S = NOW.timestamp()
H = 3600.0
PORT_AT = (107.5, 16.5)
EDGES = {"coastal": (107.7, 108.0), "inshore": (108.0, 108.4), "offshore": (108.4, 109.0)}
_numbers = itertools.count(90_000)


def make_sea() -> Port:
    """The three zones and one port west of them."""
    for kind, (west, east) in EDGES.items():
        make_zone(kind, west, east)
    return Port.objects.create(
        code="cang", name_vi="Cảng cá", name_en="Port", geom=Point(*PORT_AT, srid=4326),
        radius_m=1000,
    )  # fmt: skip


def make_zone(kind, west, east, south=16.0, north=17.0, **fields) -> Zone:
    return Zone.objects.create(
        code=fields.pop("code", kind), kind=kind, name_vi=f"Vùng {kind}", name_en=f"Zone {kind}",
        geom=MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326), **fields,
    )  # fmt: skip


def make_boat(length_m=16.0, *, vms="", fitted_h=1440.0, **said) -> Vessel:
    """A registered fishing boat; `vms` names the provider of a counted device aboard."""
    number = next(_numbers)
    papers = {
        "plate": f"TTH {number}-TS", "source": "test", "name": f"BOAT {number}", "kind": "fishing",
        "length_m": length_m, "mmsi": 574_000_000 + number, "owner_name": "Ông Hai",
        "owner_phone": "0905",
    }  # fmt: skip
    boat = registry.register(**papers | said)
    if vms:
        registry.fit(
            vessel=boat, kind="vms", provider=vms, ident=str(number), counted=True,
            at=NOW - timedelta(hours=fitted_h),
        )  # fmt: skip
    return boat


def hear(vessel, *fixes, vms=False, status=-1) -> None:
    """Store positions (hours before NOW, lon, lat[, kn[, course]]) as the ingest does."""
    rows = sorted({fix[0]: fix for fix in fixes}.values(), reverse=True)
    time = np.array([NOW_S - fix[0] * H for fix in rows])
    lon, lat = (np.array([fix[i] for fix in rows], float) for i in (1, 2))
    speed, course = (
        np.array([fix[i] if len(fix) > i else math.nan for fix in rows], float) for i in (3, 4)
    )
    n = len(rows)
    last = np.zeros(n, bool)
    last[-1] = True
    table = bulk.Rows(
        np.full(n, vessel.pk), time, lon, lat, cells_of(lon.tolist(), lat.tolist()), speed, course,
        np.full(n, -1), np.full(n, status), np.zeros(n, int), np.full(n, 0 if vms else 1),
        np.where(speed >= 0.5, "under-way", "stopped"), last,
    )  # fmt: skip
    days = [datetime.fromtimestamp(t, UTC).date() for t in time]
    ensure_days("vessels_hot", min(days), max(days))
    feed, _ = Feed.objects.get_or_create(name="test", synthetic=False)
    bulk.write(table, feed.pk)


def at_port(hours=0.1):
    """A fix in port."""
    return (hours, *PORT_AT, 0.0, 0.0)


def way(lon0, lon1, *, lat=16.5, hours=(3.0, 0.1), every_h=0.1, speed=7.0, course=90.0):
    """Fixes along a parallel."""
    count = max(2, round((hours[0] - hours[1]) / every_h) + 1)
    return [
        (h, lon, lat, speed, course)
        for h, lon in zip(
            np.linspace(*hours, count).tolist(), np.linspace(lon0, lon1, count).tolist(),
            strict=True,
        )
    ]  # fmt: skip


def frozen(monkeypatch, now=NOW):
    """Make the sweep's clock stand."""
    monkeypatch.setattr(timezone, "now", lambda: now)
