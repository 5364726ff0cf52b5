"""Build terrains, bring their gauges onto them, and keep the zones that stages make."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db import transaction
from django.utils.translation import gettext as _

from environment.flood import water
from environment.flood.models import FloodAsset, FloodGauge, FloodZone, TerrainModel
from environment.models import Sensor
from geo.connections import release
from geo.errors import Refused

log = structlog.get_logger(__name__)
SAVED_EVERY = 0.02
WRITE_ROWS = 2000
NOT_BUILT = {"people", "pack"}
"""What a terrain is asked for with, but not built from."""


class Stopped(Exception):
    """Somebody asked for the building to stop."""


def ask(*, name: str, asked: dict[str, Any], synthetic: bool = False) -> TerrainModel:
    """A terrain that waits to be built."""
    return TerrainModel.objects.create(name=name[:120], asked=asked, synthetic=synthetic)


def stop(*, terrain: TerrainModel) -> None:
    """Have a terrain that is being built stop at its next step."""
    TerrainModel.objects.filter(pk=terrain.pk).update(cancel=True)


def build(*, terrain: TerrainModel, say: Any = None) -> TerrainModel:
    """The terrain built, its gauges found, and put in use; or its state and message say why not.

    Raises BadTerrain after the row has taken the reason, Stopped when it was cancelled.
    """
    from environment.terrain import build as builder

    folder = settings.IOC_VAR / "terrain" / str(terrain.pk)
    told = -1.0

    def progress(share: float, what: str) -> None:
        nonlocal told
        rows = TerrainModel.objects.filter(pk=terrain.pk)
        if share - told >= SAVED_EVERY:
            told = share
            rows.update(state=TerrainModel.State.BUILDING, progress=share, message=what)
            if say:
                say(f"{share:4.0%} {what}")
        if rows.filter(cancel=True).exists():
            raise Stopped

    try:
        built = builder.build(**_paths(terrain.asked), folder=folder, progress=progress)
    except Stopped:
        _ended(terrain, TerrainModel.State.CANCELLED, "stopped when asked")
        raise
    except Exception as problem:
        _ended(terrain, TerrainModel.State.FAILED, str(problem))
        raise
    ready = _take(terrain, built, folder)
    water.warm(folder)
    return ready


def build_files(*, asked: dict[str, Any], folder: Path, say: Any) -> dict[str, Any]:
    """The facts of a terrain built into a folder of one's own; no row is written."""
    from environment.terrain import build as builder

    def progress(share: float, what: str) -> None:
        say(f"{share:4.0%} {what}")

    return builder.build(**_paths(asked), folder=folder, progress=progress).facts()


def _paths(asked: dict[str, Any]) -> dict[str, Any]:
    from environment.terrain import exposure

    if asked.get("people"):
        exposure.check_density(asked["people"])
    found = {name: value for name, value in asked.items() if name not in NOT_BUILT}
    for name in ("path", "rivers", "coast", "walls"):
        if found.get(name):
            found[name] = Path(found[name])
    return found


def _ended(terrain: TerrainModel, state: str, message: str) -> None:
    terrain.state, terrain.message = state, message[:500]
    terrain.save(update_fields=["state", "message", "updated_at"])
    log.info("terrain-ended", terrain=terrain.pk, state=state, message=message[:500])


@transaction.atomic
def _take(terrain: TerrainModel, built: Any, folder: Path) -> TerrainModel:
    dem = built.dem
    terrain.digest, terrain.facts, terrain.folder = dem.digest, built.facts(), str(folder)
    terrain.crs = dem.crs.to_string()
    terrain.method_vi, terrain.method_en = water.BUILT.vi, water.BUILT.en
    terrain.geom = _extent(dem)
    terrain.progress, terrain.message = 1.0, ""
    terrain.state = TerrainModel.State.READY
    TerrainModel.objects.filter(active=True).update(active=False)
    terrain.active = True
    terrain.save()
    place_gauges(terrain=terrain)
    return terrain


def _extent(dem: Any) -> Polygon:
    from rasterio.warp import transform_bounds

    box = Polygon.from_bbox(transform_bounds(dem.crs, 4326, *dem.bounds))
    box.srid = 4326
    return box


@transaction.atomic
def place_gauges(*, terrain: TerrainModel) -> int:
    """The number of river gauges that stand by a drain of the terrain; what a person set stays."""
    from pyproj import Transformer

    from environment.terrain import stage

    basin = stage.open_basin(Path(terrain.folder))
    move = Transformer.from_crs(4326, basin.crs.to_wkt(), always_xy=True)
    placed = 0
    rivers = Sensor.objects.filter(kind=Sensor.Kind.RIVER, geom__within=terrain.geom)
    for sensor in rivers:
        found = stage.snap(basin, *move.transform(sensor.geom.x, sensor.geom.y))
        if found:
            place, way_m = found
            FloodGauge.objects.update_or_create(
                terrain=terrain, sensor=sensor, defaults={"place": place, "way_m": way_m}
            )
            placed += 1
    return placed


