"""What an OpenStreetMap extract knows: features by layer, and named places for search."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import geopandas
import pandas
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from geo.fold import folded

from .vectors import Bounds, UnreadablePart

MAX_PLACES = 8000
METRES_A_DEGREE = 111_320

# tag value → (kind, rank); a lower rank is found first.
KINDS: dict[str, dict[str, tuple[str, int]]] = {
    "place": {
        "city": ("city", 10),
        "town": ("town", 12),
        "suburb": ("quarter", 20),
        "quarter": ("quarter", 20),
        "village": ("village", 22),
        "hamlet": ("village", 26),
        "neighbourhood": ("neighbourhood", 26),
        "island": ("island", 24),
        "islet": ("island", 40),
        "square": ("square", 30),
    },
    "amenity": {
        "hospital": ("hospital", 30),
        "clinic": ("clinic", 45),
        "townhall": ("town-hall", 30),
        "marketplace": ("market", 32),
        "bus_station": ("bus-station", 32),
        "university": ("university", 34),
        "college": ("college", 40),
        "school": ("school", 44),
        "kindergarten": ("school", 60),
        "police": ("police", 40),
        "fire_station": ("fire-station", 40),
        "post_office": ("post-office", 50),
        "library": ("library", 46),
        "theatre": ("theatre", 46),
        "community_centre": ("community-centre", 50),
        "place_of_worship": ("worship", 52),
        "monastery": ("worship", 50),
        "bank": ("bank", 66),
        "fuel": ("fuel", 60),
        "ferry_terminal": ("ferry", 36),
    },
    "tourism": {
        "attraction": ("attraction", 36),
        "museum": ("museum", 36),
        "gallery": ("museum", 50),
        "hotel": ("hotel", 64),
        "resort": ("hotel", 64),
    },
    "historic": {"*": ("historic", 42)},
    "leisure": {"park": ("park", 40), "stadium": ("stadium", 36), "sports_centre": ("sport", 50)},
    "railway": {"station": ("station", 30)},
    "office": {"government": ("office", 46)},
    "shop": {"mall": ("mall", 40), "supermarket": ("shop", 50)},
    "waterway": {"river": ("river", 28), "canal": ("river", 50), "stream": ("river", 60)},
}
STREET_RANK = {
    "motorway": 36,
    "trunk": 38,
    "primary": 38,
    "secondary": 40,
    "tertiary": 44,
    "unclassified": 54,
    "residential": 56,
    "living_street": 56,
    "pedestrian": 50,
}
ALLEY = re.compile(r"^(kiệt|kiết|hẻm|ngõ|ngách)\b", re.IGNORECASE)
WARD = re.compile(r"^(phường|xã|thị trấn)\s", re.IGNORECASE)
BRIDGE = re.compile(r"^cầu\s", re.IGNORECASE)


class PlaceRow(NamedTuple):
    """A named place: position in EPSG:4326, rank from 10 (city) to 80 (alley)."""

    key: str
    kind: str
    name_vi: str
    name_en: str
    lon: float
    lat: float
    rank: int


def read_layer(path: Path, layer: str, bounds: Bounds) -> geopandas.GeoDataFrame:
    """One of GDAL's OpenStreetMap layers within bounds: points, lines or multipolygons.

    Tags without a column of their own stand in `other_tags`; read them with `tag`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pyogrio.read_dataframe(path, layer=layer, bbox=bounds, on_invalid="ignore")
    except Exception as problem:
        line = (str(problem) or type(problem).__name__).splitlines()[0].partition(";")[0]
        line = line.replace(str(path), path.name)
        raise UnreadablePart(f"is no readable OpenStreetMap extract ({line})") from None
    return frame[frame.geometry.notna()].reset_index(drop=True)


def tag(frame: geopandas.GeoDataFrame, name: str) -> pandas.Series:
    """A tag of every feature as text, empty where it has none."""
    if name in frame:
        return frame[name].fillna("").astype(str)
    pattern = f'"{re.escape(name)}"=>"((?:[^"\\\\]|\\\\.)*)"'
    found = frame["other_tags"].fillna("").astype(str).str.extract(pattern, expand=False)
    return found.fillna("")


def names(frame: geopandas.GeoDataFrame) -> tuple[pandas.Series, pandas.Series]:
    """Vietnamese and English names; the local name stands in for a missing Vietnamese one."""
    local = tag(frame, "name")
    vi = tag(frame, "name:vi")
    return vi.where(vi != "", local), tag(frame, "name:en")


