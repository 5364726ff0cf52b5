"""What a basemap shows: the features of a pack, each with its layer and first zoom (z6 to 15).

Schema, close to Protomaps' (geometry, then attributes; `name` is Vietnamese, `name_en` may lack):

earth       polygon  kind=earth
water       polygon  kind=ocean | lagoon | lake | river | basin
            line     kind=river | stream | canal, name
landuse     polygon  kind=park | forest | grass | farmland | cemetery | residential | industrial |
                     commercial | school | hospital | military | religious | sand | wetland | pitch
roads       line     kind=highway | major_road | medium_road | minor_road | path | rail,
                     kind_detail=OpenStreetMap's highway, name, name_en, ref, bridge=1
buildings   polygon  kind=building, height (m, where known)
boundaries  line     kind=city | ward
places      point    kind=city | ward | quarter | village | neighbourhood | island | water,
                     name, name_en, rank (lower is more important)
pois        point    kind as in `osm.KINDS`, name, name_en, rank

Highway is motorway and trunk, major primary, medium secondary and tertiary. Areas carry no label:
labels are points in `places` and `pois`, and names along `roads` and `water` lines.
Around the pack's own coast stands the bundled one. The open sea and what lies beyond the city's
surroundings are drawn to z11 only, so give the background the colour of the sea.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from . import osm
from .land import clean, frame_box, lagoon_polygon, land_polygon, outline
from .pack import Pack, PackError
from .report import Report
from .vectors import UnreadablePart

MIN_ZOOM, MAX_ZOOM = 6, 15
AROUND_ZOOM, NEAR_DEG = 11, 0.1
OFFSHORE_DEG = 0.05  # deep tiles of the open sea would be half of all work and show nothing
LAGOON_DEG2 = 1e-4  # some 1 km²; smaller scraps along the coast are sea


class Drawn(NamedTuple):
    """A feature for tippecanoe: layer, geometry in EPSG:4326, attributes, first zoom."""

    layer: str
    geom: BaseGeometry
    facts: dict[str, Any]
    min_zoom: int = MIN_ZOOM
    max_zoom: int = MAX_ZOOM


ROADS: dict[str, tuple[str, int]] = {
    "motorway": ("highway", 6),
    "motorway_link": ("highway", 11),
    "trunk": ("highway", 7),
    "trunk_link": ("highway", 12),
    "primary": ("major_road", 8),
    "primary_link": ("major_road", 12),
    "secondary": ("medium_road", 10),
    "secondary_link": ("medium_road", 13),
    "tertiary": ("medium_road", 11),
    "tertiary_link": ("medium_road", 13),
    "unclassified": ("minor_road", 12),
    "residential": ("minor_road", 13),
    "living_street": ("minor_road", 13),
    "service": ("minor_road", 14),
    "track": ("path", 13),
    "pedestrian": ("path", 13),
    "footway": ("path", 14),
    "cycleway": ("path", 14),
    "path": ("path", 14),
    "steps": ("path", 15),
}
LANDUSE: dict[str, dict[str, str]] = {
    "landuse": {
        "forest": "forest",
        "grass": "grass",
        "meadow": "grass",
        "recreation_ground": "park",
        "farmland": "farmland",
        "plant_nursery": "farmland",
        "orchard": "farmland",
        "cemetery": "cemetery",
        "residential": "residential",
        "industrial": "industrial",
        "commercial": "commercial",
        "retail": "commercial",
        "education": "school",
        "religious": "religious",
        "military": "military",
    },
    "natural": {
        "wood": "forest",
        "scrub": "grass",
        "grassland": "grass",
        "beach": "sand",
        "sand": "sand",
        "wetland": "wetland",
    },
    "leisure": {"park": "park", "garden": "park", "pitch": "pitch", "stadium": "pitch"},
    "amenity": {
        "school": "school",
        "university": "school",
        "college": "school",
        "hospital": "hospital",
        "grave_yard": "cemetery",
        "place_of_worship": "religious",
    },
}
PLACE_ZOOM = {
    "city": 6,
    "town": 11,
    "quarter": 12,
    "village": 12,
    "neighbourhood": 14,
    "island": 13,
}


def draw(pack: Pack, report: Report) -> Iterator[Drawn]:
    """Everything on the basemap, feature by feature."""
    # Problems of wards, coast and rivers are told by the import; here the rest is drawn.
    wards = pack.features("wards", Report())
    coast = pack.features("coast", Report())
    if wards is None or wards.empty:
        raise PackError("the pack has no wards to draw a basemap from")
    whole = outline(wards.geometry.values)
    yield from _ground(pack, whole, coast)
    yield from _ward_borders(pack, wards, whole)
    extract = pack.part("osm")
    covered = shapely.Polygon()
    if extract is not None:
        report.step(f"basemap: reading {extract.name}")
        try:
            bounds = pack.manifest.bounds
            areas, lines = (osm.read_layer(extract, x, bounds) for x in ("multipolygons", "lines"))
            yield from _areas(areas)
            yield from _lines(lines)
            yield from _places(
                osm.places_of(osm.read_layer(extract, "points", bounds), areas, lines)
            )
            covered = _covered(lines)
        except UnreadablePart as problem:
            report.unreadable(extract.name, str(problem))
    yield from _rivers(pack, covered)


def _ground(pack: Pack, whole: BaseGeometry, coast: Any) -> Iterator[Drawn]:
    """Land, sea and lagoons: to the last zoom near the city, to AROUND_ZOOM further out."""
    bounds = pack.manifest.bounds
    if coast is None or coast.empty:
        yield Drawn("earth", shapely.box(*bounds), {"kind": "earth"})
        return
    box = frame_box(coast, bounds)
    land = land_polygon(coast, whole, bounds)
    land = box if land is None else land
    near = box.intersection(shapely.box(*bounds).buffer(NEAR_DEG, join_style="mitre"))
    sea = clean(near.difference(land))
    # Water among the wards is lagoon, also where an inlet joins it to the sea.
    inside = [part for part in clean(sea.intersection(whole)).geoms if part.area > LAGOON_DEG2]
    lagoons = clean(shapely.union_all([*inside, lagoon_polygon(coast)]))
    yield Drawn("earth", clean(land.intersection(near)), {"kind": "earth"})
    open_sea = sea.difference(land.intersection(near).buffer(OFFSHORE_DEG, quad_segs=2))
    coastal = sea.difference(lagoons).difference(open_sea)
    yield Drawn("water", clean(coastal), {"kind": "ocean"})
    yield Drawn("water", clean(open_sea), {"kind": "ocean"}, MIN_ZOOM, AROUND_ZOOM)
    for lagoon in lagoons.geoms:
        yield Drawn("water", lagoon, {"kind": "lagoon"})
    yield from _further_out(land.difference(near), box.difference(near))
    bundled = pack.fallback.features("coast", Report()) if pack.fallback else None
    if bundled is not None and pack.is_own("coast"):
        outer = frame_box(bundled, bounds)
        around = land_polygon(bundled, whole, bounds)
        if around is not None:
            yield from _further_out(around.difference(box), outer.difference(box))


def _further_out(land: BaseGeometry, frame: BaseGeometry) -> Iterator[Drawn]:
    sea = frame.difference(land)
    yield Drawn("earth", clean(land), {"kind": "earth"}, MIN_ZOOM, AROUND_ZOOM)
    yield Drawn("water", clean(sea), {"kind": "ocean"}, MIN_ZOOM, AROUND_ZOOM)


def _ward_borders(pack: Pack, wards: Any, whole: BaseGeometry) -> Iterator[Drawn]:
    rim = whole.boundary
    inner = shapely.union_all([g.boundary for g in wards.geometry]).difference(rim.buffer(3e-4))
    yield Drawn("boundaries", rim, {"kind": "city"})
    yield Drawn("boundaries", shapely.line_merge(inner), {"kind": "ward"}, 9)
    manifest = pack.manifest
    middle = whole.representative_point()
    densest = wards.loc[wards.to_crs(manifest.metric_crs).area.nsmallest(5).index]
    if len(densest):  # the city's name stands where its smallest, densest wards lie
        middle = shapely.union_all(densest.geometry.values).centroid
    name = manifest.name_vi.removeprefix("Thành phố ")
    yield Drawn(
        "places",
        middle,
        {"kind": "city", "name": name, "name_en": manifest.name_en, "rank": 1},
        6,
        11,
    )
    areas = wards.to_crs(manifest.metric_crs).area / 1e6
    for index, row in wards.iterrows():
        facts = _named(row.get("name"), row.get("nameEn"), kind="ward", rank=10)
        first = 9 if areas[index] > 80 else 11 if areas[index] > 25 else 12
        yield Drawn("places", row.geometry.representative_point(), facts, first)


def _rivers(pack: Pack, covered: BaseGeometry) -> Iterator[Drawn]:
    """The pack's river lines where the extract draws none."""
    rivers = pack.features("rivers", Report())
    if rivers is None:
        return
    lower = {str(column).lower(): column for column in rivers.columns}
    for _index, row in rivers.iterrows():
        line = row.geometry.difference(covered)
        level = str(row.get(lower.get("level", ""), "0") or "0")
        facts = _named(row.get("name"), None, kind="river")
        if not line.is_empty:
            yield Drawn("water", line, facts, 8 if level == "0" else 10)


