"""The pack's `cameras.csv`: where cameras stand. Streams are an administrator's matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError

from geo.packs.importers import register
from vision.actions import save_camera
from vision.actions.cameras import settle_unsettled

if TYPE_CHECKING:
    from geo.packs.pack import Pack
    from geo.packs.report import Report


def import_cameras(pack: Pack, report: Report) -> None:
    """Creates or moves the pack's cameras; what an administrator has set stays as it is."""
    table = pack.table("cameras.csv")
    report.table(table)
    for row in table.rows:
        looks = {
            name: row[name]
            for name in ("bearing_deg", "fov_deg", "range_m")
            if row[name] is not None
        }
        try:
            save_camera(
                code=row["code"],
                name_vi=row["name_vi"],
                name_en=row["name_en"],
                geom=Point(row["lon"], row["lat"], srid=4326),
                source=row["source"][:80] or f"pack {pack.slug}",
                synthetic=row["synthetic"],
                **looks,
            )
        except ValidationError as wrong:
            report.refused(table.name, row["code"], "; ".join(wrong.messages))
        else:
            report.taken(table.name, 1)
    settle_unsettled()  # the pack's wards may be new to cameras that it does not name


register("cameras", import_cameras)
