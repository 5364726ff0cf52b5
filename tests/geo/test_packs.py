"""Reading packs: formats, CRS, broken rings, broken tables, missing parts. No database."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas
import pyproj
import pytest
import shapely

from geo.packs import PackError, Report, bundled_pack, find_pack
from geo.packs.pack import PROJECT, open_pack, read_manifest
from geo.packs.tables import COLUMNS, read_table
from geo.packs.vectors import UnreadablePart, read_features

SHARED = PROJECT.parent / "shared" / "packs" / "hue"
BOUNDS = (107.0, 15.97, 108.25, 16.77)
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the real city pack ../shared/packs/hue is not beside the project"
)


def square(west: float, south: float, size: float = 0.02) -> list[list[float]]:
    """A closed anticlockwise ring."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(ring: list[list[float]], **facts: object) -> dict[str, object]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": facts, "geometry": geometry}


def write(path: Path, *features: dict[str, object]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def read(path: Path) -> tuple[geopandas.GeoDataFrame, Report]:
    report = Report()
    frame = read_features(path, bounds=BOUNDS, metric_crs="EPSG:9214", report=report)
    return frame, report


def frame_of_squares() -> geopandas.GeoDataFrame:
    shapes = [shapely.Polygon(square(107.5 + i / 10, 16.4)) for i in range(3)]
    facts = {"code": ["1", "2", "3"], "name": ["Một", "Hai", "Ba"]}
    return geopandas.GeoDataFrame(facts, geometry=shapes, crs=4326)


def test_the_metric_crs_of_hue_is_known_to_pyproj() -> None:
    assert pyproj.CRS(9214).name == "VN-2000 / TM-3 107-00"


@pytest.mark.parametrize("epsg", [4326, 9214, 32648])
@pytest.mark.parametrize("ending", ["shp", "gpkg", "geojson"])
def test_features_of_any_format_and_crs_stand_in_the_city(
    tmp_path: Path, epsg: int, ending: str
) -> None:
    source = frame_of_squares()
    path = tmp_path / f"wards.{ending}"
    source.to_crs(epsg).to_file(path, encoding="utf-8")
    found, report = read(path)
    assert report.ok
    assert list(found["name"]) == ["Một", "Hai", "Ba"]
    metres = found.to_crs(9214).centroid.distance(source.to_crs(9214).centroid)
    assert metres.max() < 0.05
    assert all(shape.exterior.is_ccw for shape in found.geometry)


def test_a_shapefile_without_prj_is_placed_by_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "wards.shp"
    frame_of_squares().to_crs(9214).to_file(path)
    path.with_suffix(".prj").unlink()
    found, report = read(path)
    assert found.total_bounds == pytest.approx([107.5, 16.4, 107.72, 16.42], abs=1e-6)
    assert "states no CRS; the coordinates fit EPSG:9214" in str(report.mends[0])


def test_a_wrong_crs_is_seen_and_mended(tmp_path: Path) -> None:
    path = tmp_path / "wards.gpkg"
    wrong = frame_of_squares().to_crs(9214).set_crs(32650, allow_override=True)
    wrong.to_file(path)
    found, report = read(path)
    assert found.total_bounds == pytest.approx([107.5, 16.4, 107.72, 16.42], abs=1e-6)
    assert "states EPSG:32650; the coordinates fit EPSG:9214" in str(report.mends[0])


def test_latitude_before_longitude_is_turned_round(tmp_path: Path) -> None:
    ring = [[y, x] for x, y in square(107.5, 16.4)]
    found, report = read(write(tmp_path / "wards.geojson", feature(ring)))
    assert found.total_bounds == pytest.approx([107.5, 16.4, 107.52, 16.42])
    assert any("latitude stood before longitude" in str(mend) for mend in report.mends)


def test_another_citys_wards_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "wards.geojson", feature(square(105.8, 21.0)))
    with pytest.raises(UnreadablePart, match="lies outside the city's bounds"):
        read(path)


def test_broken_rings_are_mended_to_polygons_and_named(tmp_path: Path) -> None:
    bow_tie = [[107.5, 16.4], [107.6, 16.5], [107.6, 16.4], [107.5, 16.5], [107.5, 16.4]]
    spike = square(107.7, 16.4)[:3] + [[107.9, 16.42], [107.72, 16.42]] + square(107.7, 16.4)[3:]
    clockwise = square(107.3, 16.4)[::-1]
    path = write(
        tmp_path / "wards.geojson",
        feature(bow_tie, code="1", name="Nơ"),
        feature(spike, code="2", name="Gai"),
        feature(clockwise, code="3", name="Ngược"),
    )
    found, report = read(path)
    assert len(found) == 3
    assert found.is_valid.all()
    assert set(found.geom_type) <= {"Polygon", "MultiPolygon"}
    lines = [str(mend) for mend in report.mends]
    assert any(line.startswith("wards.geojson: feature 1 1 Nơ: broken ring") for line in lines)
    assert any("ring order turned round in" in line for line in lines)
    assert report.ok


