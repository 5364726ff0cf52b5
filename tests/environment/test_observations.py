"""Observations from files to series, latest values, alarms and notices."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from environment import actions, queries, states
from environment.ingest import command
from environment.models import AlarmCrossing, Latest, Observation, Receipt, RefusedRow, Sensor
from geo.models import Notice
from tests.environment.factories import (
    AIR,
    ALARMS,
    LEVELS,
    NOW,
    RESERVOIRS,
    make_receipt,
    make_sensor,
    needs_data,
    rising,
    row,
)

pytestmark = pytest.mark.django_db
HUE = ZoneInfo("Asia/Ho_Chi_Minh")


def ingest(path, **options):
    out = io.StringIO()
    code = command.run(str(path), stdout=out, **options)
    return code, out.getvalue()


def record(*rows, now=NOW, **options):
    return actions.record(list(rows), receipt=make_receipt(**options), now=now)


def write(tmp_path, text):
    path = tmp_path / "feed.csv"
    path.write_text(text, encoding="utf-8")
    return path


# -- the flood of November 2025 -------------------------------------------------------------------


def alarm_hours(code):
    """Independent of the product: (local hour, level) whenever the file's level changes class."""
    held, found = 0, []
    with LEVELS.open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if line["station_code"] != code:
                continue
            centimetres = round(float(line["level_m"]) * 100)
            marks = [round(x * 100) for x in ALARMS[code]]
            while held < 3 and centimetres >= marks[held]:
                held += 1
            while held > 0 and centimetres < marks[held - 1] - 5:
                held -= 1
            if held != (found[-1][1] if found else 0):
                found.append((line["time_local"], held))
    return found


@needs_data
@pytest.mark.parametrize("code", ["71520", "71518"])
def test_the_november_2025_flood_gives_alarms_at_the_right_local_hours(code):
    make_sensor("71520", "Kim Long")
    make_sensor("71518", "Phú Ốc")
    status, said = ingest(LEVELS, name="bulletin")
    assert (status, said.splitlines()[0]) == (
        0, "levels_2025-11.csv: 1101 taken, 0 held already, 0 set aside",
    )  # fmt: skip
    rows = AlarmCrossing.objects.filter(sensor__code=code)
    seen = [(f"{c.at.astimezone(HUE):%Y-%m-%d %H:%M}", c.level) for c in rows]
    assert seen == alarm_hours(code)
    known = {"71520": ("2025-11-17 02:00", 2), "71518": ("2025-11-17 03:00", 3)}
    assert known[code] in seen
    assert not Notice.objects.exists()  # a flood of last year calls nobody today


@needs_data
def test_a_second_reading_of_the_file_changes_nothing():
    make_sensor("71520", "Kim Long")
    make_sensor("71518", "Phú Ốc")
    ingest(LEVELS)
    before = list(AlarmCrossing.objects.values_list("id", flat=True))
    status, said = ingest(LEVELS)
    assert "0 taken, 1101 held already, 0 set aside" in said
    assert Observation.objects.count() == 1101
    assert list(AlarmCrossing.objects.values_list("id", flat=True)) == before


@needs_data
def test_a_feed_with_wrong_units_is_caught_said_and_set_right():
    name = "Thua Thien Hue 83 Hung Vuong, Hue, Thua Thien Hue, Vietnam"
    sensor = make_sensor("AIR1", "83 Hùng Vương", kind="air", aliases=[name])
    status, said = ingest(AIR)
    assert "3960 taken, 0 held already, 96 set aside" in said
    assert "501 × hum came in µg/m³, which it cannot be: read as %" in said
    assert "501 × temp came in µg/m³, which it cannot be: read as °C" in said
    assert "48 × station 'Hue, Thua Thien Hue, Vietnam' is not known" in said
    units = dict(sensor.datastreams.values_list("observed_property__code", "unit"))
    assert (units["hum"], units["temp"], units["pm25"]) == ("%", "°C", "µg/m³")
    hum = Observation.objects.filter(datastream__observed_property__code="hum").first()
    assert (hum.raw_unit, hum.note) == ("µg/m³", "unit-set-right")
    assert RefusedRow.objects.count() == 96
    ingest(AIR)
    assert RefusedRow.objects.count() == 96
    sensor.refresh_from_db()
    assert (sensor.parameter, sensor.state) == ("vn_aqi", "stale")


@needs_data
def test_reservoirs_come_under_the_names_they_have():
    for code, name in (("TT", "Tả Trạch"), ("BD", "Bình Điền"), ("HD", "Hương Điền")):
        make_sensor(code, name, kind="reservoir")
    status, said = ingest(RESERVOIRS)
    with RESERVOIRS.open(encoding="utf-8") as file:
        columns = ("level_m", "volume_mcm", "inflow_m3s", "outflow_m3s")
        cells = Counter(bool(r[c]) for r in csv.DictReader(file) for c in columns)
    assert f"{cells[True]} taken, 0 held already, 0 set aside" in said
    level = Sensor.objects.get(code="BD")
    assert (level.parameter, level.unit) == ("reservoir_level", "m")


