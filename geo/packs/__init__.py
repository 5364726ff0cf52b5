"""City packs: a folder of files that makes this platform one city's.

`pack.toml` (names, bounds, metric CRS, time zone, languages, attributions) stands beside whatever
the city has of the parts in `PARTS`. A part that is missing comes from the bundled pack.

Reading (`pack`, `vectors`, `tables`, `osm`) and building (`basemap`, `fetch`) need no database;
`load` writes City, District and Place and then calls the importers of the apps above.

An app takes its own part of a pack in `<app>/pack.py`, found by autodiscovery:

    from geo.packs import Pack, Report, importers

    def import_cameras(pack: Pack, report: Report) -> None:
        table = pack.table("cameras.csv")         # typed rows, bad rows set aside with a reason
        report.table(table)                       # says what was refused
        for row in table.rows:
            Camera.objects.update_or_create(code=row["code"], defaults={...})
        report.taken("cameras", len(table.rows))

    importers.register("cameras", import_cameras)

It runs inside the one transaction of `pack import`, again and again without doubling.
"""

from .pack import PARTS, Pack, PackError, bundled_pack, find_pack, pack_dirs
from .report import Report
from .tables import BadRow, Column, Table

__all__ = [
    "PARTS",
    "BadRow",
    "Column",
    "Pack",
    "PackError",
    "Report",
    "Table",
    "bundled_pack",
    "find_pack",
    "pack_dirs",
]
