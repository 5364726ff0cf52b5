"""Every point layer: what its tiles count equals what SQL counts, at every zoom, in both views."""

import mapbox_vector_tile
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from geo import notices
from geo.text import Text
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.incidents import actions as incidents
from layers import mvt, registry, tiles
from tests.billboards.factories import make_billboard
from tests.environment.factories import make_sensor
from tests.layers.test_tiles import covering
from tests.reports.factories import HERE, make_report
from tests.vessels.factories import ingest, said
from tests.vision.factories import make_camera

POINTS = [layer for layer in registry.all_layers() if layer.geometry == "point"]


@pytest.fixture
def city(db, tmp_path):
    """A few features of each kind."""
    for n in range(7):
        make_report(lon=HERE[0] + n * 0.013, lat=HERE[1] - n * 0.002)
    for n, code in enumerate(("71520", "71518")):
        make_sensor(code, lon=107.55 + n / 50)
    make_billboard()
    make_camera()
    ingest(tmp_path, said())
    notices.publish(
        key="k", kind="test", severity="minor", layer="reports", feature_id="1",
        point=HERE, occurred_at=timezone.now(), title=Text("Thử", "Test"),
    )  # fmt: skip
    incidents.sweep()


@pytest.mark.parametrize("layer", POINTS, ids=lambda layer: layer.slug)
def test_counts_equal_sql_at_every_zoom(layer, city):
    admin = User.objects.create_user("admin", role=Role.ADMINISTRATOR)
    for user in (admin, AnonymousUser()):
        audience = layer.audience(user)
        if audience is None:
            continue
        geom = layer.geometry_field(audience)
        rows = layer.queryset(user).exclude(**{f"{geom}__isnull": True})
        places = [(p.x, p.y) for p in rows.values_list(geom, flat=True)]
        for z in range(layer.raw_zoom):
            found = 0
            for x, y in covering(z, places):
                with connection.cursor() as cursor:
                    cursor.execute(*tiles.plan(layer, audience, user, mvt.Tile(z, x, y), {}))
                    body = bytes(cursor.fetchone()[0] or b"")
                for part in mapbox_vector_tile.decode(body).values():
                    found += sum(f["properties"]["n"] for f in part["features"])
            assert found == len(places), f"zoom {z}, {audience}"


def test_what_lies_on_one_square_of_the_public_grid_is_a_number_until_one_is_near(city):
    reports = registry.get("reports")
    nobody = AnonymousUser()
    make_report(lon=HERE[0], lat=HERE[1])
    rows = reports.queryset(nobody)
    alone, square = rows.exclude(geom_public=rows.last().geom_public), rows.last().geom_public

    def told(z: int) -> list[dict]:
        found = []
        for x, y in covering(z, [(p.x, p.y) for p in rows.values_list("geom_public", flat=True)]):
            with connection.cursor() as cursor:
                cursor.execute(*tiles.plan(reports, "public", nobody, mvt.Tile(z, x, y), {}))
                body = bytes(cursor.fetchone()[0] or b"")
            for part in mapbox_vector_tile.decode(body).values():
                # the buffer shows a point in its neighbour's tile too
                found += [f["properties"] for f in part["features"] if inside(f)]
        return found

    def inside(feature: dict) -> bool:
        return all(0 <= n < 4096 for n in feature["geometry"]["coordinates"])

    stacked = rows.filter(geom_public=square).count()
    assert stacked == 2
    for z in (reports.raw_zoom, mvt.STACKED_TO):
        props = told(z)
        assert sum(p.get("n", 1) for p in props) == rows.count()
        assert [set(p) for p in props if "n" in p] == [{"n", "by"}]
        assert {p["code"] for p in props if "n" not in p} == {r.code for r in alone}
    near = told(mvt.STACKED_TO + 1)
    assert not any("n" in p for p in near) and {p["code"] for p in near} == {r.code for r in rows}