def test_what_cannot_be_mended_is_refused_by_name_and_the_rest_stays(tmp_path: Path) -> None:
    line = [[107.5, 16.4], [107.6, 16.5], [107.5, 16.4], [107.5, 16.4]]
    nothing = {"type": "Feature", "properties": {"code": "2"}, "geometry": None}
    stray = feature(square(2.3, 48.8), code="4")
    path = write(
        tmp_path / "wards.geojson",
        feature(line, code="1"),
        nothing,
        feature(square(107.5, 16.4), code="3"),
        stray,
        feature(square(107.6, 16.4), code="5"),
    )
    found, report = read(path)
    assert list(found["code"]) == ["3", "5"]
    reasons = [str(refusal) for refusal in report.refusals]
    assert any("feature 1 1: broken beyond mending" in reason for reason in reasons)
    assert any("feature 2 2: has no geometry" in reason for reason in reasons)
    assert any("feature 4 4: lies outside" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "0 bytes"),
        ("not a map", "cannot be read"),
        ('{"type":"FeatureCollection","features":[', "cannot be read"),
        ('{"type":"FeatureCollection","features":[]}', "no features"),
    ],
)
def test_an_unreadable_file_says_why_in_one_line(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "wards.geojson"
    path.write_text(content)
    with pytest.raises(UnreadablePart, match=reason) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_an_unclosed_ring_is_mended(tmp_path: Path) -> None:
    found, report = read(write(tmp_path / "w.geojson", feature(square(107.5, 16.4)[:-1])))
    assert "open rings closed" in str(report.mends[0])
    assert found.geometry[0].area == pytest.approx(0.0004)


# -- tables ------------------------------------------------------------------------------------


def cameras(tmp_path: Path, text: str, encoding: str = "utf-8"):  # noqa: ANN201
    path = tmp_path / "cameras.csv"
    path.write_bytes(text.encode(encoding))
    return read_table(path, COLUMNS["cameras.csv"], bounds=BOUNDS)


def test_good_rows_stay_and_bad_rows_are_set_aside_with_the_reason(tmp_path: Path) -> None:
    table = cameras(
        tmp_path,
        "code,name_vi,lon,lat,bearing_deg,synthetic\n"
        "a,Một,107.6,16.4,90,true\n"
        'b,Hai,"107,6",16.4,,\n'
        "c,Ba,16.4,107.6,,\n"
        "d,,107.6,16.4,,\n"
        "a,Lại,107.6,16.4,,\n"
        "e,Năm,107.6,16.4,400,\n"
        "f,Sáu,107.6,16.4,,maybe\n"
        "g,Bảy,107.6,16.4,,,,extra\n"
        "h,Tám,107.7,16.5,,no\n",
    )
    assert [row["code"] for row in table.rows] == ["a", "h"]
    assert table.rows[0] | {"bearing_deg": 90.0, "synthetic": True} == table.rows[0]
    assert table.rows[1]["bearing_deg"] is None
    reasons = {bad.line: bad.reason for bad in table.bad}
    assert "not a number" in reasons[3]
    assert "look swapped" in reasons[4]
    assert '"name_vi" is empty' in reasons[5]
    assert "already in line 2" in reasons[6]
    assert "outside 0 to 360" in reasons[7]
    assert "not true or false" in reasons[8]
    assert "8 cells under 6 columns" in reasons[9]


def test_a_wrong_column_is_named_with_a_guess_and_nothing_is_taken(tmp_path: Path) -> None:
    table = cameras(tmp_path, "code,name_vi,longitude,lat\na,Một,107.6,16.4\n")
    assert table.rows == []
    assert table.bad[0].reason.startswith('column "lon" is missing')
    assert 'did you mean "lon"?' in table.notes[0]


@pytest.mark.parametrize(
    ("text", "encoding", "reason"),
    [
        ("", "utf-8", "empty"),
        ("code,name_vi,lon,lat\na,Cầu,107.6,16.4\n", "utf-16", "not UTF-8"),
    ],
)
def test_a_table_that_is_none_says_why(
    tmp_path: Path, text: str, encoding: str, reason: str
) -> None:
    assert reason in cameras(tmp_path, text, encoding).bad[0].reason


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    table = cameras(tmp_path, "\ufeffcode;name_vi;lon;lat\na;Cầu;107.6;16.4\n")
    assert table.rows[0]["name_vi"] == "Cầu"


# -- packs -------------------------------------------------------------------------------------


def test_the_bundled_pack_is_whole_and_says_that_it_is_schematic() -> None:
    pack = bundled_pack()
    assert pack is not None
    report = Report()
    wards = pack.features("wards", report)
    assert wards is not None and len(wards) == 40
    assert wards.is_valid.all()
    drawn = wards.to_crs(9214).area / 1e6
    share = drawn / wards["areaKm2"]
    assert share.between(0.8, 1.25).sum() >= 39  # one at the border takes what is left
    assert share.between(0.5, 3).all()
    assert drawn.sum() == pytest.approx(wards["areaKm2"].sum(), rel=0.1)
    assert pack.schematic
    assert "phác họa" in pack.attributions()[0]
    for part in ("coast", "rivers", "ports", "zones"):
        assert pack.features(part, report) is not None
    for name in COLUMNS:
        table = pack.table(name)
        report.table(table)
        assert table.rows, name
    assert report.lines() == []


def test_bundled_positions_lie_within_the_city() -> None:
    pack = bundled_pack()
    assert pack is not None
    wards = pack.features("wards")
    assert wards is not None
    city = shapely.union_all(wards.geometry.values).buffer(0.01)
    for name in ("cameras.csv", "billboards.csv", "sensors.csv"):
        for row in pack.table(name).rows:
            assert city.contains(shapely.Point(row["lon"], row["lat"])), row["code"]


def test_bundled_tables_point_at_each_other() -> None:
    pack = bundled_pack()
    assert pack is not None
    agencies = {row["code"] for row in pack.table("agencies.csv").rows}
    sensors = {row["code"] for row in pack.table("sensors.csv").rows}
    assert {row["agency"] for row in pack.table("categories.csv").rows} <= agencies
    assert {row["station_code"] for row in pack.table("thresholds.csv").rows} <= sensors
    assert {"71518", "71520"} <= sensors


def test_a_missing_part_comes_from_the_bundled_pack(tmp_path: Path) -> None:
    folder = tmp_path / "hue"
    folder.mkdir()
    write(folder / "wards.geojson", feature(square(107.5, 16.4), code="1", name="Một"))
    pack = open_pack(folder)
    wards, coast = pack.features("wards"), pack.features("coast")
    assert wards is not None and list(wards["code"]) == ["1"]
    assert coast is not None and len(coast) > 5
    assert len(pack.table("cameras.csv").rows) == 24
    assert not pack.schematic


def test_an_unreadable_part_is_refused_and_the_bundled_one_taken(tmp_path: Path) -> None:
    folder = tmp_path / "hue"
    folder.mkdir()
    (folder / "wards.geojson").write_text("")
    report = Report()
    wards = open_pack(folder).features("wards", report)
    assert wards is not None and len(wards) == 40
    assert "wards.geojson: the file is empty" in str(report.refusals[0])


def test_another_city_never_gets_hues_parts(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    text = (PROJECT / "fixtures/packs/hue/pack.toml").read_text()
    (folder / "pack.toml").write_text(text.replace('slug = "hue"', 'slug = "elsewhere"'))
    pack = open_pack(folder)
    assert pack.features("wards") is None
    assert pack.table("cameras.csv").rows == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("bounds = [107.0,", "bounds = [117.0,", "not west, south, east, north"),
        ('metric_crs = "EPSG:9214"', 'metric_crs = "EPSG:4326"', "not a projected"),
        ('time_zone = "Asia/Ho_Chi_Minh"', 'time_zone = "Asia/Hue"', "time_zone Asia/Hue"),
        ('slug = "hue"', "", "slug missing"),
        ('slug = "hue"', "slug = ", "not valid TOML"),
    ],
)
def test_a_wrong_manifest_names_the_key(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "pack.toml"
    text = (PROJECT / "fixtures/packs/hue/pack.toml").read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(PackError, match=reason):
        read_manifest(path)


def test_no_pack_on_the_path_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="IOC_PACK_PATH"):
        find_pack("hue", [tmp_path])


