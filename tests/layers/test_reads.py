"""Snapshot, lists, cards, exports, replay, search and state of a layer, for each kind of viewer."""

import csv
import io
import json
from datetime import timedelta

import geopandas
import pytest
from django.test import Client
from django.utils import timezone

from geo.models import District
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from layers import changes, exports, search
from layers.changes import ChangeRow
from layers.publisher import Publisher
from tests.layers.conftest import make_place
from tests.reports.factories import make_city, make_district, make_report

pytestmark = pytest.mark.django_db
NAME = "Nguyễn Văn Bí Mật"
EXACT = (107.583217, 16.468431)


@pytest.fixture
def report():
    make_city()
    make_district()
    return make_report(words=f"Gọi {NAME} 0905123456", lon=EXACT[0], lat=EXACT[1])


@pytest.fixture
def operator():
    client = Client()
    user = User.objects.create_user("op", role=Role.OPERATOR)
    client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client


def get(client, path, **query):
    return client.get(f"/api/v1/{path}", query)


def test_a_snapshot_is_true_for_the_number_it_names(layer, clean_spine):
    place = make_place(107.5, 16.4, kind="b", name_vi="Chợ")
    changes.upsert("test-places", place)
    Publisher().tick()
    body = get(Client(), "layers/test-places/snapshot").json()
    assert (body["seq"], body["ids"], body["lon"], body["lat"]) == (
        1,
        [str(place.pk)],
        [107.5],
        [16.4],
    )
    assert body["props"] == [{"name_vi": "Chợ", "kind": "b", "rank": 100}]


def test_a_snapshot_too_large_is_refused_with_a_way_out(layer, monkeypatch):
    monkeypatch.setattr("layers.queries.SNAPSHOT_LIMIT", 2)
    for n in range(3):
        make_place(107.5, 16.4, n)
    answer = get(Client(), "layers/test-places/snapshot")
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too-many"


