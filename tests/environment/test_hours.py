"""The hours kept beside the values are those of the values, whatever is written and when."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from environment import actions, judging, overrules
from environment.models import Datastream, HourOfValues, Observation
from environment.series import series
from environment.tasks import judge_again
from tests.environment.factories import make_receipt, make_sensor, row

pytestmark = pytest.mark.django_db
BEGAN = datetime(2025, 11, 1, tzinfo=UTC)
HELD = """
SELECT datastream_id, date_trunc('hour', t, 'UTC'), flag, count(*), min(value), max(value),
       (array_agg(t ORDER BY value, t))[1], (array_agg(t ORDER BY value DESC, t DESC))[1],
       sum(value)
FROM environment_observation WHERE value IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
KEPT = """
SELECT datastream_id, hour, flag, n, low, high, low_at, high_at, total
FROM environment_hour ORDER BY 1, 2, 3
"""


def rows_of(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def assert_kept():
    held, kept = rows_of(HELD), rows_of(KEPT)
    assert [r[:-1] for r in kept] == [r[:-1] for r in held]
    assert [r[-1] for r in kept] == pytest.approx([r[-1] for r in held])


def record(rows):
    now = BEGAN + timedelta(days=20)
    return actions.record(rows, receipt=make_receipt(), now=now)


minutes = st.integers(0, 5 * 60)
levels = st.one_of(
    st.floats(0, 4, width=32), st.sampled_from([-999.0, "text", "NaN", 1.0, 1.0, 80.0])
)
deliveries = st.tuples(st.just("values"), st.lists(st.tuples(minutes, levels), max_size=12))
words = st.tuples(st.just("word"), st.tuples(st.integers(0, 40), st.sampled_from([1, 3, 4])))
undone = st.tuples(st.just("undo"), st.integers(0, 40))
again = st.tuples(st.just("again"), minutes)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(deliveries, words, undone, again), min_size=2, max_size=8))
def test_hours_equal_the_values_after_any_writing(admin_user, steps):
    """Late rows, repeats, bad values, a person's word, its end, and tests run again."""
    for model in (HourOfValues, Observation):
        model.objects.all().delete()
    make_sensor()
    for what, how in steps:
        if what == "values":
            record([row(value, BEGAN + timedelta(minutes=n)) for n, value in how])
            continue
        stream = Datastream.objects.first()
        held = [] if stream is None else list(Observation.objects.order_by("t"))
        if not held:
            continue
        if what == "again":
            judging.again([stream], BEGAN, BEGAN + timedelta(minutes=how))
            continue
        at = held[(how if what == "undo" else how[0]) % len(held)]
        if what == "undo" and at.note == "overruled":
            overrules.undo(user=admin_user, stream=stream, at=at.t)
        elif what == "word" and at.value is not None:
            overrules.overrule(
                user=admin_user, stream=stream, at=at.t, flag=how[1], reason="seen on the staff"
            )
    assert_kept()


def test_neighbours_that_speak_later_change_the_hours_as_well():
    now = datetime.now(UTC)
    hour = (now - timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    air = {"kind": "air", "limits": []}
    codes = ["A", "B", "C"]
    for n, code in enumerate(codes):
        make_sensor(code, f"Air {code}", lon=107.58 + n / 1000, lat=16.46, **air)
    first = [row(400, hour + timedelta(minutes=5), station="A", parameter="pm25", unit="µg/m³")]
    later = [row(20, hour + timedelta(minutes=m), station=code, parameter="pm25", unit="µg/m³")
             for code in "BC" for m in (10, 20)]  # fmt: skip
    actions.record(first, receipt=make_receipt(), now=now)
    actions.record(later, receipt=make_receipt(), now=now)
    before = HourOfValues.objects.get(datastream__sensor__code="A").flag
    assert judge_again() >= 1
    after = HourOfValues.objects.get(datastream__sensor__code="A").flag
    assert (before, after) == (1, 3)
    assert_kept()


def test_a_month_of_minutes_shows_a_peak_of_one_minute_and_asks_once():
    """A threshold crossed inside an hour stays on the chart, at its minute, with its flag."""
    make_sensor()
    peak = BEGAN + timedelta(days=9, hours=3, minutes=17)
    every = range(0, 31 * 24 * 60, 14)
    times = {BEGAN + timedelta(minutes=n) for n in every} | {peak}
    now = BEGAN + timedelta(days=40)
    rows = [row(3.62 if t == peak else 1.0 + t.minute / 1000, t) for t in sorted(times)]
    actions.record(rows, receipt=make_receipt(), now=now)
    stream = Datastream.objects.select_related("sensor").get()
    since, until = BEGAN + timedelta(minutes=25), BEGAN + timedelta(days=31, minutes=-5)
    found = series(stream, since, until, flags=(1, 2, 3, 4))
    assert found.thinned and 300 < len(found.t) <= 602
    assert found.v[found.t.index(peak)] == max(found.v) == 3.62
    assert found.t == sorted(found.t) and since <= found.t[0] and found.t[-1] < until
    held = dict(Observation.objects.values_list("t", "value"))
    assert all(held[t] == v for t, v in zip(found.t, found.v, strict=True))


def test_flags_that_are_not_believed_are_not_in_a_slice_either():
    make_sensor()
    rows = [row(1.0 + n % 6 / 100, BEGAN + timedelta(minutes=10 * n)) for n in range(6 * 24 * 8)]
    rows[600] = row(9.0, rows[600].at)
    actions.record(rows, receipt=make_receipt(), now=BEGAN + timedelta(days=20))
    stream = Datastream.objects.select_related("sensor").get()
    window = (stream, BEGAN, BEGAN + timedelta(days=8))
    assert max(series(*window).v) < 2
    assert max(series(*window, flags=(1, 2, 3, 4)).v) == 9.0


def test_a_long_window_with_few_values_shows_each_of_them():
    make_sensor()
    rows = [row(1.0 + n % 5 / 10, BEGAN + timedelta(hours=3 * n)) for n in range(200)]
    actions.record(rows, receipt=make_receipt(), now=BEGAN + timedelta(days=40))
    stream = Datastream.objects.select_related("sensor").get()
    found = series(stream, BEGAN, BEGAN + timedelta(days=25))
    assert not found.thinned
    assert [v for v in found.v if v is not None] == [r.value for r in rows]
