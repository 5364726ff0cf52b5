"""Tables that were nearly empty when the planner looked at them, and filled: nobody waits."""

import pytest
from django.db import connection

from layers.models import PendingChange
from vessels.ais.columns import Particulars
from vessels.ingest import bulk, particulars
from vessels.ingest.fleet import Fleet
from vessels.layers import VESSELS
from vessels.models import IdentityChange, Vessel
from vessels.tracks import keep

pytestmark = pytest.mark.django_db
PATIENCE_MS = 20_000  # it takes a second; with each row beside each, most of a minute
MANY = 12_000
FIRST = 574_000_000
REGISTER = """
INSERT INTO vessels_vessel (id, mmsi, name, callsign, plate, kind, stale_after_s, source,
    synthetic, created_at, updated_at)
SELECT n, %s + n, 'OLD', '', '', 'unknown', 1800, '', false, now(), now()
FROM generate_series(1, %s) n
"""
HEAR = """
INSERT INTO vessels_latest (vessel_id, observed_at, h3, feed_id, state, geom)
SELECT n, now(), 1, %s, 'under-way', ST_Point(108, 16, 4326) FROM generate_series(1, %s) n
"""
MARK = """
INSERT INTO vessels_trackdue (vessel_id, day) SELECT n, DATE '2026-01-01' + n %% 2
FROM generate_series(1, %s) n
"""


@pytest.fixture
def cursor():
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
        yield cursor


def fill_after_a_look(cursor, fills):
    """Rows in tables that were last looked at when one row of as many was left."""
    for table, (fill, *values) in fills.items():
        # Within the test what is known of the table is its own: it goes as the rows do.
        cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
        cursor.execute(fill, values)
    for table in reversed(fills):
        cursor.execute(f"DELETE FROM {table} WHERE ctid < (SELECT max(ctid) FROM {table})")
        cursor.execute(f"ANALYZE {table}")
        cursor.execute(f"DELETE FROM {table}")
    for fill, *values in fills.values():
        cursor.execute(fill, values)


@pytest.fixture
def fleet(cursor):
    fleet = Fleet("a feed")
    fill_after_a_look(cursor, {
        "vessels_vessel": (REGISTER, FIRST, MANY),
        "vessels_latest": (HEAR, fleet.feed_id(), MANY),
    })  # fmt: skip
    return fleet


def test_many_vessels_that_moved_are_told_to_the_map(fleet):
    assert bulk.record_moved(VESSELS, list(range(1, MANY + 1))) == MANY
    assert PendingChange.objects.count() == MANY


def test_many_vessels_are_met_and_say_what_they_are_called(fleet):
    said = [Particulars(FIRST + n, name="NEW") for n in range(1, MANY + 1)]
    assert len(particulars.keep(fleet, said, 1.7e9)) == MANY
    assert len(fleet.last) == MANY
    assert IdentityChange.objects.filter(was="OLD", now="NEW").count() == MANY
    assert not Vessel.objects.exclude(name="NEW").exists()


def test_days_of_tracks_that_wait_are_taken_in_order(cursor):
    fill_after_a_look(cursor, {"vessels_trackdue": (MARK, 2 * MANY)})
    cursor.execute(keep.TAKE, [MANY // 2])
    taken = cursor.fetchall()
    assert len(taken) == MANY // 2
    assert {vessel for _, vessel in taken} == set(range(1, MANY, 2))  # of the first mark's day
    cursor.execute("SELECT count(*) FROM vessels_trackdue")
    assert cursor.fetchone() == (2 * MANY - MANY // 2,)
