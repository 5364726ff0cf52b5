"""The `categories.csv` part of a city pack."""

from typing import TYPE_CHECKING

from django.db import transaction

from ioc.reports import terms
from ioc.reports.models import Category

if TYPE_CHECKING:
    from geo.packs.pack import Pack
    from geo.packs.report import Report as PackReport

PART = "categories.csv"


@transaction.atomic
def import_part(pack: "Pack", report: "PackReport") -> None:
    """Categories as the pack has them; one that it no longer has is retired, never deleted."""
    table = pack.table(PART)
    report.table(table)
    if not table.rows:
        return
    for place, row in enumerate(table.rows):
        Category.objects.update_or_create(
            code=row["code"],
            defaults={
                "name_vi": row["name_vi"],
                "name_en": row["name_en"],
                "icon": row["icon"] or "marker",
                "color": row["color"] or "#f5a524",
                "agency": row["agency"] or "",
                "order": row["order"] if row["order"] is not None else 10 * (place + 1),
                "active": True,
            },
        )
    Category.objects.exclude(code__in=[row["code"] for row in table.rows]).update(active=False)
    # Made now, so that the first reports do not wait for each other to make it.
    terms.keep_holidays(terms.usual_plan().calendar)
    report.taken(PART, len(table.rows))
