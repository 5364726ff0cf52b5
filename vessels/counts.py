"""What is wrong with what is heard, in numbers: files, streams and deliveries alike."""

from typing import Any

from django.db.models import Count, Sum

from geo import heartbeat
from vessels import quality
from vessels.models import LatestPosition, RejectedLine, Station, Vessel

PART = "vessels"


def told() -> dict[str, Any]:
    """Lines set aside by reason (of the last 30 days), vessels by the doubt in their latest
    position, MMSIs that several vessels share, stations and what they sent."""
    reasons = RejectedLine.objects.values_list("reason").annotate(Count("pk")).order_by("reason")
    doubts: dict[str, int] = {}
    flagged = LatestPosition.objects.exclude(flags=0).values_list("flags").annotate(Count("pk"))
    for flags, count in flagged.order_by("flags"):
        word = quality.doubt_of(flags)
        doubts[word] = doubts.get(word, 0) + count
    stations = Station.objects.aggregate(count=Count("pk"), messages=Sum("messages"))
    return {
        "set_aside": dict(reasons), "doubtful": doubts, "stations": stations["count"],
        "station_messages": stations["messages"] or 0,
        "mmsi_shared": Vessel.objects.filter(part=1).count(),
    }  # fmt: skip


def beat(rounds: int) -> None:
    """Tell /metrics; `rounds` grows with each look."""
    heartbeat.beat(PART, rounds, **told())
