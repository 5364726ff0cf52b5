from datetime import timedelta

import numpy as np
import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from environment import actions, checks, overrules
from environment.checks import CHECKS, Checks
from environment.models import AlarmCrossing, Latest, Observation, Overrule
from environment.parameters import PARAMETERS
from geo.errors import Refused
from ioc.accounts.models import User
from tests.environment.factories import NOW, make_receipt, make_sensor, rising, row


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


LEVEL = PARAMETERS["water_level"]
RULES = CHECKS["water_level"]
HOUR = 3600.0


def flags(*values, step_s=HOUR, rules=RULES, parameter=LEVEL):
    t = np.arange(len(values)) * step_s
    found, why = checks.judge(t, np.array(values, float), parameter, rules)
    return found.tolist(), [checks.WORDS[code] for code in why]


def test_a_spike_is_flagged_and_not_its_neighbours():
    assert flags(1, 1, 4, 1, 1) == ([1, 1, 3, 1, 1], ["", "", "spike", "", ""])
    assert flags(1, 1, 8, 1, 1)[0] == [1, 1, 4, 1, 1]


def test_a_rate_of_change_is_suspect_and_can_fail():
    assert flags(1, 1.1, 4.0, 4.2) == ([1, 1, 3, 1], ["", "", "rate", ""])
    # What failed is no witness: the way back is measured from the last value that stands.
    assert flags(1, 1, 9, 9.1, 1, 1)[0] == [1, 1, 4, 3, 1, 1]


def test_a_gap_hides_no_flat_line_and_ends_no_spike():
    t = np.array([0, 1, 2, 30, 31, 40, 41, 120]) * HOUR
    found, why = checks.judge(t, np.full(8, 1.5), LEVEL, RULES)
    assert found.tolist() == [1, 1, 1, 1, 1, 3, 3, 4]
    assert checks.WORDS[why[-1]] == "flat"
    far, _ = checks.judge(np.array([0, 20, 40]) * HOUR, np.array([1.0, 9, 1]), LEVEL, RULES)
    assert far.tolist() == [1, 1, 1]  # anything may have happened in twenty hours


def test_no_rain_is_an_ordinary_flat_line():
    rain = PARAMETERS["rain"]
    assert set(flags(*[0.0] * 60, rules=CHECKS["rain"], parameter=rain)[0]) == {1}
    assert 3 in flags(*[2.5] * 20, rules=CHECKS["rain"], parameter=rain)[0]


def test_missing_and_impossible_values_are_no_witnesses():
    assert flags(1, np.nan, 1.1, 99, 1.2)[0] == [1, 9, 1, 4, 1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-4, 20) | st.just(float("nan")), max_size=40))
def test_every_value_gets_a_flag_of_the_standard(values):
    found, _ = flags(*values)
    assert len(found) == len(values)
    assert set(found) <= {1, 3, 4, 9}
    assert all((f == 9) == np.isnan(v) for f, v in zip(found, values, strict=True))


def test_a_stream_may_have_thresholds_of_its_own():
    assert Checks(1, 2).changed({"spike_suspect": 5, "vibes": 1}).spike_suspect == 5


# -- on arrival, and again ----------------------------------------------------------------------


def record(*rows, now=NOW):
    return actions.record(list(rows), receipt=make_receipt(), now=now)


def held():
    return list(Observation.objects.order_by("t").values_list("value", "flag", "note"))


@pytest.mark.django_db
def test_a_leap_is_judged_again_when_the_next_value_shows_what_it_was():
    make_sensor()
    first, leap, after = rising(1.0, 4.0, 1.05)
    record(first)
    record(leap)
    assert held()[1] == (4.0, 3, "rate")
    assert Latest.objects.get().value == 1.0
    record(after)
    assert held()[1:] == [(4.0, 3, "spike"), (1.05, 1, "")]
    assert not AlarmCrossing.objects.filter(level=3).exists()


