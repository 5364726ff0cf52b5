"""Reads of reports: who sees which rows, and which of them are near."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models.functions import Extract, Floor
from django.utils import timezone

from ioc.reports.codes import read_code
from ioc.reports.workflow import OPEN

FULL_VIEW = "reports.view_report"
ACT = "reports.change_report"
WORK = "reports.work_report"
NEARBY_LIMIT = 5
LISTED = (
    "code", "geom_public", "state", "received_at", "changed_at", "me_too", "overdue", "synthetic",
    "words_public", "category__name_vi", "category__name_en", "category__icon", "category__color",
    "district__code", "district__name_vi", "district__name_en",
    "agency__code", "agency__name_vi", "agency__name_en",
)  # fmt: skip
SEEN_IN_A_CASE = (
    "attributes", "routed", "suggested", "words_public", "geom_public", "client_key", "accuracy_m",
    "category__description_vi", "category__description_en", "category__keywords",
    "category__attributes", "officer__password", "officer__email",
)  # fmt: skip


def sees_all(user: Any) -> bool:
    """Whether `user` sees exact places, words and photos."""
    return bool(user and user.is_authenticated and user.has_perm(FULL_VIEW))


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
        """Rows with their category, ward and agency; the ward without its outline, which weighs
        more than all the rest of a page."""
        rows = self.select_related("category", "district", "agency")
        return rows.defer("district__geom", "district__label_point")

    def as_queued(self) -> "ReportQuerySet":
        """Rows with what a line of the desk's queue shows, less what is only seen in a case."""
        return self.with_names().select_related("officer").defer(*SEEN_IN_A_CASE)

    def as_listed(self) -> "ReportQuerySet":
        """Rows with no more than a line of the public's list shows: a third of their columns."""
        return self.select_related("category", "district", "agency").only(*LISTED)

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
