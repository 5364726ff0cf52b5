"""What is said where somebody acts on a case that another has changed meanwhile."""

from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.reports.models import Report
from ioc.reports.workflow import MOVES, TITLES, State


def stale(report: Report) -> Refused:
    """What is said to whoever acts on a case as it no longer is: who changed it, when and how."""
    last = report.events.select_related("by", "agency").order_by("-seq")[0]
    who = str(last.agency or last.by or _("the system"))
    title = MOVES[last.kind].done if last.kind in MOVES else TITLES[State(last.state)]
    message = _("%(who)s has changed this case since you opened it. Look at it again.")
    return Refused(
        "stale",
        message % {"who": who},
        status=409,
        who=who,
        at=last.at.isoformat(),
        what=title.dict(),
        version=report.version,
    )
