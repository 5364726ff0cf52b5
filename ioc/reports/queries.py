"""Reads of reports: who sees which rows, and which of them are near."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import models
from django.db.models.functions import Extract, Floor
from django.db.models.query import ModelIterable
from django.utils import timezone

from geo import reference
from ioc.reports.codes import read_code
from ioc.reports.workflow import OPEN

FULL_VIEW = "reports.view_report"
ACT = "reports.change_report"
WORK = "reports.work_report"
NEARBY_LIMIT = 5
NAMES = ("category", "district", "agency")
HEAVY = {"district": ("geom", "label_point")}  # the outline weighs more than all the rest of a page
LISTED = (
    "code", "geom_public", "state", "received_at", "changed_at", "me_too", "overdue", "synthetic",
    "words_public", *NAMES,
)  # fmt: skip
SEEN_IN_A_CASE = (
    "attributes", "routed", "suggested", "words_public", "geom_public", "client_key", "accuracy_m",
    "officer__password", "officer__email",
)  # fmt: skip


def sees_all(user: Any) -> bool:
    """Whether `user` sees exact places, words and photos."""
    return bool(user and user.is_authenticated and user.has_perm(FULL_VIEW))


class WithNames(ModelIterable):
    """Rows with their category, ward and agency as these stand now.

    Of each there is one object, kept and shared: joining them would make three more of every row.
    """

    def __iter__(self) -> Iterator[Any]:
        known, about = reference.now(), self.queryset.model._meta
        fields: list[Any] = [about.get_field(name) for name in NAMES]
        every = [(one, known.get(("every", one.name), partial(_every, one))) for one in fields]
        for row in super().__iter__():
            for field, things in every:
                if (thing := things.get(getattr(row, field.attname))) is not None:
                    field.set_cached_value(row, thing)
            yield row


def _every(field: Any) -> dict[Any, Any]:
    """All that a foreign key may name, by key."""
    rows = field.related_model._default_manager.defer(*HEAVY.get(field.name, ()))
    return {row.pk: row for row in rows}


class ReportQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "ReportQuerySet":
        """Rows that exist for `user` on the map; what of each is for the layer's two views to say.

        The public sees that a report exists, never its exact place, words or photos; parts of a
        case and what moderation holds or hides are the centre's alone. An agency's officers see
        their own cases in full through `worked_by`.
        """
        return self.all() if sees_all(user) else self.filter(on_map=True)

    def worked_by(self, user: Any) -> "ReportQuerySet":
        """Rows whose exact place, words and photos are `user`'s to see: the centre's all, an
        agency's officer's the cases that lie with the agency now and are not held back."""
        if sees_all(user):
            return self.all()
        agency = getattr(user, "agency_id", None)
        if agency is None or not user.has_perm(WORK):
            return self.none()
        return self.filter(agency=agency).exclude(moderation="held")

    def open(self) -> "ReportQuerySet":
        return self.filter(state__in=OPEN)

    def with_code(self, code: str) -> "ReportQuerySet":
        """The report of a code in any spelling; none where the code cannot exist."""
        known = read_code(code)
        return self.filter(code=known) if known else self.none()

    def received_since(self, at: datetime) -> "ReportQuerySet":
        return self.filter(received_at__gte=at)

    def with_names(self) -> "ReportQuerySet":
        """Rows with their category, ward and agency (`WithNames`)."""
        rows = self.all()
        rows._iterable_class = WithNames
        return rows

    def as_queued(self) -> "ReportQuerySet":
        """Rows with what a line of the desk's queue shows, less what is only seen in a case."""
        return self.with_names().select_related("officer").defer(*SEEN_IN_A_CASE)

    def as_listed(self) -> "ReportQuerySet":
        """Rows with no more than a line of the public's list shows: a third of their columns."""
        return self.with_names().only(*LISTED)

    def in_order(self, keys: Iterable[int]) -> list[Any]:
        """The rows of these keys, in their order; none for one that is gone meanwhile."""
        wanted = list(keys)
        known = self.in_bulk(wanted)
        return [known[key] for key in wanted if key in known]

    def with_icon(self) -> "ReportQuerySet":
        """Rows with `icon`, the Maki name of their category's symbol."""
        return self.annotate(icon=models.F("category__icon"))


def counts_by_hour(reports: ReportQuerySet, hours: int = 24) -> list[int]:
    """How many arrived in each of the last `hours` hours, oldest first."""
    now = timezone.now()
    rows = (
        reports.received_since(now - timedelta(hours=hours))
        .order_by()
        .annotate(age_h=Floor(Extract(now - models.F("received_at"), "epoch") / 3600.0))
        .values_list("age_h")
        .annotate(n=models.Count("pk"))
    )
    counts = [0] * hours
    for age_h, n in rows:
        counts[hours - 1 - min(hours - 1, max(0, int(age_h)))] += n
    return counts


def me_too_of(report: Any) -> int:
    """How many others have the same trouble: followers, and reports joined to this one."""
    return int(report.followers.count() + report.duplicates.count())
