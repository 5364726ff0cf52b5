"""Vector parts of a pack: any file format and CRS in, mended features in EPSG:4326 out."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas
import pyogrio
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from .report import Report

FORMATS = (".geojson", ".json", ".gpkg", ".shp")
Bounds = tuple[float, float, float, float]


class UnreadablePart(ValueError):
    """A file that cannot be used at all, with the reason in one line."""


def read_features(
    path: Path,
    *,
    bounds: Bounds,
    metric_crs: str,
    report: Report | None = None,
    only_within: bool = True,
) -> geopandas.GeoDataFrame:
    """Features of a vector file in EPSG:4326, mended where that is safe.

    Polygons come back valid and with the exterior anticlockwise (RFC 7946). What could not be
    mended is left out and named in the report.

    Raises UnreadablePart for a file that is empty, no vector file, or in no CRS that fits.
    """
    report = report or Report()
    frame = _open(path, report)
    name = path.name
    if not len(frame):
        raise UnreadablePart("the file holds no features")
    frame = _to_lonlat(frame, name, bounds, metric_crs, report)
    kept, geometries = [], []
    for index, geometry in enumerate(frame.geometry):
        label = feature_label(frame, index)
        mended = mend(geometry, name, label, report)
        if mended is not None and only_within and not _touches(mended, bounds):
            report.refused(name, label, "lies outside the city's bounds")
            mended = None
        if mended is not None:
            kept.append(index)
            geometries.append(mended)
    geometries = _turn_rings(geometries, path, report)
    out = frame.iloc[kept].copy()
    out = out.set_geometry(geopandas.GeoSeries(geometries, index=out.index, crs=4326))
    return out.reset_index(drop=True)


def feature_label(frame: geopandas.GeoDataFrame, index: int) -> str:
    """How a report names a feature: by its place in the file, and its code or name."""
    words = [f"feature {index + 1}"]
    for column in ("code", "name"):
        value = frame[column].iloc[index] if column in frame else None
        if isinstance(value, str) and value:
            words.append(value)
    return " ".join(words)


def mend(
    geometry: BaseGeometry | None, part: str, label: str, report: Report
) -> BaseGeometry | None:
    """A valid geometry of the same kind, or None with the refusal in the report."""
    if geometry is None or geometry.is_empty:
        report.refused(part, label, "has no geometry")
        return None
    geometry = shapely.force_2d(geometry)
    if shapely.get_dimensions(geometry) != 2:
        return geometry
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        area_before = geometry.area
        geometry = polygons_of(shapely.make_valid(geometry))
        if geometry.is_empty:
            report.refused(part, label, f"broken beyond mending ({reason})")
            return None
        change = abs(geometry.area - area_before) / geometry.area * 100
        report.mended(part, label, f"broken ring made valid ({reason}; area {change:.2f} % off)")
    return geometry


def _turn_rings(geometries: list[BaseGeometry], path: Path, report: Report) -> list[BaseGeometry]:
    """Geometries with exteriors anticlockwise; a Shapefile's go the other way by its own rule."""
    turned = [shapely.orient_polygons(geometry) for geometry in geometries]
    wrong = sum(
        shapely.get_dimensions(old) == 2 and not shapely.equals_exact(old, new)
        for old, new in zip(geometries, turned, strict=True)
    )
    if wrong and path.suffix in {".geojson", ".json"}:
        report.mended(path.name, "", f"wrong ring order turned round in {wrong} features")
    return turned


def polygons_of(geometry: BaseGeometry) -> shapely.MultiPolygon:
    """The polygons in a geometry as one MultiPolygon; points and lines fall away."""
    parts = shapely.get_parts(geometry) if geometry.geom_type != "Polygon" else [geometry]
    flat: list[shapely.Polygon] = []
    for part in parts:
        if part.geom_type == "Polygon" and not part.is_empty:
            flat.append(part)
        elif part.geom_type in {"MultiPolygon", "GeometryCollection"}:
            flat.extend(polygons_of(part).geoms)
    return shapely.MultiPolygon(flat)


def _open(path: Path, report: Report) -> geopandas.GeoDataFrame:
    if not path.stat().st_size:
        raise UnreadablePart("the file is empty (0 bytes)")
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            # "fix" closes open rings, which would else come as no geometry at all.
            frame = pyogrio.read_dataframe(path, on_invalid="fix")
    except Exception as problem:
        line = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        reason = f"cannot be read as GeoJSON, Shapefile or GeoPackage ({line})"
        raise UnreadablePart(reason) from None
    if any("Non closed ring" in str(warning.message) for warning in said):
        report.mended(path.name, "", "open rings closed")
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise UnreadablePart("holds a table without geometry")
    return frame


def _to_lonlat(
    frame: geopandas.GeoDataFrame, name: str, bounds: Bounds, metric_crs: str, report: Report
) -> geopandas.GeoDataFrame:
    """The frame in EPSG:4326: by its declared CRS where that lands in the city, else by trial."""
    declared = frame.crs
    if declared is not None:
        there = frame.to_crs(4326)
        if _lands(there, bounds):
            return there
    for crs in (4326, metric_crs, 32648):
        trial = frame.set_crs(crs, allow_override=True).to_crs(4326)
        if _lands(trial, bounds):
            was = "states no CRS" if declared is None else f"states {_crs_name(declared)}"
            report.mended(name, "", f"{was}; the coordinates fit EPSG:{pyproj.CRS(crs).to_epsg()}")
            return trial
    swapped = frame.set_geometry(
        geopandas.GeoSeries(
            shapely.transform(frame.geometry.values, lambda xy: xy[:, ::-1]), crs=None
        ).set_crs(4326)
    )
    if _lands(swapped, bounds):
        report.mended(name, "", "latitude stood before longitude; turned round")
        return swapped
    if declared is None:
        raise UnreadablePart("states no CRS and its coordinates fit none that was tried")
    raise UnreadablePart(f"in {_crs_name(declared)} it lies outside the city's bounds")


def _crs_name(crs: pyproj.CRS) -> str:
    epsg = crs.to_epsg()
    return f"EPSG:{epsg}" if epsg else crs.name


def _lands(frame: geopandas.GeoDataFrame, bounds: Bounds) -> bool:
    """Whether most features lie in the city; one stray must not condemn a file."""
    box = shapely.box(*bounds).buffer(0.5)
    geometries = frame.geometry.dropna()
    if geometries.empty:
        return True
    centres = shapely.centroid(shapely.envelope(geometries.values))
    hits = shapely.contains(box, centres[~shapely.is_empty(centres)])
    return bool(len(hits) == 0 or hits.mean() >= 0.5)


def _touches(geometry: BaseGeometry, bounds: Bounds) -> bool:
    return bool(shapely.box(*bounds).buffer(0.5).intersects(geometry))
