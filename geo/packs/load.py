"""Writing a pack into the database: City, District and Place, then the apps above."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import pandas
import shapely
import structlog
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.db import connection, transaction
from django.utils import timezone

from geo.fold import folded
from geo.models import City, District, Place

from . import basemap, importers, osm
from .land import outline
from .pack import Pack, PackError
from .report import Report
from .vectors import UnreadablePart, feature_label, polygons_of

log = structlog.get_logger(__name__)

VERSION = 1  # count up when the import writes something else, so that packs are taken in anew
LOCK = 0x7061636B
CODES = ("code", "ma", "ma_xa", "ward_code", "wardcode", "gid")
NAMES_VI = ("name", "name_vi", "ten", "ten_xa", "ward", "ward_name")
NAMES_EN = ("nameen", "name_en", "english")
FULL_NAMES = ("fullname", "full_name", "fullname_vi", "ten_day_du")


def import_pack(pack: Pack, *, var: Path, report: Report, if_changed: bool = False) -> bool:
    """Take a pack in, all or nothing; False where it was asked to skip one that stands already.

    Rows keep their identity: districts are found by code, places by key. `var` is the folder
    whose `basemap/` caches built basemaps. Raises PackError when nothing can be imported.
    """
    apps = importers.discover()
    digest = _digest(pack, [part for part, _importer in apps])
    if if_changed and _stands(pack, digest):
        report.step(f"pack {pack.slug}: up to date")
        return False
    report.step(f"pack {pack.slug}: {pack.path}")
    wards = _wards(pack, report)
    for part in ("coast", "rivers", "ports", "zones"):
        _check(pack, part, report)
    places = _places(pack, report)
    ground = basemap.ensure(pack, var / "basemap", report)
    with transaction.atomic():
        with connection.cursor() as cursor:  # two imports at once must not meet
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        _write_city(pack, wards, ground, digest)
        _write_districts(pack, wards, report)
        _write_places(pack, places, report)
        for part, importer in apps:
            report.step(f"pack {pack.slug}: {part}")
            importer(pack, report)
    _forget_old_basemaps(var / "basemap", Path(ground["file"]))
    log.info("pack-imported", slug=pack.slug, taken=report.counts, refused=len(report.refusals))
    return True


def _digest(pack: Pack, parts: Sequence[str]) -> str:
    """The pack's fingerprint, for this version of the import and the apps that take part."""
    words = f"{VERSION}:{basemap.VERSION}:{','.join(parts)}:{pack.digest()}"
    return hashlib.sha256(words.encode()).hexdigest()


def _stands(pack: Pack, digest: str) -> bool:
    city = City.objects.filter(active=True, slug=pack.slug, pack_digest=digest).first()
    return bool(city and city.basemap and Path(city.basemap["file"]).is_file())


def _wards(pack: Pack, report: Report) -> geopandas.GeoDataFrame:
    """Wards with code, name_vi, name_en, kind and area_km2, each code once.

    Raises PackError when no usable ward is left.
    """
    found = pack.features("wards", report)
    name = getattr(pack.part("wards"), "name", "wards")
    if found is None:
        raise PackError("no wards in the pack and none bundled for this city; add wards.geojson")
    columns = {str(column).lower(): column for column in found.columns}
    areas = found.to_crs(pack.manifest.metric_crs).area / 1e6
    rows: dict[str, dict[str, Any]] = {}
    for index in range(len(found)):
        row, label = found.iloc[index], feature_label(found, index)
        geometry = polygons_of(row.geometry)
        code, vi = _text(row, columns, CODES), _text(row, columns, NAMES_VI)
        problem = _problem(code, vi, geometry)
        if problem:
            report.refused(name, label, problem)
        elif code in rows:
            report.refused(name, label, f"code {code} stands already; the first one is kept")
        else:
            rows[code] = _ward(row, columns, code, vi, geometry, float(areas.iloc[index]))
    if not rows:
        raise PackError(f"{name}: no usable ward in it; {len(report.refusals)} features refused")
    return geopandas.GeoDataFrame(list(rows.values()), crs=4326)


def _problem(code: str, name: str, geometry: shapely.MultiPolygon) -> str:
    if not code:
        return f"has no code (looked for {', '.join(CODES)})"
    if len(code) > 20:
        return f'code "{code[:20]}…" is longer than 20 characters'
    if not name:
        return f"has no name (looked for {', '.join(NAMES_VI)})"
    return "is a line or a point, not a polygon" if geometry.is_empty else ""


