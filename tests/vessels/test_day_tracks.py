"""Tracks by day and hours of effort: from positions as they come, late ones too, and for whom."""

import random
from datetime import timedelta

import mapbox_vector_tile
import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client

from ioc.accounts.models import User
from ioc.accounts.roles import Role
from layers import filters, mvt, registry, tiles
from tests.vessels.factories import make_user
from tests.vessels.fleet_factories import NOW, H, frozen, hear, make_boat, make_sea, way
from vessels import track_layers
from vessels.models import DayTrack, EffortHours, Position, Vessel
from vessels.science import simplify
from vessels.science.tracks import distance_m, track
from vessels.tracks import build, keep, levels

TRACKS = registry.get("vessel-tracks")
EFFORT = registry.get("fishing-effort")
TILE = mvt.Tile(9, 409, 232)  # 107.6 to 108.3° E, 16.3 to 17.0° N


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    frozen(monkeypatch)


def slow_boat(lat=16.5, hours=(9.0, 1.0)):
    """A boat that trawls to and fro at 3 kn well out of port."""
    boat = make_boat(16, gear="lưới kéo")
    fixes = way(107.8, 108.2, lat=lat, hours=hours, speed=3.0)
    hear(boat, *fixes)
    return boat


def rows_of(model):
    """All that is stored of a model but its keys, geometry as bytes."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT (to_jsonb(t) - 'id')::text FROM {table} t ORDER BY 1")
        return [row for (row,) in cursor.fetchall()]


def tile_of(user, wanted=None, at=TILE, layer=TRACKS):
    sql, params = tiles.plan(layer, "full", user, at, wanted or {})
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        decoded = mapbox_vector_tile.decode(bytes(cursor.fetchone()[0] or b""))
    return [f["properties"] for part in decoded.values() for f in part["features"]]


def test_a_day_is_a_line_with_times_cut_at_its_silence(db):
    make_sea()
    boat = make_boat(16)
    hear(boat, *way(107.8, 107.9, hours=(9.0, 8.0)), *way(108.0, 108.1, hours=(3.0, 2.0)))
    assert keep.run().built == 1
    day = DayTrack.objects.get()
    assert (str(day.day), day.silences) == ("2026-09-21", 1)
    assert abs(day.distance_nm - 11.5) < 0.2
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_NumGeometries(geom), ST_M(ST_StartPoint(ST_GeometryN(geom, 2))), "
            "ST_NDims(geom), ST_NPoints(mercator_1000m) FROM vessels_daytrack"
        )
        lines, began, dims, few = cursor.fetchone()
    assert (lines, dims, few) == (2, 3, 4)
    assert abs(began - (NOW.timestamp() - 3 * H)) < 1


def test_every_tier_is_what_the_time_ratio_keeps():
    rng = np.random.default_rng(4)
    t = np.cumsum(rng.uniform(30, 90, 500)) + 1_790_000_000
    lon = 108 + np.cumsum(rng.normal(0, 0.002, 500))
    lat = 16.5 + np.cumsum(rng.normal(0, 0.002, 500))
    way = track(t, lon, lat, 5.0, 90.0)
    needed = levels.needed_m(way, build.TIERS_M[0])
    for tolerance_m in build.TIERS_M:
        kept = simplify.time_ratio(way, tolerance_m)
        assert np.flatnonzero(needed > tolerance_m).tolist() == kept.tolist()
        at = [np.interp(t, t[kept], column[kept]) for column in (lon, lat)]
        assert distance_m(*at, lon, lat).max() <= tolerance_m * 1.01
    assert len(kept) < len(way) / 5


def test_the_order_of_arrival_and_a_rebuild_change_nothing(db):
    make_sea()
    boat = make_boat(16, gear="lưới kéo")
    fixes = way(107.8, 108.2, hours=(30.0, 1.0), speed=3.0)
    hear(boat, *fixes)
    keep.run()
    keep.run()  # the day before takes the leg over midnight
    stood = [rows_of(model) for model in (DayTrack, EffortHours)]
    assert len(stood[0]) == 2
    Position.objects.filter(vessel=boat).delete()
    keep.run()
    assert not DayTrack.objects.exists() and not EffortHours.objects.exists()
    random.Random(5).shuffle(fixes)
    for part in (fixes[:40], fixes[40:41], fixes[41:]):
        hear(boat, *part)
        keep.run()
    keep.run()
    assert [rows_of(model) for model in (DayTrack, EffortHours)] == stood
    keep.mark(NOW - timedelta(days=3), NOW)
    assert keep.run().built == 2
    assert [rows_of(model) for model in (DayTrack, EffortHours)] == stood


def test_a_late_position_marks_its_day_and_no_other(db):
    make_sea()
    boat, other = slow_boat(), slow_boat(lat=16.6)
    keep.run()
    assert keep.run().built == 0
    hear(boat, (5.03, 108.0, 16.52, 3.0, 90.0))
    assert keep.collect() == 1
    assert keep.run().built == 1
    assert (
        DayTrack.objects.get(vessel=boat).positions
        == 1 + DayTrack.objects.get(vessel=other).positions
    )


def test_the_leg_over_midnight_belongs_to_the_day_before(db):
    make_sea()
    boat = make_boat(16)
    midnight_h = 19.0  # 17:00 UTC is midnight in Huế
    hear(boat, *way(107.8, 107.9, hours=(midnight_h + 1, midnight_h + 0.1)))
    keep.run()
    first = DayTrack.objects.get()
    hear(boat, *way(107.9, 108.0, hours=(midnight_h - 0.1, midnight_h - 1)))
    keep.run()
    keep.run()
    first, second = DayTrack.objects.order_by("day")
    assert first.ended_at == second.started_at


def test_hours_add_up_and_port_and_steaming_do_not_fish(db):
    make_sea()
    boat = slow_boat()
    cargo = Vessel.objects.create(mmsi=574_009_999, kind="cargo")
    hear(cargo, *way(107.8, 108.2, lat=16.55, hours=(9.0, 1.0), speed=3.0))
    moored = make_boat(9)
    hear(moored, *[(h, 107.5, 16.5, 0.0, 0.0) for h in np.arange(9, 1, -0.1).tolist()])
    keep.run()
    fine = EffortHours.objects.filter(place__resolution=7)
    fished = fine.filter(kind="fishing")
    assert abs(sum(r.present_s for r in fished) - 8 * H) < 60
    assert sum(r.fishing_s for r in fished) > 6.5 * H
    assert {r.gear for r in fished} == {"lưới kéo"}
    assert sum(r.fishing_s for r in fine.filter(kind="cargo")) == 0
    coarse = EffortHours.objects.filter(place__resolution=5, kind="fishing")
    assert abs(sum(r.present_s for r in coarse) - 8 * H) < 60
    assert boat.pk and cargo.pk


def test_tiles_filter_by_day_kind_and_gear_and_know_their_scale(db):
    make_sea()
    slow_boat()
    old = make_boat(16)
    hear(old, *way(107.8, 108.2, hours=(66.0, 62.0)))
    keep.run()
    keep.run()
    officer = make_user("fisheries_officer")
    assert {f["age"] for f in tile_of(officer)} == {"0"}
    far = {"day": f"{track_layers.today() - timedelta(days=9)}/{track_layers.today()}"}
    assert {f["age"] for f in tile_of(officer, far)} == {"0", "2"}
    assert tile_of(officer, far | {"kind": "cargo"}) == []
    cells = tile_of(officer, layer=EFFORT)
    assert cells and any(float(f["fishing_h_km2"]) > 0.05 for f in cells)
    assert len(tile_of(officer, layer=EFFORT, at=mvt.Tile(7, 102, 58))) < len(cells)
    assert tile_of(officer, {"gear": "câu"}, layer=EFFORT) == []
    assert len(tile_of(officer, {"gear": "lưới kéo"}, layer=EFFORT)) == len(cells)


@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01", "2026-09-02/2026-09-01"])
def test_a_day_that_is_none_is_refused(wrong):
    with pytest.raises(filters.Refused):
        filters.parse(TRACKS, "full", {"day": wrong})


def test_an_owner_sees_their_own_track_and_the_public_none(db):
    make_sea()
    mine, _ = slow_boat(), slow_boat(lat=16.6)
    owner = make_user("citizen")
    stranger = User.objects.create_user("other", role="citizen")
    mine.owner_user = owner
    mine.save()
    keep.run()
    assert TRACKS.audience(owner) == "full" and EFFORT.audience(owner) is None
    assert [f["vessel_id"] for f in tile_of(owner)] == [mine.pk]
    assert TRACKS.scopes(owner) != TRACKS.scopes(make_user("fisheries_officer"))
    for nobody in (AnonymousUser(), stranger):
        assert TRACKS.audience(nobody) is None and EFFORT.audience(nobody) is None
        assert not track_layers.tracks(nobody, {}).exists()
        assert not track_layers.cells(nobody, {}).exists()
    client = Client()
    client.force_login(owner, "ioc.accounts.backends.RoleBackend")
    page = client.get("/api/v1/layers/vessel-tracks/features").json()
    assert [f["properties"]["vessel_id"] for f in page["features"]] == [mine.pk]
    assert client.get("/api/v1/layers/fishing-effort/features").status_code == 404


@pytest.mark.parametrize("layer", [TRACKS, EFFORT], ids=lambda layer: layer.slug)
@pytest.mark.parametrize("role", Role.values)
def test_every_door_of_the_layers_by_role(db, role, layer):
    user = make_user(role)
    may = role in {Role.FISHERIES_OFFICER, Role.OPERATOR, Role.ADMINISTRATOR}
    assert layer.audience(user) == ("full" if may else None)
    client = Client()
    client.force_login(user, "ioc.accounts.backends.RoleBackend")
    for door in ("features", "export?format=csv"):
        status = client.get(f"/api/v1/layers/{layer.slug}/{door}").status_code
        assert status == (200 if may else 404), door
