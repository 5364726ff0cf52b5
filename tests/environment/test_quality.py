from datetime import UTC, datetime, timedelta

import pytest

from environment.parameters import PARAMETERS, find
from environment.quality import FAIL, GOOD, MISSING, SUSPECT, Unusable, check_time, judge

LEVEL, PM25 = PARAMETERS["water_level"], PARAMETERS["pm25"]
TEMP, HUM = PARAMETERS["temp"], PARAMETERS["hum"]


@pytest.mark.parametrize("raw", ["-999", -999, "-9999.0", "NaN", float("nan"), "", None, "null"])
def test_what_loggers_write_for_nothing_is_missing(raw):
    verdict = judge(LEVEL, raw, "m")
    assert (verdict.value, verdict.flag) == (None, MISSING)


@pytest.mark.parametrize("raw", ["abc", "1,26", True, [1], {}, 10**400, "1.2m"])
def test_what_is_no_number_is_refused(raw):
    with pytest.raises(Unusable, match="number"):
        judge(LEVEL, raw, "m")


def test_range_is_flagged_and_the_value_kept():
    assert judge(LEVEL, "58.1", "m").flag == FAIL
    assert judge(LEVEL, "58.1", "m").value == 58.1
    assert judge(PM25, 900, "µg/m³").flag == SUSPECT
    assert judge(LEVEL, "2.31", "m").flag == GOOD


def test_units_are_converted():
    assert judge(LEVEL, 231, "cm").value == pytest.approx(2.31)
    assert judge(PARAMETERS["co"], 1.2, "mg/m³").value == pytest.approx(1200)
    for micro in ("µg/m³", "μg/m3", "ug/m3", "UG/M^3"):  # both micro signs
        assert judge(PM25, 12, micro).value == 12


def test_a_wrong_unit_is_set_right_where_declared_and_refused_elsewhere():
    verdict = judge(HUM, "84.0", "µg/m³")
    assert (verdict.value, verdict.flag, verdict.note) == (84.0, GOOD, "unit-set-right")
    assert judge(TEMP, 31, "µg/m³").note == "unit-set-right"
    with pytest.raises(Unusable, match="expected m"):
        judge(LEVEL, 2.3, "µg/m³")


def test_future_and_distant_past_are_refused():
    now = datetime(2026, 11, 21, tzinfo=UTC)
    check_time(now + timedelta(minutes=5), now)
    with pytest.raises(Unusable, match="2 h ahead"):
        check_time(now + timedelta(hours=2), now)
    with pytest.raises(Unusable, match="before any station"):
        check_time(datetime(1900, 1, 1, tzinfo=UTC), now)


def test_parameters_answer_to_the_names_feeds_use():
    assert find("PM2.5") is PM25
    assert find("water-level") is LEVEL
    assert find("humidity") is HUM
    assert find("vibes") is None
