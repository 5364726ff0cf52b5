"""Pages of reports: the public's list, and a person's own."""

from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from geo.queries import Box, box_of
from ioc.reports.models import Follower, Report, Reporter
from ioc.reports.shown import category_out, state_out
from ioc.reports.workflow import CLOSED, OPEN, State
from layers.paging import page_by_id

MINE_LIMIT = 200


def public_page(asked: Any, box: Box | None) -> tuple[list[Report], str | None]:
    """One page of what the public may know, the newest first, and the next page's cursor.

    The page is found by the index `reports_newest` alone, then read: a small box may lie behind
    tens of thousands of newer reports, and none of those rows is read.

    Raises Refused: unknown-state, bad-cursor.
    """
    rows = Report.objects.filter(on_map=True)
    if box is not None:
        rows = rows.filter(geom_public__bboverlaps=box_of(box))
    if asked.category:
        rows = rows.filter(category=asked.category)
    if asked.district:
        rows = rows.filter(district__code=asked.district)
    if asked.state:
        if asked.state not in State.values:
            raise Refused("unknown-state", _("There is no such state."), status=422)
        rows = rows.filter(state=asked.state)
    if asked.open is not None:
        rows = rows.filter(state__in=OPEN if asked.open else CLOSED)
    if asked.overdue is not None:
        rows = rows.filter(overdue=asked.overdue)
    if asked.since is not None:
        start = timezone.make_aware(datetime.combine(asked.since, time.min))
        rows = rows.filter(received_at__gte=start)
    found, following = page_by_id(rows.only("pk"), limit=asked.limit, cursor=asked.cursor)
    return Report.objects.as_listed().in_order(one.pk for one in found), following


def of_person(user: Any) -> list[dict[str, Any]]:
    """What this person has sent and follows, the newest first."""
    # Each table by its own index: one query over both would read every report of the city.
    own = set(
        Reporter.objects.filter(user=user)
        .order_by("-report")
        .values_list("report", flat=True)[:MINE_LIMIT]
    )
    followed = set(
        Follower.objects.filter(user=user)
        .order_by("-report")
        .values_list("report", flat=True)[:MINE_LIMIT]
    )
    rows = (
        Report.objects.filter(pk__in=own | followed, parent=None)
        .as_listed()
        .order_by("-id")[:MINE_LIMIT]
    )
    return [
        {
            "code": row.code,
            "url": f"/r/{row.code}",
            "category": category_out(row.category),
            "state": state_out(row.state),
            "created_at": row.received_at,
            "changed_at": row.changed_at,
            "following": row.pk not in own,
            "question": row.state == State.WAITING_FOR_REPORTER and row.pk in own,
        }
        for row in rows
    ]
