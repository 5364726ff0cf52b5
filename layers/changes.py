"""How a write to a live layer reaches the map: a change recorded in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.utils import timezone

from geo.text import Text
from layers import registry
from layers.models import PendingChange
from layers.registry import Audience, Layer


@dataclass(slots=True)
class ChangeRow:
    """One change, ready to be written. Positions in degrees, ``at`` aware.

    ``public`` without ``public_props`` tells the public that the feature is gone.
    """

    layer: str
    feature_id: str
    op: str = "upsert"
    at: datetime = field(default_factory=timezone.now)
    lon: float | None = None
    lat: float | None = None
    props: dict[str, Any] = field(default_factory=dict)
    public: bool = False
    public_lon: float | None = None
    public_lat: float | None = None
    public_props: dict[str, Any] | None = None
    scope: str = ""


COLUMNS = (
    "layer", "feature_id", "op", "at", "lon", "lat", "props",
    "public", "public_lon", "public_lat", "public_props", "scope",
)  # fmt: skip
SMALL_BATCH = 50


def plain(value: Any) -> Any:
    """A value as it travels in JSON: times in UTC ISO, words in the stored form."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Text):
        return value.dict()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def props_of(layer: Layer, obj: Any, audience: Audience) -> dict[str, Any]:
    """What a viewer of this audience sees of a feature: the same in snapshot, stream and card."""
    props = {f.name: plain(getattr(obj, f.name)) for f in layer.visible_fields(audience)}
    if getattr(obj, "synthetic", False):
        props["synthetic"] = True
    return props


def _anchor(geometry: GEOSGeometry | None) -> tuple[float | None, float | None]:
    if geometry is None:
        return None, None
    point = geometry if geometry.geom_type == "Point" else geometry.point_on_surface
    return point.x, point.y


def row_of(layer: Layer, obj: Any) -> ChangeRow:
    """The change that says what a feature is now."""
    lon, lat = _anchor(getattr(obj, layer.geom_field))
    row = ChangeRow(
        layer=layer.slug,
        feature_id=str(obj.pk),
        at=getattr(obj, layer.time_field, None) or timezone.now(),
        lon=lon,
        lat=lat,
        props=props_of(layer, obj, "full"),
        scope=layer.scope(obj) if layer.scope else "",
    )
    if layer.public_fields is not None or not layer.permission:
        audience: Audience = "public" if layer.permission else "full"
        row.public = True
        if layer.public_when and not getattr(obj, layer.public_when):
            return row  # without public properties: for the public it is gone
        row.public_lon, row.public_lat = _anchor(getattr(obj, layer.geometry_field(audience)))
        row.public_props = props_of(layer, obj, audience)
    return row


def upsert(slug: str, obj: Any, *, at: datetime | None = None) -> None:
    """Record that a feature is new or has changed. Call in the transaction of the write.

    The change is dated by the layer's time field, or by ``at`` where that tells another time.
    """
    upsert_many(slug, [obj], at=at)


def upsert_many(slug: str, objs: Iterable[Any], *, at: datetime | None = None) -> None:
    """Record many features of one layer. Call in the transaction of the write."""
    layer = _layer(slug)
    rows = [row_of(layer, obj) for obj in objs]
    for row in rows:
        row.at = at or row.at
    record_many(rows)


def delete(slug: str, feature_id: Any) -> None:
    """Record that a feature is gone, for every audience."""
    record_many(
        [ChangeRow(layer=_layer(slug).slug, feature_id=str(feature_id), op="delete", public=True)]
    )


def record_many(rows: Sequence[ChangeRow]) -> None:
    """Write changes as they are; many go through COPY."""
    if len(rows) <= SMALL_BATCH:
        PendingChange.objects.bulk_create(
            PendingChange(**{name: getattr(row, name) for name in COLUMNS}) for row in rows
        )
        return
    names = ", ".join(COLUMNS)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY layers_pendingchange ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([_copied(getattr(row, name)) for name in COLUMNS])


def _copied(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict) else value


def _layer(slug: str) -> Layer:
    layer = registry.get(slug)
    if layer is None:
        raise LookupError(f"no layer {slug!r} is declared")
    return layer
