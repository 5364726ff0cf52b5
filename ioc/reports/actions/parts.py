"""One report that is several jobs: its parts go to their agencies, it waits for them all."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from geo.crs import city
from ioc.accounts.models import Agency
from ioc.reports import terms
from ioc.reports.actions.log import Entry, announce, append, begin, locked
from ioc.reports.actions.submit import free_code, plain_words
from ioc.reports.models import Category, Report, ReportEvent
from ioc.reports.workflow import CLOSED

MAX_PARTS = 8


@dataclass(frozen=True)
class Part:
    category: Category
    agency: Agency
    words: str


def checked(value: Any, wrong: Callable[[str], Exception]) -> list[Part]:
    """The parts that were asked for. Raises what `wrong` makes of the fault."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_PARTS:
        raise wrong(_("A case is split into one to eight parts."))
    found = []
    for one in value:
        given = one if isinstance(one, dict) else {}
        category = Category.objects.filter(pk=str(given.get("category")), active=True).first()
        agency = Agency.objects.filter(code=str(given.get("agency")), active=True).first()
        words = plain_words(str(given.get("words") or ""))
        if category is None or agency is None or not words:
            raise wrong(_("Each part needs a category, an agency and words."))
        found.append(Part(category, agency, words))
    return found


def make(report: Report, wanted: Sequence[Part], event: ReportEvent) -> list[Report]:
    """The parts, each a case of its own at the same place; the public sees the whole alone."""
    here = city()
    made = []
    for part in wanted:
        child = Report(
            code=free_code(here.slug if here else ""),
            client_key=uuid.uuid4(),
            geom=report.geom,
            district=report.district,
            category=part.category,
            words=part.words,
            language=report.language,
            emergency=report.emergency,
            accuracy_m=report.accuracy_m,
            received_at=event.at,
            parent=report,
            source="split",
            synthetic=report.synthetic,
        )
        who = {"by": event.by, "by_kind": event.by_kind, "at": event.at}
        events = begin(
            child,
            Entry(
                kind="submit",
                detail={"part_of": report.code},
                facts=terms.facts_of(child),
                **who,
            ),
            Entry(kind="assign", facts={"agency": part.agency.code}, **who),
        )
        announce(events[1:])
        made.append(child)
    return made


def closed_one(child: Report) -> None:
    """Tell the whole when its last part is over."""
    if child.parent_id is None or child.state not in CLOSED:
        return
    if Report.objects.filter(parent=child.parent_id).open().exists():
        return
    whole = locked(child.parent_id)
    if whole.state not in CLOSED:
        append(whole, Entry(kind="parts_done"))