# -- bad input ---------------------------------------------------------------------------------


def test_good_rows_stay_and_bad_ones_are_set_aside_with_line_and_reason(tmp_path):
    make_sensor()
    future = datetime.now(UTC) + timedelta(days=3)
    path = write(
        tmp_path,
        "station,time,parameter,value,unit\n"
        "71520,2025-11-17 01:00,water_level,1.98,m\n"
        "71520,2025-11-17 02:00,water_level,high,m\n"
        "71520,2025-11-17 03:00,water_level,-999,m\n"
        "71520,2025-11-17 04:00,water_level,NaN,m\n"
        "71520,2025-11-17 05:00,water_level,231,cm\n"
        "71520,2025-11-17 06:00,water_level,2.3,µg/m³\n"
        "71520,2025-11-17 07:00,water_level,99,m\n"
        f"71520,{future:%Y-%m-%d %H:%M},water_level,2.3,m\n"
        "Nowhere,2025-11-17 01:00,water_level,1,m\n"
        "71520,2025-11-17 01:00,vibes,1,m\n",
    )
    for _ in range(2):
        status, said = ingest(path)
        assert status == 0
        refused = RefusedRow.objects.values_list("line", "code")
        assert list(refused) == [
            (3, "not-a-number"), (7, "wrong-unit"), (9, "future-time"),
            (10, "unknown-station"), (11, "unknown-parameter"),
        ]  # fmt: skip
    held = list(Observation.objects.order_by("t").values_list("raw", "value", "flag"))
    assert held == [
        ("1.98", 1.98, 1), ("-999", None, 9), ("NaN", None, 9), ("231", 2.31, 1), ("99", 99.0, 4),
    ]  # fmt: skip
    assert Latest.objects.get().value == 2.31


def test_a_wrong_column_is_one_clear_line_and_leaves_nothing(tmp_path):
    status, said = ingest(write(tmp_path, "station_code,time_local,height\n71520,2025-11-17,2\n"))
    assert status == 1
    assert said.count("\n") == 1
    assert "expected columns" in said
    assert "found station_code, time_local, height" in said
    assert not Receipt.objects.exists()


def test_wrong_options_are_named(tmp_path):
    path = write(tmp_path, "station,time,parameter,value\n")
    assert ingest(path, tz="Mars/Olympus")[0] == 2
    assert "NAME=CODE" in ingest(path, station=["x"])[1]


def test_a_station_can_be_mapped_on_the_command_line(tmp_path):
    make_sensor()
    path = write(tmp_path, "station,time,parameter,value\nGauge=7,2025-11-17 01:00,h,1.98\n")
    assert "1 taken" in ingest(path, station=["Gauge=7=71520"])[1]


def test_the_same_minute_twice_keeps_the_first_and_tells():
    make_sensor()
    out = record(row(1.2), row(1.2, line=3), row(1.4, line=4))
    assert [f.status for f in out.fates] == ["accepted", "duplicate", "refused"]
    assert "another value is held for this time: 1.2" in out.fates[2].message
    assert Observation.objects.get().value == 1.2


def test_synthetic_and_real_values_never_share_a_series():
    make_sensor()
    make_sensor("demo", "Demo", synthetic=True)
    assert record(row(9.9), synthetic=True).fates[0].code == "synthetic"
    assert record(row(1.0, station="demo")).fates[0].code == "synthetic"
    assert record(row(1.0, station="demo"), synthetic=True).fates[0].status == "accepted"


def test_a_real_station_answers_to_its_name_without_brackets_a_synthetic_one_does_not():
    make_sensor("1", "Kim Long (sông Hương)")
    make_sensor("2", "Bao Vinh (mô phỏng)", synthetic=True)
    known = queries.stations()
    assert known.find("KIM LONG").code == "1"
    assert known.find("kim long (song huong)").code == "1"
    assert known.find("Bao Vinh") is None


# -- alarms, notices, silence ------------------------------------------------------------------


