"""What a provider or a person gets wrong is named; nothing else is lost by it."""

from datetime import date, timedelta

import pytest

from environment import actions, stations
from environment.models import Observation, RefusedRow, Sensor, Threshold
from geo.errors import Refused
from tests.environment.factories import NOW, make_receipt, make_sensor, row

pytestmark = pytest.mark.django_db


def limit(level, value, **dates):
    return {"level": level, "value": value, "source": "test", **dates}


def test_one_level_changed_alone_is_held_against_those_that_stay():
    sensor = make_sensor()  # I 1.0, II 2.0, III 3.5
    with pytest.raises(Refused, match="71520, 1900-01-01: level III .* not above level II"):
        stations.change_thresholds(sensor=sensor, limits=[limit(2, 4.0)])
    with pytest.raises(Refused, match="level III"):
        stations.change_thresholds(sensor=sensor, limits=[limit(3, float("nan"))])
    later = date(2026, 1, 1)
    with pytest.raises(Refused, match="2026-01-01: level II"):
        stations.change_thresholds(sensor=sensor, limits=[limit(1, 2.2, valid_from=later)])
    both = [limit(1, 2.2, valid_from=later), limit(2, 3.0, valid_from=later)]
    assert stations.change_thresholds(sensor=sensor, limits=both) == 2
    assert Threshold.objects.count() == 5


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ([limit(1, float("nan"))], "level I is nan"),
        ([limit(1, 1.0), limit(3, float("inf"))], "level III is inf"),
        ([limit(1, 2.0), limit(1, 2.5)], "level I is given twice"),
        ([limit(2, 2.0, valid_from=date(2026, 1, 1), valid_to=date(2025, 1, 1))],
         "level II ends on 2025-01-01, before it begins on 2026-01-01"),
    ],
)  # fmt: skip
def test_a_threshold_that_is_none_is_refused_and_no_station_is_left(limits, words):
    with pytest.raises(Refused, match=words):
        make_sensor("new", "Trạm mới", limits=limits)
    assert not Sensor.objects.filter(code="new").exists()


def test_the_same_threshold_twice_is_one():
    sensor = make_sensor("new", "Trạm mới", limits=[limit(1, 2.0), limit(1, 2.0)])
    assert sensor.thresholds.count() == 1


def test_a_release_of_a_reservoir_nobody_knows_is_set_aside_whole():
    make_sensor("TT", "Tả Trạch", kind="reservoir", limits=[])
    rows = [row(120.0, station=name, parameter="release", unit="m³/s", line=n)
            for n, name in enumerate(("TT", "Hồ Không Có"))]  # fmt: skip
    out = actions.record(rows, receipt=make_receipt(), now=NOW)
    assert [f.status for f in out.fates] == ["accepted", "refused"]
    refused = RefusedRow.objects.get()
    assert refused.code == "unknown-station" and "Hồ Không Có" in refused.message
    assert "120.0" in refused.raw and Observation.objects.count() == 1


def test_a_day_that_comes_at_once_is_taken_with_what_is_wrong_in_it():
    """Out of order, with a minute twice, a minute of tomorrow, text and −999 among them."""
    make_sensor()
    first = NOW - timedelta(days=1)
    rows = [row(1 + n % 60 / 1000, first + timedelta(minutes=n)) for n in range(1440)]
    rows[10] = row("high", rows[10].at)
    rows[20] = row(-999, rows[20].at)
    rows.append(row(1.5, rows[30].at))
    rows.append(row(1.0, NOW + timedelta(days=1)))
    out = actions.record(rows[::-1], receipt=make_receipt(), now=NOW)
    codes = sorted(f.code for f in out.fates if f.status == "refused")
    assert codes == ["conflict", "future-time", "not-a-number"]
    assert out.counts["accepted"] == Observation.objects.count() == 1439
    assert RefusedRow.objects.count() == 3
