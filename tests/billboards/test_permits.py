from datetime import date, timedelta

import pytest

from ioc.billboards.permits import state_on

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("ends_in", "state"),
    [(400, "valid"), (31, "valid"), (30, "expiring"), (0, "expiring"), (-1, "expired")],
)
def test_a_permit_runs_out_after_its_last_day(ends_in, state):
    until = DAY + timedelta(days=ends_in)
    assert state_on(DAY, permit_no="1", permit_from=None, permit_until=until) == state


def test_without_a_number_there_is_no_permit_whatever_the_dates():
    assert (
        state_on(DAY, permit_no=" ", permit_from=None, permit_until=date(2030, 1, 1)) == "no_permit"
    )


def test_a_permit_without_an_end_is_valid_and_a_later_one_upcoming():
    assert state_on(DAY, permit_no="1", permit_from=None, permit_until=None) == "valid"
    later = DAY + timedelta(days=1)
    assert state_on(DAY, permit_no="1", permit_from=later, permit_until=None) == "upcoming"
