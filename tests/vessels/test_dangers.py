"""Forecast danger areas come by file and over HTTP, from who may tell of them."""

import io
import json

import pytest

from geo.errors import Refused
from ioc.accounts.roles import Role
from tests.vessels.factories import make_user
from tests.vessels.test_rights import BASE, signed_in
from vessels import dangers
from vessels.ingest import dangers as command
from vessels.models import DangerArea

pytestmark = pytest.mark.django_db
SQUARE = [[[108, 16], [109, 16], [109, 17], [108, 17], [108, 16]]]
AREA = {
    "type": "Feature", "id": "bao-9", "geometry": {"type": "Polygon", "coordinates": SQUARE},
    "properties": {"name": "bão số 9", "source": "KTTV", "valid_from": "2026-09-21T00:00:00+07:00",
                   "valid_to": "2099-09-22T00:00:00+07:00"},
}  # fmt: skip
BAD = [
    {**AREA, "geometry": {"type": "Point", "coordinates": [1, 2]}},
    {**AREA, "geometry": None},
    {**AREA, "properties": AREA["properties"] | {"valid_to": "2026-09-22T00:00:00"}},
    {**AREA, "properties": AREA["properties"] | {"valid_to": "2020-09-22T00:00:00Z"}},
    {**AREA, "properties": AREA["properties"] | {"name": ""}},
    {**AREA, "properties": None},
    "nothing",
]


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def test_good_areas_go_in_once_and_bad_ones_are_named():
    taken = dangers.take(collection(AREA, *BAD))
    assert (taken.rows, [number for number, _ in taken.bad]) == (1, list(range(2, 9)))
    dangers.take(collection(AREA))
    row = DangerArea.objects.get()
    assert (row.key, row.name_en, row.geom.geom_type) == ("bao-9", "bão số 9", "MultiPolygon")
    for wrong in ({}, [], {"features": 1}):
        with pytest.raises(Refused):
            dangers.take(wrong)


def test_the_command_takes_a_file(tmp_path):
    path = tmp_path / "storm.geojson"
    path.write_text(json.dumps(collection(AREA, BAD[0])))
    out = io.StringIO()
    assert command.run(str(path), stdout=out) == 0
    assert "1 danger areas taken, 1 set aside" in out.getvalue()
    path.write_text("{")
    with pytest.raises(Refused):
        command.run(str(path), stdout=out)


@pytest.mark.parametrize("role", Role.values)
def test_the_door_by_role(role):
    client = signed_in(make_user(role))
    may = role in {"operator", "fisheries_officer", "administrator"}
    told = client.post(f"{BASE}/dangers", collection(AREA, BAD[0]), content_type="application/json")
    assert told.status_code == (200 if may else 403)
    assert client.get(f"{BASE}/dangers").status_code == (200 if may else 403)
    if may:
        assert told.json()["taken"] == 1
        assert told.json()["refused"][0]["feature"] == 2
        feature = client.get(f"{BASE}/dangers").json()["features"][0]
        assert (feature["id"], feature["geometry"]["type"]) == ("bao-9", "MultiPolygon")
