"""The desk's queue: which cases a member of staff has before them, in what order, how urgent."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.cache import caches
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from geo.queries import Box, box_of
from geo.text import Text
from ioc.reports.codes import read_code
from ioc.reports.models import Photo, Report, Seen
from ioc.reports.queries import ReportQuerySet, sees_all
from ioc.reports.workflow import CLOSED, State
from layers.paging import page_by_id

COUNTED = 100_000
KEPT_S = 5
BANDS = ("breached", "warning", "within", "paused", "none")
CLOCKS = ("closed_at", "next_due_at", "next_warn_at", "paused")
COUNT_BANDS = """
    SELECT count(*),
        count(*) FILTER (WHERE closed_at IS NULL AND next_due_at <= at),
        count(*) FILTER (WHERE closed_at IS NULL AND next_due_at > at AND next_warn_at <= at),
        count(*) FILTER (WHERE closed_at IS NULL AND next_due_at > at AND next_warn_at > at),
        count(*) FILTER (WHERE closed_at IS NULL AND next_due_at IS NULL AND paused),
        count(*) FILTER (WHERE closed_at IS NOT NULL OR next_due_at IS NULL AND NOT paused)
"""
VIEWS: dict[str, Text] = {
    "mine": Text("Của tôi", "Mine"),
    "team": Text("Đơn vị", "My agency"),
    "triage": Text("Chờ phân loại", "To triage"),
    "escalated": Text("Quá hạn, báo cáo lên", "Overdue"),
    "moderation": Text("Kiểm duyệt", "Moderation"),
    "all": Text("Tất cả", "All"),
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants in their queue."""

    view: str = "team"
    band: str = ""
    state: str = ""
    category: str = ""
    agency: str = ""
    district: str = ""
    emergency: bool | None = None
    q: str = ""
    box: Box | None = None


def views_of(user: Any) -> list[str]:
    """The views that this person has: the centre's, or an agency's."""
    if user.has_perm("reports.change_report"):
        return ["triage", "escalated", "moderation", "all", "mine"]
    if user.has_perm("reports.view_report"):
        return ["all", "escalated"]
    return ["mine", "team", "escalated"]


def _in_view(rows: QuerySet[Report], user: Any, view: str) -> QuerySet[Report]:
    if view == "mine":
        return rows.filter(officer=user, closed_at=None)
    if view == "triage":
        waiting = (State.SUBMITTED, State.TRIAGED, State.REOPENED)
        unassigned = Q(state__in=waiting[:2]) | Q(state=State.REOPENED, agency=None)
        return rows.filter(unassigned, closed_at=None).exclude(moderation="held")
    if view == "escalated":
        return rows.filter(overdue=True, closed_at=None)
    if view == "moderation":
        return rows.exclude(moderation="clear")
    return rows


def of_band(rows: QuerySet[Report], band: str, now: datetime) -> QuerySet[Report]:
    """Open cases of one clock band."""
    rows = rows.filter(closed_at=None)
    match band:
        case "breached":
            return rows.filter(next_due_at__lte=now)
        case "warning":
            return rows.filter(next_due_at__gt=now, next_warn_at__lte=now)
        case "within":
            return rows.filter(next_due_at__gt=now, next_warn_at__gt=now)
        case "paused":
            return rows.filter(next_due_at=None, paused=True)
        case "none":
            return rows.filter(next_due_at=None, paused=False)
    raise Refused("unknown-band", _("There is no such band."), status=422)


def filtered(user: Any, asked: Asked) -> QuerySet[Report]:
    """The cases asked for, of those that are this person's to see."""
    if asked.view not in views_of(user):
        raise Refused("unknown-view", _("There is no such view for you."), status=404)
    rows = _in_view(Report.objects.worked_by(user), user, asked.view)
    if asked.state:
        states = asked.state.split(",")
        if not set(states) <= set(State.values):
            raise Refused("unknown-state", _("There is no such state."), status=422)
        rows = rows.filter(state__in=states)
    elif not asked.q and asked.view != "moderation":
        rows = rows.filter(closed_at=None)
    if asked.category:
        rows = rows.filter(category=asked.category)
    if asked.agency:
        rows = rows.filter(agency__code=asked.agency)
    if asked.district:
        rows = rows.filter(district__code=asked.district)
    if asked.emergency is not None:
        rows = rows.filter(emergency=asked.emergency)
    if asked.box is not None:
        rows = rows.filter(geom__bboverlaps=box_of(asked.box))
    if asked.q:
        code = read_code(asked.q)
        rows = rows.filter(code=code) if code else rows.filter(words__icontains=asked.q[:100])
    return rows