def zone(
    *, gauge: FloodGauge, stage_m: float, tide_m: float | None = None, others: Any = None
) -> FloodZone:
    """The kept zone of a stage rounded to 10 cm, made where there is none yet.

    `others` holds stages at further gauges of the terrain, by code.
    """
    stage_m, tide_m = water.rounded(stage_m), None if tide_m is None else water.rounded(tide_m)
    known = {code: water.rounded(value) for code, value in sorted((others or {}).items())}
    key = water.key_of(gauge.sensor.code, stage_m, tide_m, known)
    rows = FloodZone.objects.select_related("terrain", "sensor").defer("geom")
    row = rows.filter(terrain=gauge.terrain_id, key=key).first()
    if row is not None and water.geojson_path(row).is_file():
        return row
    state = water.reckon(gauge, stage_m, tide_m, known)
    return _keep(gauge, key, state)


def _keep(gauge: FloodGauge, key: str, state: water.State) -> FloodZone:
    import shapely

    shapes = water.classes_of(state)
    whole = shapes[0]
    sensor = gauge.sensor
    title = water.title_of(sensor, state.stage_m, state.tide_m)
    fields = {
        "sensor": sensor,
        "title_vi": title.vi,
        "title_en": title.en,
        "stage_m": state.stage_m,
        "tide_m": state.tide_m,
        "inputs": state.inputs,
        "method_vi": water.METHOD.vi,
        "method_en": water.METHOD.en,
        "area_km2": state.area_km2,
        "deepest_m": state.deepest_m,
        "confidence": state.confidence,
        "geom": _geos(whole),
        "synthetic": gauge.terrain.synthetic or sensor.synthetic,
    }
    row, _made = FloodZone.objects.update_or_create(terrain=gauge.terrain, key=key, defaults=fields)
    release()
    path = water.geojson_path(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    tolerance = water.tolerance_deg(state.basin)
    slim = [shapely.simplify(shape, tolerance, preserve_topology=True) for shape in shapes]
    body = water.collection(row, slim)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(gzip.compress(body, compresslevel=4, mtime=0))
    unfinished.replace(path)
    return row


def _geos(shape: Any) -> MultiPolygon:
    found = GEOSGeometry(memoryview(shape.wkb), srid=4326)
    return found if found.geom_type == "MultiPolygon" else MultiPolygon(found, srid=4326)


@transaction.atomic
def show(*, zone: FloodZone, shown: bool, published: bool) -> FloodZone:
    """A zone put on the map or taken off, and shown to the public or not."""
    if published and not shown:
        raise Refused("not-shown", _("Only a zone on the map can be published."))
    zone.shown, zone.published = shown, published
    zone.save(update_fields=["shown", "published", "updated_at"])
    return zone


@transaction.atomic
def load_assets(*, pack: Any) -> int:
    """The number of buildings, roads, schools and clinics of a pack's extract now held.

    They take the place of those before, unless they are those already; what zones were found to
    reach is reckoned anew. Raises UnreadablePart.
    """
    from environment.flood import assets

    FloodZone.objects.exclude(exposure=None).update(exposure=None)  # wards may be others as well
    extract = pack.part("osm")
    if extract is None:
        return FloodAsset.objects.count()
    source = f"OpenStreetMap, {pack.slug} {_mark([extract], str(pack.manifest.bounds))}"
    if held := FloodAsset.objects.filter(source=source).count():
        return held
    FloodAsset.objects.all().delete()
    rows = (
        FloodAsset(
            kind=kind, name_vi=vi[:200], name_en=en[:200], source=source,
            geom=GEOSGeometry(memoryview(shape.wkb), srid=4326),
        )
        for kind, vi, en, shape in assets.of_extract(extract, pack.manifest.bounds)
    )  # fmt: skip
    return len(FloodAsset.objects.bulk_create(rows, batch_size=WRITE_ROWS))


def ask_pack(*, pack: Any) -> tuple[TerrainModel, bool] | None:
    """The terrain of a pack's heights, rivers and coast, and whether it is newly asked for.

    Of the same files it is asked for once; None for a pack without heights.
    """
    dem = pack.part("dem.tif")
    if dem is None:
        return None
    # A schematic river beside real heights would be burned where none runs.
    beside = {
        name: path for name in ("rivers", "coast")
        if (path := pack.part(name)) and pack.is_own(name) == pack.is_own("dem.tif")
    }  # fmt: skip
    mark = _mark([dem, *beside.values()])
    gone = (TerrainModel.State.FAILED, TerrainModel.State.CANCELLED)
    held = TerrainModel.objects.filter(asked__pack=mark).exclude(state__in=gone).first()
    if held:
        return held, False
    asked = {name: str(path.resolve()) for name, path in {"path": dem, **beside}.items()}
    asked |= {"memory": int(settings.IOC_TERRAIN_MEMORY_GB * 1e9), "pack": mark}
    return ask(name=f"{pack.slug} {dem.name}", asked=asked), True


def _mark(paths: list[Path], words: str = "") -> str:
    """A short fingerprint of files."""
    from environment.terrain.dem import digest

    parts = [words, *map(digest, paths)]
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]
