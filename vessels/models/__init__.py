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
from vessels.models.registry import Device, IdentityChange, Permit, VesselEvent, VesselNote
from vessels.models.storage import ArchivedPosition, HotPosition, Station
from vessels.models.waters import DangerArea, Land, Port, Waters, Zone

__all__ = [
    "Alert", "AlertStep", "ArchivedPosition", "DangerArea", "DayTrack", "Declaration", "Device",
    "EffortHours", "EffortPlace", "Feed", "FleetState", "HotPosition", "IdentityChange", "Land",
    "LatestPosition", "LiveVessel", "Permit", "Port", "Position", "RawBatch", "RejectedLine",
    "Report", "Station", "Threshold", "Vessel", "VesselEvent", "VesselKind", "VesselNote",
    "Waters", "Zone",
]  # fmt: skip
