"""Who and what stands in a zone: wards, people, things of the pack, features of other layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import AsWKB
from django.contrib.gis.geos import Point
from django.core.cache import caches

from environment.flood import actions, queries, water
from environment.flood.models import FloodAsset, FloodZone
from geo import reference
from geo.connections import release
from geo.errors import Refused
from geo.models import District
from geo.text import Text
from layers import registry

if TYPE_CHECKING:
    from environment.flood.water import State

MOST_NAMES = 10
MOST_FEATURES = 20_000
KEPT_S = 60
KINDS = ("report", "camera", "billboard")
"""Layers whose style says so are asked for what stands in the water."""


def of_zone(zone: FloodZone) -> dict[str, Any]:
    """Exposure of wards, people and the pack's things, kept with the zone."""
    if zone.exposure is None:
        state = water.state_of(zone)
        zone.exposure = {"depths_m": list(water.DEPTHS_M), **_wards(state), **_assets(state)}
        FloodZone.objects.filter(pk=zone.pk).update(exposure=zone.exposure)
    return zone.exposure


def _moved(shapes: Any, state: State) -> Any:
    import numpy as np
    import shapely
    from pyproj import Transformer

    if state.basin.crs.is_geographic:
        return shapes
    there = Transformer.from_crs(4326, state.basin.crs.to_wkt(), always_xy=True)
    return shapely.transform(
        shapes, lambda xy: np.stack(there.transform(xy[:, 0], xy[:, 1]), axis=1)
    )


def _shapes(rows: list[Any]) -> Any:
    import shapely

    return shapely.from_wkb([bytes(row.geom.wkb) for row in rows])


def _grid(state: State) -> Any:
    from environment.terrain import exposure

    return exposure.classes(state.depth, water.DEPTHS_M)


def _wards(state: State) -> dict[str, Any]:
    """Flooded area and people by ward and depth class."""
    import numpy as np

    from environment.terrain import exposure

    wards = list(
        District.objects.filter(retired_at=None, geom__intersects=state.terrain.geom)
        .defer("label_point")
        .order_by("code")
    )
    release()
    people = _people(state)
    if not wards:
        return {"wards": [], "people": None if people is None else 0}
    basin, grid = state.basin, _grid(state)
    rows, cols = np.flatnonzero(grid.any(axis=1)), np.flatnonzero(grid.any(axis=0))
    if not rows.size:
        return {"wards": [], "people": None if people is None else 0}
    box = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    km2 = (basin.dx[box[0]] * basin.dy / 1e6)[:, None].astype(np.float32)
    part = grid[box]
    values = [(part == n) * km2 for n in range(1, len(water.DEPTHS_M) + 1)]
    values.append(state.trust[box] * (part > 0) * km2)
    if people is not None:
        values += [value * people[box] for value in values[: len(water.DEPTHS_M)]]
    transform = basin.transform @ basin.transform.translation(cols[0], rows[0])
    sums = exposure.areas(_moved(_shapes(wards), state), values, transform, basin.crs)
    found = [_ward(ward, row, people is not None) for ward, row in zip(wards, sums, strict=True)]
    wet = sorted((w for w in found if w["area_km2"] > 0), key=lambda w: -w["area_km2"])
    total = round(sum(w["people"] or 0 for w in wet)) if people is not None else None
    return {"wards": wet, "people": total}


def _ward(ward: District, sums: Any, has_people: bool) -> dict[str, Any]:
    classes = len(water.DEPTHS_M)
    by_depth = [round(float(value), 4) for value in sums[:classes]]
    area = float(sums[:classes].sum())
    people = [round(float(value)) for value in sums[classes + 1 :]] if has_people else None
    return {
        "code": ward.code,
        "name": Text(ward.name_vi, ward.name_en).dict(),
        "area_km2": round(area, 4),
        "share": round(area / ward.area_km2, 4) if ward.area_km2 else None,
        "by_depth_km2": by_depth,
        "people": sum(people) if people else (0 if has_people else None),
        "people_by_depth": people,
        "confidence": round(float(sums[classes]) / area, 3) if area else 0.0,
    }


def _people(state: State) -> Any:
    """People per km² by cell, where a density raster stands beside the terrain."""
    from environment.terrain import exposure

    path = state.terrain.asked.get("people")
    if not path or not Path(path).is_file():
        return None
    basin = state.basin
    return exposure.per_cell(path, basin.z.shape, basin.transform, basin.crs)


class _Things(NamedTuple):
    """What the pack has of one kind within a terrain: names, and places on its grid."""

    names: list[tuple[str, str]]
    samples: Any


def _things(state: State, kind: str) -> _Things:
    """Kept in the process while no thing of the pack changes: to read them takes a second."""
    key = "flood-things", state.terrain.pk, kind
    return reference.now().get(key, lambda: _read_things(state, kind))


def _read_things(state: State, kind: str) -> _Things:
    import shapely

    from environment.terrain import exposure

    basin = state.basin
    held = FloodAsset.objects.filter(kind=kind, geom__bboverlaps=state.terrain.geom).order_by("pk")
    rows = list(held.annotate(wkb=AsWKB("geom")).values_list("name_vi", "name_en", "wkb"))
    shapes = _moved(shapely.from_wkb([bytes(wkb) for *_names, wkb in rows]), state)
    step = abs(basin.transform.a)
    samples = exposure.sample(shapes, basin.z.shape, basin.transform, step)
    return _Things([(vi, en or vi) for vi, en, _wkb in rows], samples)