def page(
    user: Any, asked: Asked, *, order: str, cursor: str, limit: int
) -> tuple[list[Report], str | None]:
    """One page of the queue and the next page's cursor: by what is due first, or the newest."""
    rows: Any = filtered(user, asked)
    if asked.band:
        rows = of_band(rows, asked.band, timezone.now())
    closed = bool(asked.state) and set(asked.state.split(",")) <= set(CLOSED)
    if order == "newest" or closed or asked.q:
        return page_by_id(_as_queued(rows, user), limit=limit, cursor=cursor)
    # The page is found by its index alone and only then read with all that belongs to it: joined
    # at once, the planner may read and sort every open case.
    found, following = _page_by_due(rows, limit, cursor)
    return _as_queued(Report.objects.worked_by(user), user).in_order(found), following


def _as_queued(rows: ReportQuerySet, user: Any) -> ReportQuerySet:
    """The rows with how much of each this person has seen, and its first photo."""
    photos = Photo.objects.filter(report=OuterRef("pk"), replaced_by=None, event=None)
    return rows.as_queued().annotate(
        seen_seq=Subquery(Seen.objects.filter(user=user, report=OuterRef("pk")).values("seq")[:1]),
        thumb=Subquery(photos.order_by("id").values("name")[:1]),
    )


def _page_by_due(rows: QuerySet[Report], limit: int, cursor: str) -> tuple[list[int], str | None]:
    """What is due first comes first; what has no running clock comes last, the oldest first."""
    due, last = _read_cursor(cursor)
    found: list[tuple[int, datetime | None]] = []
    if due != "none":
        running = rows.filter(next_due_at__isnull=False).order_by("next_due_at", "id")
        if due:
            at = datetime.fromtimestamp(int(due) / 1_000_000, UTC)
            running = running.filter(
                Q(next_due_at__gt=at) | Q(next_due_at=at, pk__gt=last), next_due_at__gte=at
            )
        found = list(running.values_list("pk", "next_due_at")[: limit + 1])
        last = 0
    if len(found) <= limit:
        still = rows.filter(next_due_at=None, pk__gt=last).order_by("id")
        found += still.values_list("pk", "next_due_at")[: limit + 1 - len(found)]
    more, found = len(found) > limit, found[:limit]
    return [pk for pk, _due in found], _cursor_of(*found[-1]) if more else None


def _cursor_of(pk: int, due_at: datetime | None) -> str:
    if due_at is None:
        return f"none-{pk}"
    return f"{round(due_at.timestamp() * 1_000_000)}-{pk}"


def _read_cursor(cursor: str) -> tuple[str, int]:
    if not cursor:
        return "", 0
    due, _dash, last = cursor.partition("-")
    good = (due == "none" or due.isdigit()) and last.isdigit() and len(cursor) < 40
    if not good or not cursor.isascii():
        raise Refused("bad-cursor", "cursor is not one that this address gave out")
    return due, int(last)


def bands(user: Any, asked: Asked) -> dict[str, int]:
    """How many cases of the queue are in each band, up to a limit that is told."""

    def count() -> dict[str, int]:
        rows = filtered(user, asked).order_by().values_list(*CLOCKS)[:COUNTED]
        try:
            sql, parameters = rows.query.sql_with_params()
        except EmptyResultSet:
            return dict.fromkeys(("total", *BANDS), 0)
        source = f"({sql}) AS cases ({', '.join(CLOCKS)}), (SELECT %s::timestamptz AS at) AS moment"
        with connection.cursor() as cursor:
            cursor.execute(f"{COUNT_BANDS} FROM {source}", (*parameters, timezone.now()))
            return dict(zip(("total", *BANDS), cursor.fetchone(), strict=True))

    whose = "centre" if sees_all(user) else f"agency-{user.agency_id}"
    if asked.view == "mine":
        whose = f"person-{user.pk}"
    key = f"desk-bands:{whose}:{hash(asked)}"
    counts: dict[str, int] = caches["local"].get_or_set(key, count, KEPT_S)  # type: ignore[assignment]
    return counts


def band_of(report: Report, now: datetime) -> str:
    """In which band a case is: its running clock that is due first says it."""
    if report.closed_at is not None:
        return "none"
    if report.next_due_at is None:
        return "paused" if report.paused else "none"
    if report.next_due_at <= now:
        return "breached"
    return "warning" if report.next_warn_at and report.next_warn_at <= now else "within"


def view_counts(user: Any) -> list[dict[str, Any]]:
    """The person's views with how many open cases are in each."""
    return [
        {
            "key": view,
            "title": VIEWS[view].dict(),
            "count": bands(user, Asked(view=view))["total"],
        }
        for view in views_of(user)
    ]