def test_every_process_finds_the_same_digest() -> None:
    """Else each start would take the pack in again."""
    code = "from geo.packs.pack import find_pack\nprint(find_pack('hue').digest())"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(found) == 1


def test_the_digest_changes_with_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "hue"
    shutil.copytree(PROJECT / "fixtures/packs/hue", folder)
    before = open_pack(folder).digest()
    assert before == open_pack(folder).digest()
    with (folder / "cameras.csv").open("a") as file:
        file.write("new,Mới,,107.6,16.4,,,,,\n")
    assert before != open_pack(folder).digest()


@needs_shared
def test_the_real_pack_has_forty_wards_and_the_bundled_tables() -> None:
    pack = find_pack("hue", [SHARED.parent, PROJECT / "fixtures/packs"])
    report = Report()
    wards = pack.features("wards", report)
    assert wards is not None and len(wards) == 40
    areas = wards.to_crs(9214).area / 1e6
    assert (areas / wards["areaKm2"]).between(0.97, 1.03).all()
    assert not pack.schematic
    assert "© OpenStreetMap contributors (ODbL)" in pack.attributions()
    assert len(pack.table("billboards.csv").rows) == 60
    assert report.ok


@needs_shared
def test_the_schematic_wards_lie_where_the_real_ones_do() -> None:
    real, drawn = open_pack(SHARED).features("wards"), bundled_pack().features("wards")  # type: ignore[union-attr]
    assert real is not None and drawn is not None
    assert set(real["code"]) == set(drawn["code"])
    pair = real.to_crs(9214).merge(drawn.to_crs(9214), on="code")
    overlap = shapely.area(shapely.intersection(pair["geometry_x"], pair["geometry_y"]))
    assert overlap.sum() / shapely.area(pair["geometry_x"]).sum() > 0.6