def test_crossing_up_is_told_once_and_falling_back_is_shown():
    sensor = make_sensor()
    record(*rising(1.8, 1.95, 2.31))
    sensor.refresh_from_db()
    assert (sensor.state, sensor.value, sensor.observed_at) == ("moderate", 2.31, NOW)
    two, one = Notice.objects.filter(title_vi__contains="BĐ2"), Notice.objects.all()
    assert two.get().title_vi == "Kim Long ≥ BĐ2: 2,31 m"
    assert two.get().title_en == "Kim Long ≥ alarm II: 2.31 m"
    assert two.get().severity == "moderate"
    assert one.count() == 2  # the first value stood above level I already
    later = NOW + timedelta(hours=1)
    record(row(1.97, later), now=later)
    sensor.refresh_from_db()
    assert sensor.state == "moderate"  # within the hysteresis
    last = later + timedelta(hours=1)
    record(row(1.9, last), row(0.4, last + timedelta(hours=1)), now=last + timedelta(hours=1))
    sensor.refresh_from_db()
    assert sensor.state == "good"
    assert Notice.objects.count() == 2


def test_late_values_correct_the_alarms_and_do_not_turn_the_clock_back():
    sensor = make_sensor()
    first, middle, last = rising(0.5, 2.2, 0.6)
    record(first, last)
    assert not AlarmCrossing.objects.exists()
    record(middle)
    assert [(c.before, c.level) for c in AlarmCrossing.objects.all()] == [(0, 2), (2, 0)]
    sensor.refresh_from_db()
    assert (sensor.value, sensor.state) == (0.6, "good")


def test_a_flood_that_late_data_shows_to_be_over_calls_nobody():
    make_sensor()
    record(*rising(0.5, 2.2, 0.6, 0.6, 1.3, 1.3, 1.3))
    assert [n.data["level"] for n in Notice.objects.all()] == [1]  # what still holds is told
    assert AlarmCrossing.objects.count() == 3


def test_a_level_held_hours_ago_is_no_news_once_the_station_is_silent():
    make_sensor()
    record(*rising(0.5, 2.2, 2.3, start=NOW - timedelta(hours=3)))
    assert not Notice.objects.exists()


def test_suspect_values_raise_no_alarm():
    sensor = make_sensor()
    record(*rising(0.5, 29.0, 31.0, 0.5))
    sensor.refresh_from_db()
    assert sensor.value == 0.5
    # 29 m is possible in principle, 31 m is not
    assert AlarmCrossing.objects.filter(value=31.0).count() == 0


def test_a_silent_station_says_so_and_speaks_again():
    sensor = make_sensor()
    record(row(0.5))
    assert states.mark_silent(now=NOW + timedelta(minutes=80)) == 0
    assert states.mark_silent(now=NOW + timedelta(minutes=100)) == 1
    assert states.mark_silent(now=NOW + timedelta(minutes=101)) == 0
    sensor.refresh_from_db()
    assert (sensor.state, sensor.value) == ("stale", 0.5)
    later = NOW + timedelta(hours=2)
    record(row(0.6, later), now=later)
    sensor.refresh_from_db()
    assert sensor.state == "good"


def test_air_shows_the_hourly_index():
    sensor = make_sensor("AIR1", "Air", kind="air")
    rows = [
        row(20.3, NOW - timedelta(hours=n), station="AIR1", parameter="pm25", unit="µg/m³")
        for n in range(3)
    ]
    record(*rows, row(118.7, station="AIR1", parameter="no2", unit="µg/m³"))
    sensor.refresh_from_db()
    assert (sensor.parameter, sensor.value, sensor.state) == ("vn_aqi", 59, "minor")


def test_a_station_without_thresholds_is_not_called_good():
    sensor = make_sensor("R1", "Rain", kind="rain")
    record(row(12, station="R1", parameter="rain", unit="mm"))
    sensor.refresh_from_db()
    assert (sensor.state, sensor.value, sensor.unit) == ("unknown", 12, "mm")


# -- cost --------------------------------------------------------------------------------------


def test_a_delivery_costs_the_same_number_of_queries_whatever_its_size(
    django_assert_max_num_queries,
):
    for code in ("71520", "71518", "A", "B", "C"):
        make_sensor(code, code, limits=[{"level": 1, "value": 1.0, "source": "test"}])
        record(row(0.5, station=code))
    receipt = make_receipt()
    later = [NOW + timedelta(minutes=n) for n in range(600)]
    codes = ("71520", "A", "B", "C")
    rows = [row(n // 300, t, station=s) for n, t in enumerate(later) for s in codes]
    with django_assert_max_num_queries(32):
        actions.record(rows, receipt=receipt, now=NOW + timedelta(hours=17))


def test_latest_values_are_updated_in_place():
    make_sensor()
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'environment_latest'")
        assert cursor.fetchone()[0] == ["fillfactor=50"]
        cursor.execute(
            "SELECT attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
            "AND a.attnum = ANY(i.indkey) WHERE i.indrelid = 'environment_sensor'::regclass"
        )
        indexed = {name for (name,) in cursor.fetchall()}
    assert not indexed & {*states.SHOWN}
