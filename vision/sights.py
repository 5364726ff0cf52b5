"""What a camera sees, as a polygon on the map, and which features of other layers stand in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from django.contrib.gis.geos import MultiPoint, Point, Polygon

from geo.crs import metric_srid, to_lonlat, to_metric
from layers import registry
from vision import ground

if TYPE_CHECKING:
    from vision.models import Camera

ARC = 16  # corners of a wedge's far edge
LINKED = 10


def view_of(camera: Camera) -> tuple[Polygon | None, bool]:
    """The ground that it sees, EPSG:4326, and whether that is measured.

    With control points: their hull as the homography puts it on the ground, the only part where
    places can be told. Without: the wedge of bearing, field of view and range; None without a
    bearing.
    """
    try:
        picture, lonlat = ground.points_from(camera.control_points)
    except (ValueError, TypeError):
        picture, lonlat = np.zeros((0, 2)), np.zeros((0, 2))
    if len(picture) and (hull := _hull(picture, lonlat)) is not None:
        return hull, True
    return _wedge(camera), False


def _hull(picture: Any, lonlat: Any) -> Polygon | None:
    srid = metric_srid()
    metric = np.array([to_metric(lon, lat, srid) for lon, lat in lonlat])
    matrix = ground.fit(picture, metric)
    mapped = np.column_stack([picture, np.ones(len(picture))]) @ matrix.T
    if (np.sign(mapped[:, 2]) != np.sign(mapped[0, 2])).any():
        return None  # the horizon runs between the points: no polygon is honest
    spots = mapped[:, :2] / mapped[:, 2:]
    if not np.isfinite(spots).all():
        return None
    hull = MultiPoint(*[Point(*to_lonlat(x, y, srid)) for x, y in spots], srid=4326).convex_hull
    if isinstance(hull, Polygon):
        hull.srid = 4326
        return hull
    return None


def _wedge(camera: Camera) -> Polygon | None:
    if camera.bearing_deg is None:
        return None
    srid = metric_srid()
    east, north = to_metric(camera.geom.x, camera.geom.y, srid)
    half = min(camera.fov_deg, 359) / 2
    corners = [(camera.geom.x, camera.geom.y)]
    for n in range(ARC + 1):
        angle = math.radians(camera.bearing_deg - half + 2 * half * n / ARC)
        corners.append(
            to_lonlat(
                east + camera.range_m * math.sin(angle),
                north + camera.range_m * math.cos(angle),
                srid,
            )
        )
    return Polygon([*corners, corners[0]], srid=4326)


def seen_features(user: Any, camera: Camera, slug: str = "billboards") -> list[dict[str, Any]]:
    """Links to features of another layer in the camera's view, as far as this person sees them."""
    layer = registry.get(slug)
    if layer is None or camera.view is None or layer.audience(user) is None:
        return []
    rows = layer.queryset(user).filter(**{f"{layer.geom_field}__intersects": camera.view})
    return [
        {
            "title": {"vi": str(getattr(row, layer.title_field)),
                      "en": str(getattr(row, layer.title_field))},
            "layer": slug,
            "id": str(row.pk),
        }
        for row in rows.order_by("pk")[:LINKED]
    ]  # fmt: skip
