"""The states a report passes through, declared once with how each looks on the map."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from geo.text import Text


class State(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    TRIAGED = "triaged", _("Triaged")
    ASSIGNED = "assigned", _("Assigned")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING_FOR_REPORTER = "waiting_for_reporter", _("Waiting for the reporter")
    WAITING_FOR_THIRD_PARTY = "waiting_for_third_party", _("Waiting for a third party")
    PLANNED = "planned", _("Planned")
    RESOLVED = "resolved", _("Resolved")
    REJECTED = "rejected", _("Rejected")
    DUPLICATE = "duplicate", _("Duplicate")
    REOPENED = "reopened", _("Reopened")


CLOSED = (State.RESOLVED, State.REJECTED, State.DUPLICATE)
OPEN = tuple(state for state in State if state not in CLOSED)

TITLES: dict[State, Text] = {
    State.SUBMITTED: Text("Đã gửi", "Submitted"),
    State.TRIAGED: Text("Đã phân loại", "Triaged"),
    State.ASSIGNED: Text("Đã giao đơn vị", "Assigned"),
    State.IN_PROGRESS: Text("Đang xử lý", "In progress"),
    State.WAITING_FOR_REPORTER: Text("Chờ người gửi", "Waiting for the reporter"),
    State.WAITING_FOR_THIRD_PARTY: Text("Chờ bên thứ ba", "Waiting for a third party"),
    State.PLANNED: Text("Đã lên kế hoạch", "Planned"),
    State.RESOLVED: Text("Đã giải quyết", "Resolved"),
    State.REJECTED: Text("Không tiếp nhận", "Rejected"),
    State.DUPLICATE: Text("Trùng lặp", "Duplicate"),
    State.REOPENED: Text("Mở lại", "Reopened"),
}

# Waiting is amber, work is blue, done is green, over without work is grey, back again is red.
COLORS: dict[State, str] = {
    State.SUBMITTED: "#f5a524",
    State.TRIAGED: "#f5a524",
    State.ASSIGNED: "#56b4e9",
    State.IN_PROGRESS: "#56b4e9",
    State.WAITING_FOR_REPORTER: "#f0d54e",
    State.WAITING_FOR_THIRD_PARTY: "#f0d54e",
    State.PLANNED: "#8fa8ff",
    State.RESOLVED: "#3fb68b",
    State.REJECTED: "#7b8aa3",
    State.DUPLICATE: "#7b8aa3",
    State.REOPENED: "#e4572e",
}
