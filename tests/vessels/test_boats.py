"""The simulated fleet: real sentences, on water, and never taken for real."""

import asyncio
import json
import socket
from threading import Event
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from hypothesis import given
from hypothesis import strategies as st

from geo.heartbeat import beat
from ioc.demo import boats
from ioc.management.commands import demo
from tests.vessels.factories import COAST, NOON, decode
from vessels.ais import encode
from vessels.ingest.command import run_file
from vessels.ingest.fleet import SYNTHETIC_MMSI, Fleet
from vessels.models import LiveVessel, Position, Vessel

SEED = 7


@given(
    lon=st.floats(-180, 180), lat=st.floats(-90, 90), speed=st.floats(0, 60),
    course=st.floats(0, 359.9), mmsi=st.integers(1, 999_999_999),
)  # fmt: skip
def test_what_is_encoded_is_what_is_decoded(lon, lat, speed, course, mmsi):
    for status in (0, None):
        line = encode.position(
            mmsi, lon, lat, speed_kn=speed, course_deg=course, second=1, status=status
        )
        assert len(line) <= 80
        found = decode([line]).positions
        assert found.mmsi[0] == mmsi
        assert found.lon[0] == pytest.approx(lon, abs=1e-6)
        assert found.lat[0] == pytest.approx(lat, abs=1e-6)
        assert found.speed_kn[0] == pytest.approx(speed, abs=0.051)
        assert abs(found.course_deg[0] - course) <= 0.051


def test_the_peer_reads_our_sentences_as_we_do():
    pyais = pytest.importorskip("pyais", reason="pyais, the peer, is not installed")
    for boat in boats.fleet(SEED)[::40]:
        report = pyais.decode(boats.report(boat, NOON))
        assert report.mmsi == boat.mmsi
        assert report.lon == pytest.approx(boat.at(NOON)[0][0], abs=1e-5)
        told = boats.introduction(boat)
        last = pyais.decode(*told) if boat.class_a else pyais.decode(told[1])
        assert last.ship_type == boat.ship_type
        assert last.to_bow + last.to_stern == boat.length_m


def test_the_same_seed_and_time_give_the_same_sentences():
    first = list(boats.sentences_between(NOON, NOON + 90, SEED))
    assert first == list(boats.sentences_between(NOON, NOON + 90, SEED))
    halves = list(boats.sentences_between(NOON, NOON + 31, SEED))
    halves += list(boats.sentences_between(NOON + 31, NOON + 90, SEED))
    assert sorted(halves) == sorted(first)
    assert [t for t, _ in first] == sorted(t for t, _ in first)


def test_a_boat_sails_at_a_boats_speed_and_never_leaps():
    for boat in boats.fleet(SEED)[::15]:
        before = boat.at(NOON)[0]
        for t in range(NOON + 20, NOON + 2 * boats.DAY_S, 20):
            here = boat.at(t)[0]
            assert boats.metres(before, here) < 20 * 16 * boats.KN
            before = here


def test_the_fleet_goes_out_and_comes_home():
    seen = [sum(boat.at(NOON + h * 3600)[1] == 5 for boat in boats.fleet(SEED)) for h in range(24)]
    assert min(seen) < 170 < 210 < max(seen)


@pytest.mark.skipif(not COAST.exists(), reason="shared/packs is not beside the project")
def test_no_boat_crosses_the_coast():
    from shapely import prepare
    from shapely.geometry import LineString, shape
    from shapely.ops import unary_union

    features = json.loads(COAST.read_text())["features"]
    coast = unary_union([shape(feature["geometry"]) for feature in features])
    prepare(coast)
    for boat in boats.fleet(SEED):
        if isinstance(boat, boats.CargoShip):
            assert not coast.intersects(LineString(boat.lane))
            continue
        for day in range(NOON // boats.DAY_S, NOON // boats.DAY_S + 10):
            if trip := boat.trip(day):
                assert not coast.intersects(LineString(trip.way)), boat.name
                assert coast.distance(LineString([trip.way[-1], trip.way[-1]])) > 0.03


@pytest.mark.django_db
def test_a_backfill_goes_in_marked_and_without_a_doubt(tmp_path):
    path = tmp_path / "demo.nmea"
    written = boats.backfill(path, hours=0.5, seed=SEED, until=NOON)
    total = run_file(path, Fleet("demo", synthetic=True))
    assert total.sentences == written
    assert (total.rejected.total(), total.doubtful) == (0, 0)
    assert Vessel.objects.count() == boats.FISHING_BOATS + boats.CARGO_SHIPS
    assert not Vessel.objects.filter(synthetic=False).exists()
    assert all(mmsi in SYNTHETIC_MMSI for mmsi in Vessel.objects.values_list("mmsi", flat=True))
    heard = [b for b in boats.fleet(SEED) if not b.silent_at(NOON - 900)]
    assert LiveVessel.objects.filter(name__startswith="DEMO", synthetic=True).count() == len(heard)
    assert 308 <= len(heard) <= 310
    assert Position.objects.count() > 500


def test_a_fleet_that_begins_says_where_every_boat_is():
    fleet = [b for b in boats.fleet(SEED) if b.number in boats.PLANTED or b.number % 20 == 0]
    assert 5 in {boat.at(NOON)[1] for boat in fleet}  # moored
    for boat in fleet:
        heard = decode([line + b"\r\n" for line in boats.greeting(boat, NOON)])
        assert len(heard.positions) == (0 if boat.silent_at(NOON) else 1)
        assert len(heard.particulars) > 0


@pytest.mark.django_db(transaction=True)
async def test_boats_sail_while_their_past_is_still_taken_in(monkeypatch):
    await sync_to_async(beat)("ingest", 1)
    sailing, taken_in = asyncio.Event(), Event()

    async def run(door):
        sailing.set()
        await asyncio.Future()

    monkeypatch.setattr(boats, "run", run)
    story = demo.Command()
    story.begin()
    monkeypatch.setattr(story, "_past_of_boats", lambda seed: taken_in.wait(20))
    both = asyncio.gather(story._boats(SimpleNamespace(seed=SEED)), story._voyages(SEED))
    try:
        await asyncio.wait_for(sailing.wait(), 10)
        assert story.done == []
        taken_in.set()
        while "boats" not in story.done:
            await asyncio.sleep(0.01)
    finally:
        taken_in.set()
        both.cancel()


async def test_the_fleet_is_heard_over_udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        door = SimpleNamespace(ais_host="127.0.0.1", ais_port=ear.getsockname()[1], seed=SEED)
        running = asyncio.create_task(boats.run(door))
        try:
            loop = asyncio.get_running_loop()
            heard = await asyncio.wait_for(loop.sock_recv(ear, 65536), 5)
        finally:
            running.cancel()
    assert decode(heard).rejected == []
    assert decode(heard).sentences >= 2
