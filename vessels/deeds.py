"""Writes: what vessels did, as lines of their file, in step with what their tracks tell."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.gis.geos import Point
from django.db.models import Q

from vessels.events.conduct import Deed
from vessels.events.picture import moment
from vessels.models import VesselEvent

Key = tuple[int, str]


def record(deeds: Iterable[Deed], *, since: datetime) -> dict[str, int]:
    """How many lines were added, changed and taken back. The same deeds again change nothing.

    Looked at was what happened from `since` on: what began before keeps its begin, and a line that
    began later and is no longer told is taken back. Call in a transaction, locked.
    """
    known: dict[Key, list[VesselEvent]] = {}
    rows = VesselEvent.objects.select_for_update().filter(Q(ended_at=None) | Q(ended_at__gte=since))
    for row in rows.order_by("began_at"):
        known.setdefault((row.vessel_id, row.kind), []).append(row)
    added, changed, met = [], [], set[int]()
    for deed in sorted(deeds, key=lambda d: (d.vessel_id, d.kind, d.start)):
        start, end = moment(deed.start), moment(deed.end) if deed.end is not None else None
        if end is not None and end < since:
            continue
        same = next((r for r in known.get((deed.vessel_id, deed.kind), ())
                     if r.pk not in met and _overlap(r, start, end)), None)  # fmt: skip
        if same is None:
            added.append(_row(deed, start, end))
            continue
        met.add(same.pk)
        if _change(same, deed, start, end, since):
            changed.append(same)
    gone = [row.pk for rows_ in known.values() for row in rows_
            if row.pk not in met and row.began_at > since]  # fmt: skip
    VesselEvent.objects.filter(pk__in=gone).delete()
    VesselEvent.objects.bulk_create(added, ignore_conflicts=True)
    VesselEvent.objects.bulk_update(changed, ["began_at", "ended_at", "geom", "details"])
    return {"added": len(added), "changed": len(changed), "gone": len(gone)}


def _overlap(row: VesselEvent, start: datetime, end: datetime | None) -> bool:
    if row.ended_at is None and end is None:
        return True
    ends = [at for at in (row.ended_at, end) if at is not None]
    return max(row.began_at, start) <= min(ends)


def _row(deed: Deed, start: datetime, end: datetime | None) -> VesselEvent:
    return VesselEvent(
        vessel_id=deed.vessel_id, kind=deed.kind, began_at=start, ended_at=end,
        geom=Point(round(deed.lon, 6), round(deed.lat, 6), srid=4326), details=deed.details,
    )  # fmt: skip


def _change(
    row: VesselEvent, deed: Deed, start: datetime, end: datetime | None, since: datetime
) -> bool:
    """Bring a line in step; what began before the window keeps its begin, place and details."""
    before = (row.began_at, row.ended_at, row.geom.coords, row.details)
    row.ended_at = end
    if row.began_at >= since:
        fresh = _row(deed, start, end)
        row.began_at, row.geom, row.details = start, fresh.geom, fresh.details
    return (row.began_at, row.ended_at, row.geom.coords, row.details) != before
