"""Reports and all that belongs to them, by subject."""

from ioc.reports.models.outgoing import (
    Message,
    PushSubscription,
    Sending,
    Webhook,
    WebhookDelivery,
)
from ioc.reports.models.people import (
    Follower,
    OriginalWords,
    Reporter,
    ReporterWords,
    SavedFilter,
    Seen,
)
from ioc.reports.models.report import (
    MAX_WORDS,
    Category,
    Moderation,
    Photo,
    Report,
    ReportEvent,
    _photo_path,
    _thumb_path,
    unguessable_name,
)
from ioc.reports.models.rules import DirtyDay, ReportDay, RoutingRule, SuggestionModel
from ioc.reports.models.terms import CalendarDay, ServicePlan, Terms, WorkCalendar

__all__ = [
    "MAX_WORDS",
    "CalendarDay",
    "Category",
    "DirtyDay",
    "Follower",
    "Message",
    "Moderation",
    "OriginalWords",
    "Photo",
    "PushSubscription",
    "Report",
    "ReportDay",
    "ReportEvent",
    "Reporter",
    "ReporterWords",
    "RoutingRule",
    "SavedFilter",
    "Seen",
    "Sending",
    "ServicePlan",
    "SuggestionModel",
    "Terms",
    "Webhook",
    "WebhookDelivery",
    "WorkCalendar",
    "_photo_path",
    "_thumb_path",
    "unguessable_name",
]
