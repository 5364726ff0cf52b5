"""A stage turned into water: inputs, depth by cell, polygons by depth, files. Writes no rows."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from environment.flood.models import FloodGauge, FloodZone, TerrainModel
from geo.connections import release
from geo.errors import Refused
from geo.text import Text

if TYPE_CHECKING:
    from environment.terrain.stage import Basin

STEP_M = 0.1
LOWEST_M, HIGHEST_M = -5.0, 30.0
DEPTHS_M = (0.0, 0.3, 1.0, 2.0)
"""Depth classes begin here: wet feet, up to the hip, over a grown-up's waist, over head height."""
COLORS = ("#9ecae1", "#4292c6", "#2171b5", "#08306b")
SURGE_CM = 300
"""How far above rest a screen lets the sea rise."""
BUILT = Text(
    "Sông được hạ thấp 20 m chỉ để tìm hướng chảy; chỗ trũng được lấp tới nơi thấp nhất tràn ra; "
    "vùng bằng phẳng giải theo Garbrecht và Martz; mỗi ô chảy về ô dốc nhất (D8); độ cao trên "
    "dòng thoát nước không bao giờ tăng về hạ lưu.",
    "Rivers burned 20 m for flow directions only; depressions filled to where they spill; flats "
    "resolved after Garbrecht and Martz; steepest D8; height above drains that never rise "
    "downstream.",
)
METHOD = Text(
    "Mực nước ở trạm được hiểu là độ dâng trên lòng sông, thay đổi đều giữa các trạm và ra tới "
    "biển; sông nhánh lấy nước dềnh nằm ngang. Nước dâng ngược đường thoát của từng ô, rồi tràn "
    "qua đường phân thủy với độ dốc 0,5 m mỗi km; chỉ nơi nối với sông hoặc biển mới ngập. Không "
    "tính thời gian, thể tích, mưa tại chỗ và cống thoát nước đường phố.",
    "Stage at gauges as a rise above the drain, even between gauges and to the sea; level "
    "backwater in side rivers; water goes up each cell's own way down, then over divides with a "
    "fall of 0.5 m a kilometre; only what is joined to river or sea is wet. No time, no volume, "
    "no rain, no drains in streets.",
)
KEPT = 3


@dataclass
class State:
    """One reckoned flood with its inputs."""

    terrain: TerrainModel
    basin: Basin
    depth: Any
    trust: Any
    stage_m: float
    tide_m: float | None
    inputs: dict[str, Any]
    area_km2: float
    deepest_m: float
    confidence: float


_kept: OrderedDict[tuple[int, str], State] = OrderedDict()
_making: dict[tuple[int, str], threading.Lock] = {}
_lock = threading.Lock()


def rounded(value_m: float) -> float:
    """The stage whose zone is kept: the nearest 10 cm. Raises Refused outside of what rivers do."""
    if not LOWEST_M <= value_m <= HIGHEST_M:
        raise Refused("bad-stage", f"a stage lies between {LOWEST_M:g} and {HIGHEST_M:g} m")
    return round(round(value_m / STEP_M) * STEP_M, 1) + 0.0


def key_of(code: str, stage_m: float, tide_m: float | None, others: dict[str, float]) -> str:
    """What a kept zone is called: gauge and centimetres, tide, further gauges."""
    parts = [f"{code}:{round(stage_m * 100)}"]
    if tide_m is not None:
        parts.append(f"tide:{round(tide_m * 100)}")
    parts += [f"{name}:{round(value * 100)}" for name, value in others.items()]
    if len(key := "|".join(parts)) > 120:
        raise Refused("too-many-gauges", "too many gauges at once")
    return key


def title_of(sensor: Any, stage_m: float, tide_m: float | None) -> Text:
    """What a zone is called on the map, in both languages."""
    at, sea = f"{stage_m:.1f} m", "" if tide_m is None else f"{tide_m:.1f} m"
    vi = f"{at}, biển {sea}" if sea else at
    en = f"{at}, sea at {sea}" if sea else at
    return Text(
        f"{sensor.name_vi}: {vi.replace('.', ',')}", f"{sensor.name_en or sensor.name_vi}: {en}"
    )


def sea_at_rest(terrain: TerrainModel) -> float | None:
    """The sea's own height on a terrain, m; None where no coast was given."""
    return terrain.facts.get("sea_m")


def folder_of(zone: FloodZone) -> Path:
    return Path(zone.terrain.folder) / "zones"


def geojson_path(zone: FloodZone) -> Path:
    return folder_of(zone) / f"{zone.pk}.geojson.gz"


def reckon(
    gauge: FloodGauge, stage_m: float, tide_m: float | None, others: dict[str, float]
) -> State:
    """The flood for these inputs; the last few stay in memory, and two who ask wait for one."""
    key = (gauge.terrain_id, key_of(gauge.sensor.code, stage_m, tide_m, others))
    with _lock:
        making = _making.setdefault(key, threading.Lock())
    try:
        with making:
            state = _kept.get(key) or _reckon(gauge, stage_m, tide_m, others)
            with _lock:
                _kept[key] = state
                _kept.move_to_end(key)
                while len(_kept) > KEPT:
                    _kept.popitem(last=False)
    finally:
        _making.pop(key, None)
    return state


