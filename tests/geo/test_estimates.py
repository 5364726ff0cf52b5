"""What the planner takes a table for, where it was looked at while nearly empty."""

import pytest
from django.db import connection

from geo import estimates
from geo.tasks import SCHEDULE
from ioc.celery import app

pytestmark = pytest.mark.django_db
ROWS = 3_000


@pytest.fixture
def cursor():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.queue_of_a_test (id integer, words text)")
        yield cursor


def filled_after_a_look(cursor):
    """Rows in a table that was last looked at when one row of as many was left."""
    fill = "INSERT INTO queue_of_a_test SELECT n, repeat('a', 50) FROM generate_series(1, %s) n"
    cursor.execute(fill, [ROWS])
    cursor.execute("DELETE FROM queue_of_a_test WHERE id < %s", [ROWS])
    cursor.execute("ANALYZE queue_of_a_test")
    cursor.execute(fill, [ROWS])


def taken_for(cursor):
    cursor.execute("EXPLAIN (FORMAT JSON) SELECT * FROM queue_of_a_test")
    return cursor.fetchone()[0][0]["Plan"]["Plan Rows"]


def test_the_planner_is_told_of_a_table_that_filled(cursor):
    filled_after_a_look(cursor)
    assert taken_for(cursor) < 10
    assert estimates.known("queue_of_a_test", ROWS)
    assert taken_for(cursor) > ROWS / 2


def test_nothing_is_looked_at_for_few_rows_or_where_it_is_known(cursor):
    filled_after_a_look(cursor)
    assert not estimates.known("queue_of_a_test", 20)
    assert taken_for(cursor) < 10
    cursor.execute("ANALYZE queue_of_a_test")
    assert not estimates.known("queue_of_a_test", ROWS)
    assert not estimates.known("no_such_table", ROWS)


def test_a_table_never_looked_at_is_taken_by_its_pages(cursor):
    cursor.execute("INSERT INTO queue_of_a_test SELECT n, '' FROM generate_series(1, %s) n", [ROWS])
    assert not estimates.known("queue_of_a_test", ROWS)


@pytest.mark.django_db(transaction=True)
def test_what_filled_since_is_looked_at_by_the_clock(cursor):
    try:
        filled_after_a_look(cursor)
        cursor.execute("SELECT pg_stat_force_next_flush()")
        assert "queue_of_a_test" in estimates.look_again()
        assert taken_for(cursor) > ROWS / 2
        assert "queue_of_a_test" not in estimates.look_again()
    finally:
        cursor.execute("DROP TABLE queue_of_a_test")


def test_the_clock_looks_before_autovacuum_does():
    assert all(name in app.tasks and every <= 20 for name, every in SCHEDULE.items())
