"""Writes, by what they are about: cameras, events, reviews, jobs, plates."""

from vision.actions.cameras import (
    login_for,
    mark_unconfigured,
    report_state,
    report_trouble,
    save_camera,
    set_up,
)
from vision.actions.events import (
    attach_clip,
    close_left_open,
    end_event,
    lapse_event,
    purge_events,
    record_event,
    update_event,
)

__all__ = [
    "attach_clip",
    "close_left_open",
    "end_event",
    "lapse_event",
    "login_for",
    "mark_unconfigured",
    "purge_events",
    "record_event",
    "report_state",
    "report_trouble",
    "save_camera",
    "set_up",
    "update_event",
]
