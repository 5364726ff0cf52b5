"""A zone as a file to take away, and the difference of two."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

from environment.flood import pictures, summaries, water
from environment.flood.models import FloodZone, TerrainModel

MIMES = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "tif": "image/tiff",
    "png": "image/png",
}


def content(zone: FloodZone, ending: str, user: Any) -> bytes:
    """The zone in one of MIMES' formats."""
    if ending == "geojson":
        return gzip.decompress(water.geojson_path(zone).read_bytes())
    if ending == "tif":
        return water.depth_file(zone).read_bytes()
    if ending == "png":
        return pictures.picture(water.state_of(zone))
    return _geopackage(zone, user)


def height_file(terrain: TerrainModel) -> Path:
    """The conditioned heights, of which contours are drawn."""
    return Path(terrain.folder) / "conditioned.tif"


def _geopackage(zone: FloodZone, user: Any) -> bytes:
    """Layers: zone (one row a depth class), wards (exposure), inputs (one row)."""
    import geopandas
    import pandas
    import shapely

    state = water.state_of(zone)
    shapes = water.classes_of(state)
    frame = geopandas.GeoDataFrame(
        {"depth_from_m": list(water.DEPTHS_M), "stage_m": zone.stage_m,
         "confidence": zone.confidence, "method_vi": zone.method_vi, "method_en": zone.method_en,
         "inputs": json.dumps(zone.inputs, ensure_ascii=False), "synthetic": zone.synthetic},
        geometry=shapes, crs=4326,
    )  # fmt: skip
    table = summaries.whole(zone, user)
    wards = _ward_rows(table["wards"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "zone.gpkg"
        frame.to_file(path, layer="zone", driver="GPKG", engine="pyogrio")
        if wards:
            codes = [row["code"] for row in wards]
            borders = {w.code: w for w in summaries.District.objects.filter(code__in=codes)}
            borders_wkb = [bytes(borders[code].geom.wkb) for code in codes]
            geopandas.GeoDataFrame(
                pandas.DataFrame(wards), geometry=shapely.from_wkb(borders_wkb), crs=4326
            ).to_file(path, layer="wards", driver="GPKG", engine="pyogrio")
        return path.read_bytes()


def _ward_rows(wards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "code": ward["code"], "name_vi": ward["name"]["vi"], "name_en": ward["name"]["en"],
            "area_km2": ward["area_km2"], "share": ward["share"], "people": ward["people"],
            "confidence": ward["confidence"],
            **{f"km2_from_{depth:g}m": ward["by_depth_km2"][n]
               for n, depth in enumerate(water.DEPTHS_M)},
        }
        for ward in wards
    ]  # fmt: skip


def difference(one: FloodZone, other: FloodZone) -> dict[str, Any]:
    """What only the higher of two stages floods: GeoJSON and km²."""
    import shapely

    from environment.terrain import polygons

    low, high = sorted((water.state_of(one), water.state_of(other)), key=lambda s: s.stage_m)
    mask = (high.depth > 0) & ~(low.depth > 0)
    basin = high.basin
    shape = polygons.on_earth(polygons.polygonise(mask), basin.transform, basin.crs)
    slim = shapely.simplify(shape, water.tolerance_deg(basin), preserve_topology=True)
    km2 = float((mask.sum(axis=1) * basin.dx).sum() * basin.dy / 1e6)
    return {
        "area_km2": round(km2, 4),
        "from_cm": round(low.stage_m * 100),
        "to_cm": round(high.stage_m * 100),
        "geojson": {
            "type": "Feature",
            "geometry": json.loads(shapely.to_geojson(shapely.set_precision(slim, 1e-6))),
            "properties": {},
        },
    }
