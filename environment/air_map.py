"""The air quality between stations, drawn only where they support it; else the words why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from environment import aqi, surface
from environment.models import AirBand, Sensor, State
from geo.crs import city
from geo.text import Text

CELLS = 240
SMOOTH_CELLS = 3.0
BANDS = ("good", "minor", "moderate", "severe", "very-bad", "hazardous")
"""Names of `aqi.CATEGORIES`, in their order."""


@dataclass(frozen=True)
class Support:
    """Stations that are heard, what they say, and whether that carries a surface."""

    sensors: list[Sensor]
    xy: np.ndarray
    values: np.ndarray
    proof: surface.Proof
    srid: int

    @property
    def at(self) -> datetime | None:
        return max((s.observed_at for s in self.sensors if s.observed_at), default=None)

    @property
    def synthetic(self) -> bool:
        return any(s.synthetic for s in self.sensors)


def support(rows: Any) -> Support:
    """What the air stations among these rows carry: the real ones, else the synthetic ones.

    A synthetic station never colours the ground between real ones.
    """
    heard = rows.filter(kind=Sensor.Kind.AIR, parameter="vn_aqi", value__isnull=False)
    sensors = list(heard.exclude(state=State.STALE).order_by("pk"))
    real = [s for s in sensors if not s.synthetic]
    made_up = [s for s in sensors if s.synthetic]
    found = _support(real or made_up)
    if found.proof.holds or not (real and made_up):
        return found
    other = _support(made_up)
    return other if other.proof.holds else found


def _support(sensors: Sequence[Sensor]) -> Support:
    here = city()
    srid = here.metric_srid if here else 32648
    xy = surface.stations_xy([s.geom.coords for s in sensors], srid)
    values = np.array([s.value for s in sensors], float)
    return Support(list(sensors), xy, values, surface.prove(xy, values), srid)


def method(proof: surface.Proof) -> Text:
    """How the surface is made and how far it can be trusted, with this hour's figures."""
    km = f"{proof.reach_m / 1000:.1f}"
    return Text(
        f"Nội suy khoảng cách nghịch đảo (bậc 2) từ {proof.stations} trạm; chỉ vẽ trong vòng "
        f"{km.replace('.', ',')} km quanh trạm. Bỏ từng trạm ra và đoán lại, sai số "
        f"{proof.error:.0f} điểm AQI (một giá trị chung: {proof.flat_error:.0f}).",
        f"Inverse distance (power 2) from {proof.stations} stations; drawn only within {km} km of "
        f"one. Leaving out each station and foretelling it, the error is {proof.error:.0f} points "
        f"of AQI (one value for all: {proof.flat_error:.0f}).",
    )


@transaction.atomic
def redraw() -> int:
    """The number of classes on the map now; none where the public stations carry no surface."""
    found = support(Sensor.objects.filter(public=True))
    areas = _areas(found) if found.proof.holds else {}
    AirBand.objects.exclude(band__in=areas).delete()
    words = method(found.proof) if areas else Text("", "")
    for band, geom in areas.items():
        AirBand.objects.update_or_create(
            band=band,
            defaults={
                "at": found.at, "stations": found.proof.stations, "geom": geom,
                "error": round(found.proof.error, 1), "method_vi": words.vi,
                "flat_error": round(found.proof.flat_error, 1), "method_en": words.en,
                "reach_km": round(found.proof.reach_m / 1000, 1), "synthetic": found.synthetic,
            },
        )  # fmt: skip
    return len(areas)


def _areas(found: Support) -> dict[str, Any]:
    """The area of each class that occurs (MultiPolygon, EPSG:4326)."""
    import rasterio
    import shapely
    from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

    from environment.terrain import polygons

    x, y, grid = surface.grid(found.xy, found.values, found.proof, CELLS)
    grid = np.ascontiguousarray(grid[::-1])
    dx, dy = x[1] - x[0], y[1] - y[0]
    transform = rasterio.Affine(dx, 0, x[0] - dx / 2, 0, -dy, y[-1] + dy / 2)
    crs = rasterio.crs.CRS.from_epsg(found.srid)
    low, parts = -np.inf, {}
    for name, category in zip(BANDS, aqi.CATEGORIES, strict=True):
        shapes = polygons.polygonise((grid > low) & (grid <= category.top))
        low = category.top
        if len(shapes):
            parts[name] = shapely.MultiPolygon(list(shapes))
    # Neighbouring classes keep one border between them.
    smooth = shapely.coverage_simplify(np.array(list(parts.values()), object), SMOOTH_CELLS)
    out = {}
    for name, shape in zip(parts, smooth, strict=True):
        whole = polygons.on_earth(np.array([shape], object), transform, crs)
        if not whole.is_empty:
            geom = GEOSGeometry(memoryview(whole.wkb), srid=4326)
            several = geom.geom_type == "MultiPolygon"
            out[name] = geom if several else MultiPolygon(geom, srid=4326)
    return out
