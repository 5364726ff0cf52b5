"""Several tracks at once, and who was in an area when."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import orjson
import shapely
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from geo.errors import Refused
from vessels.api.rights import aware, may_ask, officer
from vessels.calls import visits_to
from vessels.models import Vessel
from vessels.picture import tracks as read_tracks
from vessels.science import simplify
from vessels.science.cadence import cadence_s
from vessels.science.tracks import Track

router = Router()
MOST_TRACKS = 20
MOST_DAYS = 31
MOST_POINTS = 4_000
TOLERANCE_M = 20.0
GAP_CADENCES = 5.0
LEAST_GAP_S = 1_800.0
MOST_VERTICES = 2_000


class Asked(Schema):
    """An area and a span of time."""

    polygon: dict[str, Any]
    since: datetime = Field(alias="from")
    to: datetime


@router.get("/tracks", summary="Tracks of up to 20 vessels, with their gaps as gaps")
def get_tracks(
    request: HttpRequest,
    ids: str = Query(max_length=200),
    since: str = Query(alias="from", max_length=40),
    to: str = Query(max_length=40),
    step_s: int = Query(60, ge=1, le=3600),
) -> dict[str, Any]:
    """Points as [lon, lat, epoch s, kn or null], thinned so that at any time the line between two
    kept points is within 20 m of the one left out. A silence of over half an hour and five of the
    vessel's own intervals ends a segment."""
    may_ask(request)
    start, end = _span(_time(since), _time(to))
    try:
        wanted = list(dict.fromkeys(int(part) for part in ids.split(",") if part))
    except ValueError:
        raise Refused("bad-ids", _("ids are numbers with commas between them")) from None
    if len(wanted) > MOST_TRACKS:
        raise Refused("too-many", _("At most 20 tracks at once."), status=422)
    rows = Vessel.objects.visible_to(request.user).filter(pk__in=wanted)
    seen = {vessel.pk: vessel for vessel in rows}
    found = read_tracks(seen, start, end, thin_s=step_s)
    floor = start.timestamp()
    return {
        "tracks": [
            {"id": pk, "name": str(seen[pk]), "synthetic": seen[pk].synthetic,
             "segments": segments(track[track["t"] >= floor])}
            for pk in wanted if pk in seen
            for track in [found.get(pk, _EMPTY)]
        ]
    }  # fmt: skip


@router.post("/who-was-there", summary="Which vessels were in an area within a span of time")
def who_was_there(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """First and last time inside, seconds inside and positions, earliest first."""
    may_ask(request)
    start, end = _span(asked.since, asked.to)
    shape = _polygon(asked.polygon)
    mine = None if officer(request) else Vessel.objects.visible_to(request.user)
    ids = None if mine is None else list(mine.values_list("pk", flat=True))
    found = visits_to(shape, start, end, ids)
    rows = Vessel.objects.visible_to(request.user).in_bulk([visit["id"] for visit in found])
    return {
        "vessels": [
            {**visit, "name": str(rows[visit["id"]]), "plate": rows[visit["id"]].plate}
            for visit in found if visit["id"] in rows
        ]
    }  # fmt: skip


_EMPTY = np.empty(0, np.dtype([("t", "f8"), ("lon", "f8"), ("lat", "f8"), ("speed_kn", "f4")]))


def segments(track: Track) -> list[dict[str, Any]]:
    """The track in stretches without a silence, each thinned by time ratio."""
    if not len(track):
        return []
    cadence = cadence_s(track["t"])
    limit = max(LEAST_GAP_S, GAP_CADENCES * (0 if cadence != cadence else cadence))
    breaks = np.flatnonzero(np.diff(track["t"]) > limit) + 1
    told, before = [], None
    for part in np.split(track, breaks):
        tolerance, kept = TOLERANCE_M, part[simplify.time_ratio(part, TOLERANCE_M)]
        while len(kept) > MOST_POINTS:
            tolerance *= 2
            kept = kept[simplify.time_ratio(kept, tolerance)]
        first, last = float(part["t"][0]), float(part["t"][-1])
        told.append(
            {
                "start": first, "end": last, "gap_before_s": None if before is None
                else round(first - before, 1),
                "points": [
                    [round(float(r["lon"]), 6), round(float(r["lat"]), 6), float(r["t"]),
                     None if r["speed_kn"] != r["speed_kn"] else round(float(r["speed_kn"]), 1)]
                    for r in kept
                ],
            }
        )  # fmt: skip
        before = last
    return told


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused("bad-time", _("from and to are times, as 2026-01-31T07:00:00Z.")) from None


def _span(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    start, end = aware(start), aware(end)
    if not timedelta(0) < end - start <= timedelta(days=MOST_DAYS):
        raise Refused("bad-span", _("The span is empty or longer than 31 days."), status=422)
    return start, end


def _polygon(geojson: dict[str, Any]) -> Any:
    try:
        shape = GEOSGeometry(orjson.dumps(geojson).decode(), srid=4326)
    except (ValueError, TypeError, GDALException, GEOSException):
        raise Refused("bad-polygon", _("This is no polygon in GeoJSON."), status=422) from None
    if shape.geom_type not in {"Polygon", "MultiPolygon"} or shape.empty or not shape.valid:
        raise Refused("bad-polygon", _("This is no polygon in GeoJSON."), status=422)
    if shape.num_coords > MOST_VERTICES:
        raise Refused("too-many-corners", _("The area has too many corners."), status=422)
    return shapely.from_wkb(bytes(shape.wkb))