def _assets(state: State) -> dict[str, Any]:
    """Counts of buildings, schools and clinics, and km of road, by depth class."""
    import numpy as np

    from environment.terrain import exposure

    basin, grid = state.basin, _grid(state)
    out: dict[str, Any] = {}
    with reference.held():
        known = {kind: _things(state, kind) for kind in FloodAsset.Kind.values}
    release()
    for kind, things in known.items():
        top, lengths = exposure.of_samples(things.samples, grid)
        wet = np.flatnonzero(top)
        counts = np.bincount(top, minlength=5)[1:5].tolist()
        named = dict(things.names[n] for n in wet if things.names[n][0])
        names = [Text(vi, en).dict() for vi, en in list(named.items())[:MOST_NAMES]]
        out[kind] = {"count": len(wet), "by_depth": counts, "names": names}
        if kind == FloodAsset.Kind.ROAD:
            metre = basin.dy / abs(basin.transform.e)
            km = lengths[1:5] * metre / 1000
            out[kind]["km_by_depth"] = [round(float(value), 3) for value in km]
            out[kind]["km"] = round(float(km.sum()), 3)
    return {"assets": out}


def features(zone: FloodZone, user: Any) -> dict[str, Any]:
    """What other layers have in the zone, as this person may see them, through the registry."""
    from environment.terrain import exposure

    state = water.state_of(zone)
    grid = _grid(state)
    found: dict[str, Any] = {}
    for layer, audience in registry.visible_layers(user):
        if layer.style.kind not in KINDS or audience != "full":
            continue
        rows = layer.queryset(user)
        if not isinstance(rows.model._meta.get_field(layer.geom_field), PointField):
            continue
        near = rows.filter(**{f"{layer.geom_field}__bboverlaps": zone.geom}).order_by("pk")
        objects = list(near[:MOST_FEATURES])
        points = [getattr(obj, layer.geom_field) for obj in objects]
        xy = _moved(_points(points), state)
        tops = exposure.at_points(*_columns(xy), grid, state.basin.transform)
        wet = [(obj, int(top)) for obj, top in zip(objects, tops, strict=True) if top]
        found[layer.slug] = {
            "title": layer.title.dict(),
            "count": len(wet),
            "by_depth": [sum(top == n for _, top in wet) for n in range(1, 5)],
            "names": [
                str(getattr(obj, layer.title_field) or obj.pk) for obj, _ in wet[:MOST_NAMES]
            ],
            "ids": [str(obj.pk) for obj, _ in wet[:200]],
        }
    return found


def _points(points: list[Any]) -> Any:
    import numpy as np
    import shapely

    return shapely.points(np.array([(p.x, p.y) for p in points], float).reshape(-1, 2))


def _columns(shapes: Any) -> tuple[Any, Any]:
    import shapely

    xy = shapely.get_coordinates(shapes)
    return xy[:, 0], xy[:, 1]


def whole(zone: FloodZone, user: Any) -> dict[str, Any]:
    """The table of a zone: kept exposure, and what the layers hold at this moment."""
    return {**water.about(zone), **of_zone(zone), "features": features(zone, user)}


def exposed(gauge_code: str, stage_m: float) -> dict[str, Any]:
    """Counts and names of what a stage floods, as the operations centre sees it."""
    try:
        gauge = queries.gauge(gauge_code)
        stage_m = water.rounded(stage_m)
    except Refused as problem:
        return {"known": False, "why": _why(problem.code).dict()}
    name = f"flood-exposed:{gauge.terrain_id}:{gauge_code}:{stage_m}"
    return caches["local"].get_or_set(name, lambda: _exposed(gauge, stage_m), KEPT_S)


def _exposed(gauge: Any, stage_m: float) -> dict[str, Any]:
    zone = actions.zone(gauge=gauge, stage_m=stage_m)
    kept = of_zone(zone)
    wards = kept["wards"]
    told = {
        "wards": {"count": len(wards), "names": [w["name"] for w in wards[:MOST_NAMES]]},
        "people": kept["people"],
    }
    for name, kind in (("schools", "school"), ("clinics", "clinic"), ("buildings", "building")):
        told[name] = {key: kept["assets"][kind][key] for key in ("count", "names")}
    road = kept["assets"]["road"]
    told["roads"] = {"count": road["count"], "names": road["names"], "km": road["km"]}
    for slug, row in features(zone, centre()).items():
        told[slug] = {key: row[key] for key in ("count", "names")}
    return {"known": True, **water.about(zone), **told}


def centre() -> Any:
    """Somebody with an operator's view, for notices and files that no person asked for."""
    return get_user_model()(username="centre", role="operator", is_active=True)


def depth_at(zone: FloodZone, lon: float, lat: float) -> float:
    """Metres of water over the ground at a position in degrees; 0 dry."""
    from environment.terrain import exposure

    state = water.state_of(zone)
    x, y = _columns(_moved(_points([Point(lon, lat)]), state))
    return float(exposure.at_points(x, y, state.depth, state.basin.transform)[0])


def _why(code: str) -> Text:
    return {
        "no-terrain": Text("Chưa có mô hình địa hình.", "No terrain model is built."),
        "no-gauge": Text(
            "Trạm này không nằm trên mô hình địa hình.", "This gauge is not on the terrain model."
        ),
    }.get(code, Text("Mực nước ngoài khoảng tính được.", "The stage is out of range."))
