"""Who may do what: one table, read by the authentication backend.

Permissions are named as Django names them, so the rooms above are mentioned and not imported.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    CITIZEN = "citizen", _("citizen")
    AGENCY_OFFICER = "agency_officer", _("agency officer")
    OPERATOR = "operator", _("operator")
    PLANNER = "planner", _("planner")
    FISHERIES_OFFICER = "fisheries_officer", _("fisheries officer")
    ADMINISTRATOR = "administrator", _("administrator")


_CENTRE = frozenset(
    {
        "incidents.view_incident",
        "reports.view_report",
        "vision.view_camera",
        "vision.view_cameraevent",
        "environment.view_sensor",
        "environment.view_floodzone",
        "billboards.view_billboard",
        "layers.view_wall",
        "planning.use_plan",
    }
)
_FLEET = frozenset(
    {
        "vessels.view_vessel",
        "vessels.change_alert",
        "vessels.add_dangerarea",
        "vessels.add_declaration",
        "vessels.add_vesselnote",
    }
)

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.CITIZEN: frozenset(),
    Role.AGENCY_OFFICER: frozenset({"reports.work_report", "billboards.view_billboard"}),
    Role.OPERATOR: _CENTRE
    | _FLEET
    | {
        "incidents.change_incident",
        "reports.change_report",
        "reports.moderate_report",
        "reports.set_up",
        "environment.add_observation",
        "vision.set_up_camera",
        "vision.review_cameraevent",
        "environment.change_observation",
        "environment.change_floodzone",
    },
    Role.PLANNER: _CENTRE,
    Role.FISHERIES_OFFICER: _FLEET
    | {"layers.view_wall", "incidents.view_incident", "environment.view_sensor"},
    Role.ADMINISTRATOR: frozenset({"*"}),
}

MACHINE_PERMISSIONS = frozenset(
    {
        "environment.add_observation",
        "environment.add_sensor",
        "reports.add_report",
        "reports.add_synthetic",
        "vessels.add_dangerarea",
        "vessels.add_position",
        "vision.add_cameraevent",
    }
)
"""What a token may be given beyond its owner's role."""
