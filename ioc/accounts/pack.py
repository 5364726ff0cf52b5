"""Take the pack's agencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.packs.importers import register
from ioc.accounts.models import Agency

if TYPE_CHECKING:
    from geo.packs.pack import Pack
    from geo.packs.report import Report


def import_agencies(pack: Pack, report: Report) -> None:
    """Agencies by code: new ones are made, known ones renamed, none is taken away."""
    table = pack.table("agencies.csv")
    report.table(table)
    for row in table.rows:
        names = {"name_vi": row["name_vi"], "name_en": row["name_en"]}
        Agency.objects.update_or_create(code=row["code"], defaults=names)
    report.taken("agencies", len(table.rows))


register("agencies", import_agencies)