def test_lists_are_paged_filtered_and_searched(layer):
    for n in range(5):
        make_place(107.5 + n / 10, 16.4, n, kind="ab"[n % 2], name_vi=f"Chợ Đông {n}")
    path, seen, cursor = "layers/test-places/features", [], ""
    while cursor is not None:
        page = get(Client(), path, limit=2, cursor=cursor).json()
        seen += [f["properties"]["name_vi"] for f in page["features"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 5
    assert get(Client(), path, kind="a").json()["count_in_view"] == 3
    assert get(Client(), path, bbox="107.45,16,107.65,17").json()["count_in_view"] == 2
    assert get(Client(), path, q="dong 4").json()["count_in_view"] == 1
    for bad in ({"cursor": "x"}, {"limit": 0}, {"bbox": "1"}, {"rank": "1"}, {"kind": "z"}):
        assert get(Client(), path, **bad).status_code in {400, 422}, bad


@pytest.mark.parametrize("door", ["snapshot", "features", "features/{pk}", "export?format=geojson",
                                  "export?format=csv"])  # fmt: skip
def test_the_public_finds_no_name_no_words_and_no_exact_place(report, operator, door):
    path = f"/api/v1/layers/reports/{door.format(pk=report.pk)}"
    public, staff = (c.get(path).content.decode() for c in (Client(), operator))
    assert report.code in public
    # JSON may escape what is not ASCII: look for the words in both spellings.
    for planted in (NAME, json.dumps(NAME)[1:-1], "0905123456", f"{EXACT[0]}", f"{EXACT[1]}"):
        assert planted not in public
    assert "0905123456" in staff
    assert f"{EXACT[0]}" in staff


def test_exports_open_in_the_tools_they_are_for(layer):
    make_place(107.5, 16.4, name_vi="=SUM(A1)")
    base = "/api/v1/layers/test-places/export?format="
    rows = list(csv.DictReader(io.StringIO(Client().get(base + "csv").content.decode("utf-8-sig"))))
    assert (rows[0]["name_vi"], rows[0]["lon"]) == ("'=SUM(A1)", "107.5")
    for kind in ("geojson", "gpkg"):
        frame = geopandas.read_file(io.BytesIO(Client().get(base + kind).content))
        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.iloc[0].coords[0] == (107.5, 16.4)
        assert frame["name_vi"].iloc[0] == "=SUM(A1)"
        assert frame["rank"].iloc[0] == 100 and not frame["synthetic"].iloc[0]
    assert Client().get(base + "exe").status_code == 400


@pytest.mark.parametrize("kind", ["geojson", "csv", "gpkg"])
def test_a_large_export_flows_from_the_disk_and_is_the_same(layer, kind, monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 2)
    for n in range(5):
        make_place(107.5, 16.4, n=n)
    path = f"/api/v1/layers/test-places/export?format={kind}"
    whole = Client().get(path)
    monkeypatch.setattr(exports, "IN_MEMORY", 100)
    flowing = Client().get(path)
    assert flowing.streaming and not whole.streaming
    body = b"".join(flowing)
    assert len(body) == int(flowing["Content-Length"])
    if kind == "gpkg":  # holds the time of its making
        names = [list(geopandas.read_file(io.BytesIO(b))["name_vi"]) for b in (body, whole.content)]
        assert names[0] == names[1] == [f"Nơi {n}" for n in range(5)]
    else:
        assert body == whole.content


def test_an_empty_layer_exports_an_empty_file(layer):
    for kind in ("geojson", "csv", "gpkg"):
        assert Client().get(f"/api/v1/layers/test-places/export?format={kind}").status_code == 200


def test_the_replay_has_the_state_before_and_the_changes_within(layer, clean_spine):
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=2)
    rows = [
        ChangeRow("test-places", "1", at=start + timedelta(minutes=m), lon=107 + m / 100, lat=16.4)
        for m in range(0, 100, 10)
    ]
    changes.record_many(rows)
    Publisher().tick()
    window = {
        "from": (start + timedelta(minutes=35)).isoformat(),
        "to": (start + timedelta(minutes=75)).isoformat(),
        "layers": "test-places",
    }
    body = get(Client(), "replay", **window).json()
    assert [c["p"][0] for c in body["state"]] == [107.3]
    assert [c["p"][0] for c in body["changes"]] == [107.4, 107.5, 107.6, 107.7]
    assert get(Client(), "replay", **(window | {"layers": "vessels"})).status_code == 404
    assert get(Client(), "replay", **(window | {"from": "2026-01-01T00:00:00Z"})).status_code == 400


def test_status_says_how_many_and_how_fresh(report):
    make_report()
    state = get(Client(), "status").json()["layers"]["reports"]
    assert state["by"] == {"submitted": 2}
    assert not state["stale"]


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("16.4637, 107.5909", 107.5909, 16.4637),
        ("107.5909 16.4637", 107.5909, 16.4637),
        ("16,4637; 107,5909", 107.5909, 16.4637),
        ("16.4637N 107.5909E", 107.5909, 16.4637),
        ("107.5909E, 16.4637N", 107.5909, 16.4637),
        ("-33.9 18.4", 18.4, -33.9),
    ],
)
def test_coordinates_are_found_however_written(text, lon, lat):
    found = search.coordinates(text)
    assert (found["lon"], found["lat"]) == (lon, lat)


@pytest.mark.parametrize("text", ["95 200", "abc", "16.4", "200, 95"])
def test_what_is_no_position_is_none(text):
    assert search.coordinates(text) is None


def test_search_finds_places_wards_and_what_one_may_see(report, operator):
    make_place(107.58, 16.47, name_vi="Chợ Đông Ba", name_en="Dong Ba market")
    District.objects.update(name_vi="Phú Xuân")
    found = get(Client(), "search", q="dong ba").json()["results"]
    assert [r["title"] for r in found if r["kind"] == "place"] == ["Chợ Đông Ba"]
    assert get(Client(), "search", q="phu xuan").json()["results"][0]["kind"] == "district"
    for client, seen in ((Client(), 0), (operator, 1)):
        hits = get(client, "search", q="0905123456").json()["results"]
        assert len(hits) == seen
    assert get(Client(), "search", q="x").json()["results"] == []