def _ward(
    row: Any,
    columns: dict[str, Any],
    code: str,
    vi: str,
    geometry: shapely.MultiPolygon,
    area: float,
) -> dict[str, Any]:
    full = _text(row, columns, FULL_NAMES) or vi
    word = full.split(" ", 1)[0].lower()
    kind = {"xã": "commune", "đặc": "special"}.get(word, "ward")
    short = re.sub(r"^(phường|xã|thị trấn|đặc khu)\s+", "", vi, flags=re.IGNORECASE)
    return {
        "code": code,
        "name_vi": short[:120],
        "name_en": (_text(row, columns, NAMES_EN) or short)[:120],
        "kind": kind,
        "area_km2": round(area, 3),
        "geometry": geometry,
    }


def _text(row: Any, columns: dict[str, Any], names: Sequence[str]) -> str:
    """The first filled column of these names; a code read as a number loses its “.0”."""
    for name in names:
        value = row[columns[name]] if name in columns else None
        if value is None or (isinstance(value, float) and pandas.isna(value)):
            continue
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if str(value).strip():
            return str(value).strip()
    return ""


def _check(pack: Pack, part: str, report: Report) -> None:
    """Read a part that has no table here, so that its faults are told once."""
    if pack.part(part) is None:
        report.note(part, "no such part; left out")
        return
    found = pack.features(part, report)
    report.taken(part, 0 if found is None else len(found))


def _places(pack: Pack, report: Report) -> list[osm.PlaceRow]:
    extract = pack.part("osm")
    if extract is None:
        report.note("osm", "no OpenStreetMap extract; search knows districts and features only")
        return []
    report.step(f"pack {pack.slug}: places from {extract.name}")
    try:
        return osm.read_places(extract, pack.manifest.bounds)
    except UnreadablePart as problem:
        report.unreadable(extract.name, str(problem))
        return []


def _write_city(
    pack: Pack, wards: geopandas.GeoDataFrame, ground: dict[str, Any], digest: str
) -> None:
    manifest = pack.manifest
    City.objects.filter(active=True).exclude(slug=pack.slug).update(active=False)
    City.objects.update_or_create(
        slug=pack.slug,
        defaults={
            "name_vi": manifest.name_vi,
            "name_en": manifest.name_en,
            "bounds": Polygon.from_bbox(manifest.bounds),
            "outline": multipolygon(outline(wards.geometry.values)),
            "metric_srid": manifest.metric_srid,
            "time_zone": manifest.time_zone,
            "languages": list(manifest.languages),
            "attributions": pack.attributions(),
            "schematic": pack.schematic,
            "basemap": ground,
            "pack_digest": digest,
            "active": True,
        },
    )


def _write_districts(pack: Pack, wards: geopandas.GeoDataFrame, report: Report) -> None:
    for row in wards.itertuples():
        label = row.geometry.representative_point()
        District.objects.update_or_create(
            code=row.code,
            defaults={
                "name_vi": row.name_vi,
                "name_en": row.name_en,
                "kind": row.kind,
                "geom": multipolygon(row.geometry),
                "label_point": Point(label.x, label.y, srid=4326),
                "area_km2": row.area_km2,
                "pack": pack.slug,
                "schematic": pack.schematic,
                "retired_at": None,
            },
        )
    gone = District.objects.filter(retired_at=None).exclude(code__in=list(wards.code))
    for code in gone.values_list("code", flat=True):
        report.note("wards", f"district {code} is in the pack no more; retired")
    gone.update(retired_at=timezone.now())
    report.taken("wards", len(wards))


def _write_places(pack: Pack, places: Sequence[osm.PlaceRow], report: Report) -> None:
    rows = [
        Place(
            key=place.key,
            kind=place.kind,
            name_vi=place.name_vi[:200],
            name_en=place.name_en[:200],
            search=folded(f"{place.name_vi} {place.name_en}".strip())[:420],
            rank=place.rank,
            geom=Point(place.lon, place.lat, srid=4326),
            pack=pack.slug,
        )
        for place in {place.key: place for place in places}.values()
    ]
    Place.objects.exclude(key__in=[row.key for row in rows]).delete()
    Place.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["kind", "name_vi", "name_en", "search", "rank", "geom", "pack"],
        batch_size=1000,
    )
    report.taken("places", len(rows))


def multipolygon(geometry: shapely.Geometry) -> MultiPolygon:
    """A Django MultiPolygon in EPSG:4326."""
    found = GEOSGeometry(memoryview(shapely.to_wkb(polygons_of(geometry))), srid=4326)
    assert isinstance(found, MultiPolygon)
    return found


def _forget_old_basemaps(folder: Path, current: Path) -> None:
    for path in folder.glob("*.pmtiles") if folder.is_dir() else []:
        if path.resolve() != current.resolve():
            path.unlink(missing_ok=True)