def _reckon(
    gauge: FloodGauge, stage_m: float, tide_m: float | None, others: dict[str, float]
) -> State:
    import numpy as np

    from environment.terrain import stage

    terrain = gauge.terrain
    basin = stage.open_basin(Path(terrain.folder))
    rows = [(gauge, stage_m)]
    if others:
        more = FloodGauge.objects.filter(terrain=terrain, sensor__code__in=others)
        rows += [(row, others[row.sensor.code]) for row in more.select_related("sensor")]
        if missing := sorted(set(others) - {row.sensor.code for row, _stage in rows}):
            why = _("This gauge does not stand on the terrain.")
            raise Refused("no-gauge", f"{missing[0]}: {why}", status=404)
    gauges = [stage.Gauge(row.place, value - row.zero_m) for row, value in rows]
    walls = basin.folder / "walls.npy"
    release()
    found = stage.flood(
        basin, gauges, tide_m=tide_m, walls=np.load(walls) if walls.is_file() else None
    )
    wet = found.depth > 0
    cells = float((wet.sum(axis=1) * basin.dx).sum() * basin.dy / 1e6)
    way_trust = float(np.exp(-gauge.way_m / 1000.0))
    inputs = {
        "gauges": [
            {"code": row.sensor.code, "stage_m": value, "zero_m": row.zero_m,
             "datum": row.sensor.datum, "way_to_river_m": round(row.way_m)}
            for row, value in rows
        ],
        "tide_m": tide_m,
        "walls": walls.is_file(),
        "terrain": {"id": terrain.pk, "name": terrain.name, "digest": terrain.digest},
    }  # fmt: skip
    trust = float(found.trust[wet].mean()) * way_trust if wet.any() else way_trust
    deepest = float(found.depth.max(initial=0.0))
    return State(terrain, basin, found.depth, found.trust * np.float32(way_trust), stage_m, tide_m,
                 inputs, round(cells, 4), round(deepest, 2), round(trust, 3))  # fmt: skip


def warm(folder: Path) -> None:
    """Have the kernels of zones compiled, so that the first one does not wait for it."""
    from environment.terrain import polygons, stage

    found = stage.flood(stage.open_basin(folder), [])
    found.depth[0, 0] = 1.0
    polygons.polygonise(found.depth > 0)


def state_of(zone: FloodZone) -> State:
    """The flood of a kept zone, reckoned again where it is no longer in memory."""
    gauges = FloodGauge.objects.select_related("sensor", "terrain")
    gauge = gauges.get(terrain=zone.terrain_id, sensor=zone.sensor_id)
    others = {g["code"]: g["stage_m"] for g in zone.inputs["gauges"][1:]}
    return reckon(gauge, zone.stage_m, zone.tide_m, others)


def classes_of(state: State) -> list[Any]:
    """One MultiPolygon (EPSG:4326) for each depth class: where it is that deep or deeper."""
    from environment.terrain import polygons

    basin = state.basin
    return [
        polygons.on_earth(polygons.polygonise(state.depth > depth), basin.transform, basin.crs)
        for depth in DEPTHS_M
    ]


def tolerance_deg(basin: Basin) -> float:
    """How far a simplified border may lie off: half a cell, in degrees."""
    return basin.cell_m / 2 / 111_320


def collection(zone: FloodZone, shapes: list[Any]) -> bytes:
    """The zone as a GeoJSON FeatureCollection, the shallowest class first."""
    import json

    import shapely

    features = []
    for n, shape in enumerate(shapes):
        if shape.is_empty:
            continue
        last = n + 1 == len(DEPTHS_M)
        facts = {
            "depth_from_m": DEPTHS_M[n],
            "depth_to_m": None if last else DEPTHS_M[n + 1],
            "color": COLORS[n],
        }
        short = shapely.transform(shape, lambda xy: xy.round(7))
        # The geometry is text already: to parse and write it again took longer than to make it.
        features.append(
            f'{{"type":"Feature","properties":{json.dumps(facts)},'
            f'"geometry":{shapely.to_geojson(short)}}}'
        )
    head = json.dumps({"type": "FeatureCollection", **about(zone)}, ensure_ascii=False)
    return f'{head[:-1]}, "features": [{",".join(features)}]}}'.encode()


def about(zone: FloodZone) -> dict[str, Any]:
    """What a zone says of itself."""
    return {
        "zone": zone.pk,
        "gauge": zone.sensor.code,
        "stage_cm": round(zone.stage_m * 100),
        "tide_cm": None if zone.tide_m is None else round(zone.tide_m * 100),
        "area_km2": zone.area_km2,
        "deepest_m": zone.deepest_m,
        "confidence": zone.confidence,
        "inputs": zone.inputs,
        "method": zone.method.dict(),
        "synthetic": zone.synthetic,
    }


def depth_file(zone: FloodZone) -> Path:
    """The depth of a zone as a COG (float32 m, NaN dry), written when first asked for."""
    import numpy as np

    from environment.terrain import rasters

    path = folder_of(zone) / f"{zone.pk}-depth.tif"
    if not path.is_file():
        state = state_of(zone)
        grid = np.where(state.depth > 0, state.depth, np.float32(np.nan))
        rasters.write(path, grid, state.basin.transform, state.basin.crs, nodata=float("nan"),
                      METHOD=zone.method_en)  # fmt: skip
    return path
