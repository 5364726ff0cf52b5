"""Take the ports and the zones at sea of a city pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point

from geo.packs.importers import register
from geo.packs.land import lagoon_polygon, land_polygon, outline
from geo.packs.vectors import polygons_of
from vessels.models import Land, Port, Zone

if TYPE_CHECKING:
    from geo.packs.pack import Pack
    from geo.packs.report import Report

RADIUS_M = (50.0, 20_000.0)
RIVER_DEG, SIMPLE_DEG = 0.009, 0.0002  # some 1 km beside a river's line; 20 m


def import_ports(pack: Pack, report: Report) -> None:
    """Ports are made or brought up to date by code; none is deleted. A polygon is a port's area."""
    taken = 0
    for code, row in _coded(pack, report, "ports"):
        shape = row.geometry
        area = None
        if shapely.get_dimensions(shape) == 2:
            area = _multi(shape)
        centre = shapely.point_on_surface(shape) if area else shapely.centroid(shape)
        radius = _float(row.get("radius_m"), 1000.0)
        if not RADIUS_M[0] <= radius <= RADIUS_M[1]:
            report.refused("ports", code, f"radius_m {radius:g} is no radius of a port")
            continue
        position = _word(row, "position")
        Port.objects.update_or_create(
            code=code,
            defaults={
                **_names(row, code), "geom": Point(centre.x, centre.y, srid=4326),
                "area": area, "radius_m": radius,
                "source": f"pack {pack.slug}" + (f", {position} position" if position else ""),
            },
        )  # fmt: skip
        taken += 1
    report.taken("ports", taken)


def import_zones(pack: Pack, report: Report) -> None:
    """Zones are made or brought up to date by code; one that left the pack is switched off."""
    codes = []
    for code, row in _coded(pack, report, "zones"):
        kind = _word(row, "kind")
        if kind not in Zone.Kind.values:
            report.refused("zones", code, f'kind "{kind}" is none of {", ".join(Zone.Kind.values)}')
            continue
        if shapely.get_dimensions(row.geometry) != 2:
            report.refused("zones", code, "is a line or a point, not a polygon")
            continue
        Zone.objects.update_or_create(
            code=code,
            defaults={
                **_names(row, code), "kind": kind, "geom": _multi(row.geometry), "active": True,
                "schematic": bool(_true(row.get("schematic"))),
                "keep_in": bool(_true(row.get("keep_in"))), "source": f"pack {pack.slug}",
            },
        )  # fmt: skip
        codes.append(code)
    ours = Zone.objects.filter(source=f"pack {pack.slug}")
    ours.exclude(code__in=codes).update(active=False)
    report.taken("zones", len(codes))


def import_land(pack: Pack, report: Report) -> None:
    """The land by the pack's coast lines, less its lagoons and a margin of its rivers."""
    coast, wards = pack.features("coast", report), pack.features("wards", report)
    if coast is None or wards is None or coast.empty:
        return
    whole = outline(wards.geometry.values)
    land = land_polygon(coast, whole, pack.manifest.bounds)
    if land is None:
        return
    water = [lagoon_polygon(coast)]
    rivers = pack.features("rivers", report)
    if rivers is not None and not rivers.empty:
        water.append(shapely.union_all(rivers.geometry.values).buffer(RIVER_DEG, quad_segs=2))
    dry = land.difference(shapely.union_all(water)).simplify(SIMPLE_DEG)
    Land.objects.update_or_create(
        pk=1, defaults={"geom": _multi(shapely.make_valid(dry)), "source": f"pack {pack.slug}"}
    )


def _coded(pack: Pack, report: Report, part: str) -> list[tuple[str, Any]]:
    """Features of a part with their code, each code once."""
    found = pack.features(part, report)
    rows: dict[str, Any] = {}
    if found is None:
        return []
    for index in range(len(found)):
        row = found.iloc[index]
        code = _word(row, "code")
        if not code or len(code) > 40:
            report.refused(part, f"feature {index + 1}", "has no usable code")
        elif code in rows:
            report.refused(part, code, "code stands already; the first one is kept")
        else:
            rows[code] = row
    return list(rows.items())


def _names(row: Any, code: str) -> dict[str, str]:
    vi = _word(row, "name") or _word(row, "name_vi") or code
    return {
        "name_vi": vi[:200],
        "name_en": (_word(row, "nameEn") or _word(row, "name_en") or vi)[:200],
    }


def _word(row: Any, name: str) -> str:
    value = row.get(name)
    return "" if value is None or pandas.isna(value) else str(value).strip()


def _float(value: Any, otherwise: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return otherwise
    return otherwise if number != number else number


def _true(value: Any) -> bool:
    return value is not None and not pandas.isna(value) and str(value).lower() in {"true", "1"}


def _multi(shape: Any) -> MultiPolygon:
    geometry = GEOSGeometry(polygons_of(shape).wkb.hex(), srid=4326)
    assert isinstance(geometry, MultiPolygon)
    return geometry


register("land-at-sea", import_land)
register("ports", import_ports)
register("zones", import_zones)
