"""What an OpenStreetMap extract holds that a flood may reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geo.packs import osm

SCHOOLS = {"school", "kindergarten", "college", "university"}
CLINICS = {"hospital", "clinic", "doctors"}
NO_ROADS = {"", "footway", "path", "steps", "cycleway", "proposed", "construction", "corridor"}


def of_extract(path: Path, bounds: Any) -> Iterator[tuple[str, str, str, Any]]:
    """Kind, names and shape (EPSG:4326) of each building, road, school and clinic."""
    areas = osm.read_layer(path, "multipolygons", bounds)
    points = osm.read_layer(path, "points", bounds)
    lines = osm.read_layer(path, "lines", bounds)
    for frame, is_area in ((points, False), (areas, True)):
        vi, en = osm.names(frame)
        amenity = osm.tag(frame, "amenity")
        building = osm.tag(frame, "building" if is_area else "no such tag")
        for n, shape in enumerate(frame.geometry):
            for kind, values in (("school", SCHOOLS), ("clinic", CLINICS)):
                if amenity.iloc[n] in values:
                    yield kind, vi.iloc[n], en.iloc[n], shape
            if building.iloc[n] not in {"", "no"}:
                yield "building", vi.iloc[n], en.iloc[n], shape
    vi, en = osm.names(lines)
    highway = osm.tag(lines, "highway")
    for n, shape in enumerate(lines.geometry):
        if highway.iloc[n] not in NO_ROADS:
            yield "road", vi.iloc[n], en.iloc[n], shape
