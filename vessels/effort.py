"""Hours of presence and likely fishing by H3 cell and local day, from the tracks of the day."""

from collections import defaultdict
from datetime import date
from typing import Any

import h3.api.basic_int as h3
from django.contrib.gis.geos import Polygon
from django.db import connection, transaction

from geo.deleting import delete_in_parts
from vessels.models import EffortHours, EffortPlace

FINE, COARSE = 7, 5
DUE = "SELECT day FROM vessels_effortday WHERE NOT counted ORDER BY day"
SUMMED = """
SELECT c.cell, v.kind, v.gear, sum(c.present::numeric), sum(c.fishing::numeric),
    array_agg(DISTINCT d.vessel_id)
FROM vessels_daytrack d JOIN vessels_vessel v ON v.id = d.vessel_id,
    unnest(d.cells, d.present_s, d.fishing_s) AS c (cell, present, fishing)
WHERE d.day = %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def count_due() -> list[date]:
    """The days whose effort was counted anew."""
    with connection.cursor() as cursor:
        cursor.execute(DUE)
        days = [day for (day,) in cursor.fetchall()]
    for day in days:
        count(day)
    return days


def count(day: date) -> int:
    """How many rows of effort the day has, at both resolutions, in place of those it had."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vessels_effortday (day, counted) VALUES (%s, true) "
            "ON CONFLICT (day) DO UPDATE SET counted = true", [day],
        )  # fmt: skip
        cursor.execute(SUMMED, [day])
        rows = _with_coarse(cursor.fetchall())
        places = _places({cell for cell, _, _ in rows})
        EffortHours.objects.filter(day=day).delete()
        EffortHours.objects.bulk_create(
            [
                EffortHours(
                    day=day, place_id=places[cell], kind=kind, gear=gear, present_s=present,
                    fishing_s=fishing, vessels=len(who),
                )
                for (cell, kind, gear), (present, fishing, who) in rows.items()
            ],
            batch_size=2_000,
        )  # fmt: skip
    return len(rows)


def _with_coarse(fine: list[tuple[Any, ...]]) -> dict[tuple[int, str, str], list[Any]]:
    """(cell, kind, gear) → seconds present, seconds fishing, vessels; parents beside the cells."""
    rows: dict[tuple[int, str, str], list[Any]] = defaultdict(lambda: [0.0, 0.0, set()])
    for cell, kind, gear, present, fishing, who in fine:
        for one in (cell, h3.cell_to_parent(cell, COARSE)):
            row = rows[one, kind, gear]
            row[0] += float(present)
            row[1] += float(fishing)
            row[2].update(who)
    return rows


def _places(cells: set[int]) -> dict[int, int]:
    """The rows of these cells by cell; new ones are made."""
    known = dict(EffortPlace.objects.filter(cell__in=cells).values_list("cell", "pk"))
    EffortPlace.objects.bulk_create(
        [
            EffortPlace(
                cell=cell, resolution=h3.get_resolution(cell),
                area_km2=h3.cell_area(cell, "km^2"), geom=_outline(cell),
            )
            for cell in sorted(cells - known.keys())
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if len(known) < len(cells):
        known = dict(EffortPlace.objects.filter(cell__in=cells).values_list("cell", "pk"))
    return known


def _outline(cell: int) -> Polygon:
    ring = [(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]
    return Polygon([*ring, ring[0]], srid=4326)


def forget(before: date) -> None:
    """Drop what lies before a day."""
    delete_in_parts(EffortHours.objects.filter(day__lt=before))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vessels_effortday WHERE day < %s", [before])