def _covered(lines: Any) -> BaseGeometry:
    """The box in which the extract knows the water."""
    water = lines[osm.tag(lines, "waterway").isin(["river", "canal"])]
    return shapely.box(*water.total_bounds) if len(water) else shapely.Polygon()


def _places(places: list[osm.PlaceRow]) -> Iterator[Drawn]:
    for place in places:
        facts = _named(place.name_vi, place.name_en, kind=place.kind, rank=place.rank)
        point = shapely.Point(place.lon, place.lat)
        if place.kind in {"city", "town", "ward", "street", "river", "bridge"}:
            continue  # the wards and the lines themselves carry these names
        if place.kind in PLACE_ZOOM:
            yield Drawn("places", point, facts, PLACE_ZOOM[place.kind])
        else:
            yield Drawn(
                "pois", point, facts, 13 if place.rank <= 36 else 14 if place.rank <= 46 else 15
            )


def _areas(frame: Any) -> Iterator[Drawn]:
    building, natural, landuse, water, height = (
        osm.tag(frame, name).tolist()
        for name in ("building", "natural", "landuse", "water", "height")
    )
    columns = {name: osm.tag(frame, name).tolist() for name in LANDUSE}
    vi, en = (column.tolist() for column in osm.names(frame))
    for index, geometry in enumerate(frame.geometry):
        if building[index]:
            facts: dict[str, Any] = {"kind": "building"}
            if height[index].replace(".", "", 1).isdigit():
                facts["height"] = float(height[index])
            yield Drawn("buildings", geometry, facts, 14)
        elif natural[index] == "water" or landuse[index] in {"basin", "reservoir"}:
            kind = "river" if water[index] in {"river", "canal", "moat"} else "lake"
            kind = "basin" if landuse[index] == "basin" else kind
            yield Drawn("water", geometry, {"kind": kind}, 8 if kind == "river" else 10)
            if vi[index]:
                facts = _named(vi[index], en[index], kind="water", rank=40)
                yield Drawn("places", geometry.representative_point(), facts, 13)
        else:
            kinds = (LANDUSE[name].get(columns[name][index]) for name in LANDUSE)
            kind = next((word for word in kinds if word), "")
            if kind:
                yield Drawn("landuse", geometry, {"kind": kind}, 10)


def _lines(frame: Any) -> Iterator[Drawn]:
    highway, waterway, railway, bridge, ref = (
        osm.tag(frame, name).tolist()
        for name in ("highway", "waterway", "railway", "bridge", "ref")
    )
    vi, en = (column.tolist() for column in osm.names(frame))
    for index, geometry in enumerate(frame.geometry):
        if highway[index] in ROADS:
            kind, first = ROADS[highway[index]]
            facts = _named(vi[index], en[index], kind=kind, kind_detail=highway[index])
            if ref[index]:
                facts["ref"] = ref[index]
            if bridge[index]:
                facts["bridge"] = 1
            yield Drawn("roads", geometry, facts, first)
        elif railway[index] in {"rail", "narrow_gauge"}:
            yield Drawn("roads", geometry, {"kind": "rail"}, 10)
        elif waterway[index] in {"river", "stream", "canal"}:
            facts = _named(vi[index], en[index], kind=waterway[index])
            yield Drawn("water", geometry, facts, 9 if waterway[index] == "river" else 13)


def _named(vi: object, en: object, **facts: Any) -> dict[str, Any]:
    for key, text in (("name", vi), ("name_en", en)):
        if isinstance(text, str) and text:
            facts[key] = text
    return facts
