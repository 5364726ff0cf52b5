"""Writes: forecast danger areas, as GeoJSON tells them."""

from datetime import UTC, datetime
from typing import Any

import orjson
import shapely
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon
from django.db import transaction
from django.utils.translation import gettext as _

from geo.errors import Refused
from vessels.models import DangerArea
from vessels.registry import Taken

MOST_AREAS, MOST_CORNERS = 500, 20_000


@transaction.atomic
def take(collection: Any, *, source: str = "", synthetic: bool = False) -> Taken:
    """The areas of a FeatureCollection taken by key, each bad one set aside with its number.

    Properties: key (or the feature's id), name or name_vi, name_en, valid_from, valid_to (ISO with
    zone), source (else `source`). A key that stands is replaced; the same again changes nothing.
    Raises Refused where it is no FeatureCollection.
    """
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or len(features) > MOST_AREAS:
        raise Refused("bad-geojson", _("This is no FeatureCollection of up to 500 areas."))
    taken = Taken()
    for number, feature in enumerate(features, start=1):
        try:
            row = _row(feature, source)
        except Refused as problem:
            taken.bad.append((number, str(problem)))
            continue
        key = row.pop("key")
        DangerArea.objects.update_or_create(
            key=key, defaults={**row, "synthetic": synthetic, "active": True}
        )
        taken.rows += 1
    return taken


def _row(feature: Any, source: str) -> dict[str, Any]:
    said = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(said, dict):
        raise Refused("no-properties", _("The area tells nothing of itself."))
    key = str(said.get("key") or feature.get("id") or "").strip()
    name = str(said.get("name_vi") or said.get("name") or "").strip()
    told_by = str(said.get("source") or source).strip()
    if not key or len(key) > 100 or not name or not told_by:
        raise Refused("no-name", _("An area needs a key, a name and a source."))
    start, end = _time(said.get("valid_from")), _time(said.get("valid_to"))
    if end <= start:
        raise Refused("bad-span", _("The area is over before it begins."))
    return {
        "key": key, "name_vi": name[:200], "name_en": str(said.get("name_en") or name)[:200],
        "valid_from": start, "valid_to": end, "source": told_by[:300],
        "geom": _shape(feature.get("geometry")),
    }  # fmt: skip


def _time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise Refused("bad-time", _("valid_from and valid_to are times with their zone.")) from None
    if moment.tzinfo is None:
        raise Refused("bad-time", _("valid_from and valid_to are times with their zone."))
    return moment.astimezone(UTC)


def _shape(geometry: Any) -> MultiPolygon:
    try:
        shape = GEOSGeometry(orjson.dumps(geometry).decode(), srid=4326)
    except (ValueError, TypeError, GDALException, GEOSException):
        raise Refused("bad-polygon", _("This is no polygon in GeoJSON.")) from None
    if shape.geom_type not in {"Polygon", "MultiPolygon"} or shape.empty or not shape.valid:
        raise Refused("bad-polygon", _("This is no polygon in GeoJSON."))
    west, south, east, north = shape.extent
    if shape.num_coords > MOST_CORNERS or west < -180 or east > 180 or south < -90 or north > 90:
        raise Refused("bad-polygon", _("The area has too many corners or lies beyond the globe."))
    whole = shapely.multipolygons(shapely.get_parts(shapely.from_wkb(bytes(shape.wkb))))
    multi = GEOSGeometry(whole.wkb.hex(), srid=4326)
    assert isinstance(multi, MultiPolygon)
    return multi
