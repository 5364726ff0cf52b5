"""`pack import` against a real database: idempotent, all or nothing, nothing lost."""

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
import shapely
from django.core.management import CommandError, call_command
from django.db import connection

from geo.models import City, District, Place
from geo.packs import Pack, PackError, Report, basemap, bundled_pack, importers
from geo.packs.load import import_pack
from geo.packs.pack import PROJECT, open_pack
from geo.queries import district_at, in_city

SHARED = PROJECT.parent / "shared" / "packs" / "hue"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the real city pack ../shared/packs/hue is not beside the project"
)
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for basemaps that the tests of this module share: one build each."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(autouse=True)
def shallow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Basemaps to z9 only: how they look is tested elsewhere, and the deep zooms take long."""
    monkeypatch.setattr(basemap, "MAX_ZOOM", 9)


@pytest.fixture
def only_geo(monkeypatch: pytest.MonkeyPatch) -> dict[str, importers.Importer]:
    """The registry of importers, emptied; apps above are not found."""
    known: dict[str, importers.Importer] = {}
    monkeypatch.setattr(importers, "_importers", known)
    monkeypatch.setattr(importers, "find_spec", lambda name: None)
    return known


def small_pack(folder: Path, wards: list[tuple[str, str, float]]) -> Pack:
    """A pack of square wards (code, name, west edge) with a basemap of its own."""
    folder.mkdir(exist_ok=True)
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name, "fullName": f"Xã {name}"},
            "geometry": json.loads(shapely.to_geojson(shapely.box(west, 16.4, west + 0.05, 16.45))),
        }
        for code, name, west in wards
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "wards.geojson").write_text(text)
    header = bytearray(127)
    header[:8], header[100], header[101] = b"PMTiles\x03", 6, 15
    (folder / "basemap.pmtiles").write_bytes(header)
    return open_pack(folder)


def take(pack: Pack, var: Path) -> Report:
    report = Report()
    import_pack(pack, var=var, report=report)
    return report


def test_the_bundled_pack_alone_makes_a_city(var: Path, only_geo: object) -> None:
    pack = bundled_pack()
    assert pack is not None
    report = take(pack, var)
    city = City.objects.get(active=True)
    assert (city.slug, city.metric_srid, city.schematic) == ("hue", 9214, True)
    assert Path(city.basemap["file"]).is_file()
    assert (city.basemap["min_zoom"], city.basemap["max_zoom"]) == (6, 9)
    assert District.objects.filter(schematic=True).count() == 40
    assert report.counts["wards"] == 40
    assert in_city(107.585, 16.465) and not in_city(107.9, 16.6)
    district = district_at(107.72, 16.10)
    assert district is not None and district.kind == "commune"


@needs_shared
def test_the_real_pack_taken_twice_stands_once(var: Path, only_geo: object) -> None:
    pack = open_pack(SHARED)
    take(pack, var)
    first = dict(District.objects.values_list("code", "pk"))
    places = dict(Place.objects.values_list("key", "pk"))
    assert len(first) == 40 and len(places) > 1000
    report = take(pack, var)
    assert dict(District.objects.values_list("code", "pk")) == first
    assert dict(Place.objects.values_list("key", "pk")) == places
    assert City.objects.count() == 1
    assert report.ok
    assert not District.objects.filter(schematic=True).exists()
    assert Place.objects.filter(search__contains="truong tien", kind="bridge").exists()


@needs_shared
def test_areas_in_postgis_equal_those_of_pyproj(var: Path, only_geo: object) -> None:
    take(open_pack(SHARED), var)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(abs(ST_Area(ST_Transform(geom, 9214)) / 1e6 - area_km2) / area_km2)"
            " FROM geo_district"
        )
        assert cursor.fetchone()[0] < 1e-3


def test_a_ward_that_is_gone_is_retired_and_comes_back_as_itself(
    tmp_path: Path, only_geo: object
) -> None:
    both = [("1", "Một", 107.5), ("2", "Hai", 107.55)]
    take(small_pack(tmp_path / "hue", both), tmp_path)
    before = District.objects.get(code="2")
    report = take(small_pack(tmp_path / "hue", both[:1]), tmp_path)
    assert "district 2 is in the pack no more; retired" in str(report.notes[-1])
    before.refresh_from_db()
    assert before.retired_at is not None
    assert district_at(107.57, 16.42) is None
    take(small_pack(tmp_path / "hue", both), tmp_path)
    after = District.objects.get(code="2")
    assert (after.pk, after.retired_at) == (before.pk, None)


def test_names_kinds_and_duplicate_codes(tmp_path: Path, only_geo: object) -> None:
    wards = [("1", "Một", 107.5), ("1", "Lại", 107.6), ("", "Không", 107.7), ("3", "", 107.8)]
    report = take(small_pack(tmp_path / "hue", wards), tmp_path)
    district = District.objects.get()
    assert (district.name_vi, district.kind) == ("Một", "commune")
    reasons = [str(refusal) for refusal in report.refusals]
    assert any("code 1 stands already" in reason for reason in reasons)
    assert any("has no code" in reason for reason in reasons)
    assert any("has no name" in reason for reason in reasons)


def test_a_pack_without_a_usable_ward_changes_nothing(tmp_path: Path, only_geo: object) -> None:
    take(small_pack(tmp_path / "hue", [("1", "Một", 107.5)]), tmp_path)
    with pytest.raises(PackError, match="no usable ward"):
        take(small_pack(tmp_path / "hue", [("", "Không", 107.5)]), tmp_path)
    assert District.objects.get().retired_at is None


def test_apps_take_their_parts_in_order_inside_the_same_transaction(
    tmp_path: Path, only_geo: dict[str, importers.Importer]
) -> None:
    seen: list[str] = []
    for part in ("zones", "cameras", "agencies"):
        importers.register(part, lambda pack, report, part=part: seen.append(part))  # type: ignore[misc]
    pack = small_pack(tmp_path / "hue", [("1", "Một", 107.5)])
    take(pack, tmp_path)
    assert seen == ["agencies", "cameras", "zones"]

    def fail(pack: Pack, report: Report) -> None:
        raise PackError("cameras.csv: disk on fire")

    only_geo["cameras"] = fail
    with pytest.raises(PackError, match="disk on fire"):
        take(small_pack(tmp_path / "hue", [("2", "Hai", 107.5)]), tmp_path)
    assert list(District.objects.values_list("code", flat=True)) == ["1"]


def test_two_importers_of_one_part_are_refused(only_geo: object) -> None:
    importers.register("cameras", lambda pack, report: None)
    with pytest.raises(importers.DuplicateImporter):
        importers.register("cameras", lambda pack, report: None)


def test_another_pack_becomes_the_active_city(tmp_path: Path, only_geo: object) -> None:
    take(small_pack(tmp_path / "hue", [("1", "Một", 107.5)]), tmp_path)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    text = (PROJECT / "fixtures/packs/hue/pack.toml").read_text()
    (folder / "pack.toml").write_text(text.replace('slug = "hue"', 'slug = "elsewhere"'))
    take(small_pack(folder, [("9", "Chín", 107.5)]), tmp_path)
    assert City.objects.get(active=True).slug == "elsewhere"
    assert City.objects.count() == 2
    assert District.objects.get(retired_at=None).code == "9"


# -- the command -------------------------------------------------------------------------------


def run(*words: str) -> str:
    out = StringIO()
    call_command("pack", *words, stdout=out)
    return out.getvalue()


def test_the_command_reports_and_skips_what_stands(
    tmp_path: Path, settings: object, only_geo: object
) -> None:
    settings.IOC_VAR = tmp_path  # type: ignore[attr-defined]
    small_pack(tmp_path / "hue", [("1", "Một", 107.5), ("1", "Lại", 107.6)])
    text = run("import", str(tmp_path / "hue"))
    assert "taken    wards: 1" in text
    assert "refused  wards.geojson: feature 2 1 Lại: code 1 stands already" in text
    assert "up to date" in run("import", str(tmp_path / "hue"), "--if-changed")
    with pytest.raises(CommandError, match="1 things were refused"):
        run("import", str(tmp_path / "hue"), "--strict")
    shutil.rmtree(tmp_path / "hue")
    with pytest.raises(CommandError, match="name a folder or set IOC_PACK_PATH"):
        run("import", str(tmp_path / "nowhere"))


def test_build_writes_where_it_is_told(tmp_path: Path) -> None:
    out = tmp_path / "x.pmtiles"
    text = run("build", str(PROJECT / "fixtures/packs/hue"), "--out", str(out))
    assert out.read_bytes()[:7] == b"PMTiles"
    assert "basemap:" in text
