"""A station that sends what no test believes is neither good nor silent."""

from datetime import timedelta

import pytest

from environment import actions, states, summary
from environment.models import State
from geo.models import Notice
from tests.environment.factories import NOW, make_receipt, make_sensor, rising, row

pytestmark = pytest.mark.django_db
IMPOSSIBLE = 99.0


def record(*rows, now):
    return actions.record(rows, receipt=make_receipt(), now=now)


def state(sensor):
    sensor.refresh_from_db()
    return sensor.state


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def test_a_doubtful_newest_value_shows_until_a_good_one_comes():
    sensor = make_sensor()
    record(*rising(0.5, 0.6, 0.7), now=NOW)
    assert state(sensor) == "good"
    record(row(IMPOSSIBLE, later(10)), now=later(10))
    assert (state(sensor), sensor.value, sensor.observed_at) == ("suspect", 0.7, NOW)
    record(row(0.72, later(20)), now=later(20))
    assert (state(sensor), sensor.value) == ("good", 0.72)
    record(row(IMPOSSIBLE, later(15)), now=later(25))  # late, and behind a good one
    assert state(sensor) == "good"
    record(row(None, later(30)), now=later(30))  # nothing measured is nothing doubtful
    assert state(sensor) == "good"


def test_doubt_hides_no_alarm():
    sensor = make_sensor()
    record(*rising(0.9, 1.0, 1.1), now=NOW)
    record(row(IMPOSSIBLE, later(10)), now=later(10))
    assert state(sensor) == "minor"


def test_a_station_without_alarm_levels_can_be_suspect_too():
    sensor = make_sensor("R1", "Mưa", kind="rain")
    record(row(3, station="R1", parameter="rain", unit="mm"), now=NOW)
    record(row(-5, later(5), station="R1", parameter="rain", unit="mm"), now=later(5))
    assert state(sensor) == "suspect"


def test_who_sends_nothing_believable_is_suspect_and_who_stops_is_silent():
    sensor = make_sensor()
    record(*rising(0.9, 1.0, 1.1), now=NOW)
    for minutes in range(10, 130, 10):
        record(row(IMPOSSIBLE, later(minutes)), now=later(minutes))
    assert state(sensor) == "suspect"  # an alarm seen two hours ago is no longer known to hold
    assert states.mark_silent(now=later(125)) == 0
    assert state(sensor) == "suspect"
    assert not Notice.objects.filter(kind="sensor-silent").exists()
    assert states.mark_silent(now=later(300)) == 1
    assert state(sensor) == "stale"
    assert Notice.objects.filter(kind="sensor-silent").count() == 1


def test_silence_is_told_where_doubt_came_only_after_it():
    sensor = make_sensor()
    record(*rising(0.5, 0.6), now=NOW)
    assert states.mark_silent(now=later(100)) == 1
    record(row(IMPOSSIBLE, later(110)), now=later(110))
    assert state(sensor) == "suspect"


def test_the_wall_and_citizens_read_that_values_are_in_doubt(client):
    make_sensor()
    record(*rising(0.5, 0.6, 0.7), now=NOW)
    record(row(IMPOSSIBLE, later(10)), now=later(10))
    (tile,) = summary.tiles(None)
    assert tile["state"] == State.SUSPECT
    assert "số liệu nghi ngờ" in tile["text"]["vi"]
    record(row(0.1, later(10), station=make_sensor("71518", "Phú Ốc").code), now=later(10))
    sound, river = client.get("/api/v1/environment/rivers").json()
    assert (sound["code"], sound["state"]) == ("71518", "good")
    assert river["state"] == "suspect"
    assert river["text"]["en"] == (
        "Kim Long: new values are being checked; the last trusted one was 0.70 m."
    )
