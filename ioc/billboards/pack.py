"""Take the billboards of a city pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.packs.importers import register
from ioc.billboards import actions

if TYPE_CHECKING:
    from geo.packs.pack import Pack
    from geo.packs.report import Report

COPIED = (
    "code", "name_vi", "lon", "lat", "width_m", "height_m", "owner", "permit_no",
    "permit_from", "permit_until", "source", "synthetic",
)  # fmt: skip


def import_billboards(pack: Pack, report: Report) -> None:
    """Billboards are made or brought up to date by code; none is deleted."""
    table = pack.table("billboards.csv")
    report.table(table)
    taken = 0
    for row in table.rows:
        first, last = row["permit_from"], row["permit_until"]
        if first and last and last < first:
            text = f"the permit ends ({last}) before it begins ({first})"
            report.refused(table.name, row["code"], text)
            continue
        fields = {name: row[name] for name in COPIED}
        name_en = row["name_en"] or row["name_vi"]
        kind = row["kind"] or "static"
        actions.register(**fields, name_en=name_en, kind=kind, pack=pack.slug)
        taken += 1
    report.taken("billboards", taken)


register("billboards", import_billboards)