def read_places(path: Path, bounds: Bounds, limit: int = MAX_PLACES) -> list[PlaceRow]:
    """Named places of the extract, best rank first, at most `limit`; a street stands once."""
    layers = (read_layer(path, layer, bounds) for layer in ("points", "multipolygons", "lines"))
    return places_of(*layers, limit=limit)


def places_of(
    points: geopandas.GeoDataFrame, areas: geopandas.GeoDataFrame, lines: geopandas.GeoDataFrame,
    *, limit: int = MAX_PLACES,
) -> list[PlaceRow]:  # fmt: skip
    """The same of layers that were read already."""
    rows = [*_points_of_interest(points, "n"), *_points_of_interest(areas, "a")]
    rows += _merged_lines(lines)
    best: dict[tuple[str, str, int, int], PlaceRow] = {}
    for row in sorted(rows, key=lambda row: (row.rank, row.key)):
        # A place drawn as a point and as an area, or twice within some 500 m, stands once.
        cell = (row.kind, folded(row.name_vi), round(row.lon * 200), round(row.lat * 200))
        best.setdefault(cell, row)
    return list(best.values())[:limit]


def _points_of_interest(frame: geopandas.GeoDataFrame, letter: str) -> Iterator[PlaceRow]:
    vi, en = names(frame)
    frame = frame[vi != ""]
    vi, en = vi[frame.index], en[frame.index]
    chosen: dict[int, tuple[str, int]] = {}
    for key, kinds in KINDS.items():
        for index, value in tag(frame, key).items():
            found = kinds.get(value) or (kinds.get("*") if value else None)
            if found and (index not in chosen or found[1] < chosen[index][1]):
                chosen[index] = found
    ids = _ids(frame, letter)
    for index, (kind, rank) in chosen.items():
        if kind in {"city", "town"} and WARD.match(vi[index]):
            kind, rank = "ward", 18
        point = frame.geometry[index].representative_point()
        yield PlaceRow(ids[index], kind, vi[index], en[index], point.x, point.y, rank)


def _ids(frame: geopandas.GeoDataFrame, letter: str) -> pandas.Series:
    """OpenStreetMap's own ids: n node, w way, r relation."""
    own = tag(frame, "osm_id")
    if letter != "a":
        return f"osm:{letter}" + own
    ways = tag(frame, "osm_way_id")
    return ("osm:w" + ways).where(ways != "", "osm:r" + own)


def spelling(name: str) -> str:
    """A name apart from where its tone marks stand: "Hoà" and "Hòa" are one, "Hoá" is another."""
    words = []
    for word in unicodedata.normalize("NFD", name.lower()).split():
        marks = sorted(letter for letter in word if unicodedata.combining(letter))
        words.append(folded(word) + "".join(f"{ord(mark) - 0x300:x}." for mark in marks))
    return "-".join(words)


class Line(NamedTuple):
    """What a line says of itself: plain text, for a column's single cells are slow to read."""

    vi: str
    en: str
    highway: str
    waterway: str
    spans: bool
    geometry: BaseGeometry


def _merged_lines(frame: geopandas.GeoDataFrame) -> Iterator[PlaceRow]:
    """Streets, bridges and rivers, each name once, standing on the line near its middle."""
    vi, en = names(frame)
    spans = (tag(frame, "bridge") != "") | (tag(frame, "man_made") == "bridge")
    columns = (vi, en, tag(frame, "highway"), tag(frame, "waterway"), spans, frame.geometry)
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in map(Line._make, zip(*(column.tolist() for column in columns), strict=True)):
        if line.vi and (line.highway or line.waterway or line.spans):
            groups[spelling(line.vi)].append(line)
    for spelt, group in sorted(groups.items()):
        told = Counter(line.vi for line in group)
        name = min(told, key=lambda text: (-told[text], text))
        kind, rank = _line_kind(name, group)
        if kind:
            whole = shapely.union_all([line.geometry for line in group])
            point = whole.interpolate(whole.project(whole.centroid))
            english = next((line.en for line in group if line.en), "")
            yield PlaceRow(f"{kind}:{spelt}"[:80], kind, name, english, point.x, point.y, rank)


def _line_kind(name: str, group: list[Line]) -> tuple[str, int]:
    if BRIDGE.match(name) and any(line.spans for line in group):
        return "bridge", 34
    waters = KINDS["waterway"]
    if rivers := [waters[line.waterway] for line in group if line.waterway in waters]:
        return min(rivers, key=lambda kind: kind[1])
    if ALLEY.match(name):
        return "street", 78
    ranks = [STREET_RANK[line.highway] for line in group if line.highway in STREET_RANK]
    return ("street", min(ranks)) if ranks else ("", 0)