@pytest.mark.django_db
def test_late_values_clear_what_looked_like_a_leap():
    sensor = make_sensor()
    a, b, c, d, e = rising(1.0, 1.9, 2.6, 3.3, 4.1, minutes=30)
    record(a, e)  # 3.1 m in two hours is believed; in one it would not be
    assert [flag for _, flag, _ in held()] == [1, 1]
    x, y = rising(0.2, 3.0, start=NOW + timedelta(hours=8), minutes=60)
    record(x, now=NOW + timedelta(hours=9))
    record(y, now=NOW + timedelta(hours=9))
    assert held()[-1] == (3.0, 3, "rate")
    between = rising(1.0, 1.6, 2.3, start=y.at - timedelta(minutes=12), minutes=12)
    record(*between, now=NOW + timedelta(hours=9))
    assert held()[-1][1] in (1, 3)
    record(b, c, d)
    sensor.refresh_from_db()
    assert Observation.objects.count() == 10


@pytest.mark.django_db
def test_a_flat_line_is_seen_across_deliveries_and_gaps():
    make_sensor()
    for n in range(60):
        if n % 7:  # some never arrive
            at = NOW - timedelta(hours=60 - n)
            record(row(0.8, at), now=at + timedelta(minutes=1))
    found = held()
    assert found[0][1] == 1
    assert found[-1] == (0.8, 3, "flat")
    assert sum(flag == 3 for _, flag, _ in found) == sum(1 for n in range(37, 60) if n % 7)


@pytest.mark.django_db
def test_a_person_overrules_with_a_reason_and_takes_it_back():
    sensor = make_sensor()
    user = User.objects.create_user("o", role="operator")
    record(*rising(1.0, 4.0, 1.05))
    stream = sensor.datastreams.get()
    at = NOW - timedelta(hours=1)
    with pytest.raises(Refused, match="why"):
        overrules.overrule(user=user, stream=stream, at=at, flag=1, reason="  ")
    overrules.overrule(user=user, stream=stream, at=at, flag=1, reason="dam opened, seen by eye")
    assert held()[1] == (4.0, 1, "overruled")
    assert AlarmCrossing.objects.filter(level=3).count() == 1
    record(row(1.1, NOW + timedelta(minutes=30)), now=NOW + timedelta(hours=1))
    assert held()[1][1] == 1  # no test takes a person's word back
    overrules.undo(user=user, stream=stream, at=at)
    assert held()[1] == (4.0, 3, "spike")
    assert not AlarmCrossing.objects.filter(level=3).exists()
    word = Overrule.objects.get()
    assert (word.before, word.undone_by, word.reason) == (3, user, "dam opened, seen by eye")
    with pytest.raises(Refused):
        overrules.undo(user=user, stream=stream, at=at)


@pytest.mark.django_db
def test_the_newest_value_called_bad_is_no_longer_the_latest():
    sensor = make_sensor()
    user = User.objects.create_user("o", role="operator")
    record(*rising(1.8, 1.9, 2.4))
    stream = sensor.datastreams.get()
    overrules.overrule(user=user, stream=stream, at=NOW, flag=4, reason="weed on the float")
    sensor.refresh_from_db()
    assert sensor.value == 1.9
    assert not AlarmCrossing.objects.filter(level=2).exists()
    assert Latest.objects.get().value == 1.9


@pytest.mark.django_db
def test_a_station_far_from_its_neighbours_is_suspect():
    for n in range(4):
        make_sensor(f"T{n}", f"T{n}", kind="air", lon=107.58 + n / 100, lat=16.46)
    warm = [row(30 + n, NOW, station=f"T{n}", parameter="temp", unit="°C") for n in range(3)]
    record(*warm)
    record(row(44, NOW, station="T3", parameter="temp", unit="°C"))
    odd = Observation.objects.get(value=44)
    assert (odd.flag, odd.note) == (3, "neighbour")
