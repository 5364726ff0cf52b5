"""Vessels: what was heard of them, what people know of them, and what is watched."""

from vessels.models.control import Alert, AlertStep, Declaration, FleetState, Threshold
from vessels.models.derived import DayTrack, EffortHours, EffortPlace
from vessels.models.heard import (
    Feed,
    LatestPosition,
    LiveVessel,
    Position,
    RawBatch,
    RejectedLine,
    Report,
    Vessel,
    VesselKind,
)
from vessels.models.registry import Device, IdentityChange, Permit, VesselNote
from vessels.models.storage import ArchivedPosition, HotPosition
from vessels.models.waters import Port, Waters, Zone

__all__ = [
    "Alert", "AlertStep", "ArchivedPosition", "DayTrack", "Declaration", "Device", "EffortHours",
    "EffortPlace", "Feed", "FleetState", "HotPosition", "IdentityChange", "LatestPosition",
    "LiveVessel", "Permit", "Port", "Position", "RawBatch", "RejectedLine", "Report", "Threshold",
    "Vessel", "VesselKind", "VesselNote", "Waters", "Zone",
]  # fmt: skip
