"""Cameras, what they saw, what was said of it, and who looked."""

from vision.models.audit import AuditLine
from vision.models.camera import Camera, detector_choices
from vision.models.counts import CameraHealth, HealthEvent, MinuteCount
from vision.models.event import CameraEvent, EventReview, MergedSighting, Review
from vision.models.job import Job
from vision.models.plates import PlateReading, PlateText

__all__ = [
    "AuditLine",
    "Camera",
    "CameraEvent",
    "CameraHealth",
    "EventReview",
    "HealthEvent",
    "Job",
    "MergedSighting",
    "MinuteCount",
    "PlateReading",
    "PlateText",
    "Review",
    "detector_choices",
]
