"""Read what a provider posts, and say of each wrong type what it should be.

FROST took any type for years (FROST-Server#2046); here a number where text belongs is refused.
"""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, Point

from environment.sta.entities import GEOJSON
from environment.sta.faults import Fault
from environment.sta.odata import read_time

WORDS = {str: "text", dict: "an object", list: "a list", int: "a whole number"}


def json_of(raw: bytes) -> Any:
    """A body as it means. Raises: Fault."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Fault(400, "The body is not JSON.", "not-json") from None


def obj(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Fault(400, f"{what} must be an object, not {told(value)}.", "wrong-type")
    return value


def told(value: Any) -> str:
    """A value as a message repeats it."""
    return repr(value)[:60]


def read(body: dict[str, Any], name: str, kind: type, *, required: bool = False) -> Any:
    """The member of that type; empty where it may be absent. Raises: Fault."""
    value = body.get(name)
    if value is None:
        if required:
            raise Fault(400, f"{name} is missing.", "missing")
        return kind()
    wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
    if wrong:
        raise Fault(400, f"{name} must be {WORDS[kind]}, not {told(value)}.", "wrong-type")
    if kind is str and "\x00" in value:
        raise Fault(400, f"{name} holds a character that cannot be kept.", "wrong-type")
    return value


def text(body: dict[str, Any], name: str, longest: int, *, required: bool = False) -> str:
    value = read(body, name, str, required=required).strip()
    if required and not value:
        raise Fault(400, f"{name} is empty.", "missing")
    if len(value) > longest:
        raise Fault(400, f"{name} has {len(value)} characters; at most {longest} are kept.")
    return value


def identifier(value: Any, what: str) -> int:
    """`{"@iot.id": 7}` as 7."""
    found = obj(value, what).get("@iot.id")
    if isinstance(found, str) and found.isdigit() and len(found) < 18:
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int):
        raise Fault(400, f"{what}/@iot.id must be a whole number, not {told(found)}.", "wrong-type")
    return found


def is_link(value: Any) -> bool:
    """Whether an object only names an entity that there is."""
    return isinstance(value, dict) and set(value) == {"@iot.id"}


def point(body: dict[str, Any], name: str) -> Point:
    """The position of a Location or feature in GeoJSON; of another geometry its middle."""
    encoding = text(body, "encodingType", 120) or GEOJSON
    if encoding not in (GEOJSON, "application/vnd.geo+json"):
        raise Fault(400, f"encodingType must be {GEOJSON}, not {told(encoding)}.", "wrong-type")
    given = read(body, name, dict, required=True)
    if given.get("type") == "Feature":
        given = obj(given.get("geometry"), f"{name}/geometry")
    try:
        geom = GEOSGeometry(json.dumps(given), srid=4326)
    except (ValueError, TypeError, GEOSException, GDALException):
        raise Fault(400, f"{name} is no geometry in GeoJSON.", "wrong-type") from None
    found = geom if geom.geom_type == "Point" else geom.centroid
    if geom.empty or not all(map(math.isfinite, found.coords)):
        raise Fault(400, f"{name} is empty.", "wrong-type")
    if not (-180 <= found.x <= 180 and -90 <= found.y <= 90):
        raise Fault(400, f"{name} lies outside the world: longitude first, then latitude.")
    return Point(found.x, found.y, srid=4326)


def number(value: Any) -> float | int | None:
    """A result. Raises: Fault for what is no number; null says that nothing was measured."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Fault(400, f"result must be a number, not {told(value)}.", "wrong-type")
    return value


def phenomenon_time(value: Any) -> datetime | None:
    """The time of a value, of an interval its beginning; None where none is given."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Fault(400, f"phenomenonTime must be text, not {told(value)}.", "wrong-type")
    first, slash, last = value.partition("/")
    begun = read_time(first.strip())
    if slash and read_time(last.strip()) < begun:
        raise Fault(400, "phenomenonTime ends before it begins.", "bad-time")
    return begun
