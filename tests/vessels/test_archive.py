"""Old days in the archive: the same answers, nothing twice, nothing beyond the law's months."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from geo.partitions import days_of, ensure_days
from tests.vessels.factories import NOON, ingest, said
from vessels import archive
from vessels.models import ArchivedPosition, HotPosition, LatestPosition, Position, Threshold
from vessels.tasks import archive_positions

pytestmark = pytest.mark.django_db

DAY = datetime.fromtimestamp(NOON, UTC).date()
LATER = datetime.fromtimestamp(NOON, UTC) + timedelta(days=40)
LINES = [
    said(at=NOON),
    said(at=NOON + 60, lon=107.81, speed_kn=None, course_deg=None),
    said(at=NOON + 120, lon=107.82, status=None, speed_kn=102.2, course_deg=359.9),
    said(at=NOON + 120, mmsi=574_000_002, lon=107.123_456, lat=-16.654_321),
]


@pytest.fixture(autouse=True)
def _rule(db):
    """The seeded rule, also where a test before this one emptied the tables."""
    Threshold.objects.filter(kind="kept").delete()
    rule(36, date(2026, 1, 1))


def rule(months, day):
    Threshold.objects.create(
        kind="kept", value=months, unit="months", in_force_from=day, source="a decree",
        title_vi="Lưu", title_en="Kept",
    )  # fmt: skip


def rows():
    """Every position as its readers see it, but for the H3 cell that the archive does not keep."""
    columns = (
        "vessel_id", "observed_at", "geom", "speed_kn", "course_deg", "heading_deg", "status",
        "flags", "message_type", "feed_id",
    )  # fmt: skip
    return [
        tuple(value.coords if hasattr(value, "coords") else value for value in row)
        for row in Position.objects.order_by("vessel_id", "observed_at").values_list(*columns)
    ]


def test_readers_see_the_same_before_and_after(tmp_path):
    ingest(tmp_path, *LINES)
    before = rows()
    assert HotPosition.objects.count() == 4
    moved = archive.run(LATER)
    assert (moved.positions, moved.days, moved.busy) == (4, [DAY], [])
    assert rows() == before
    assert (HotPosition.objects.count(), ArchivedPosition.objects.count()) == (0, 4)
    assert DAY not in days_of("vessels_hot")
    assert LatestPosition.objects.count() == 2
    assert archive.run(LATER).positions == 0


def test_hot_days_stay(tmp_path):
    ingest(tmp_path, *LINES)
    assert archive.run(LATER - timedelta(days=11)).days == []
    assert HotPosition.objects.count() == 4


def test_what_the_archive_holds_is_not_stored_again_and_late_rows_join_it(tmp_path):
    ingest(tmp_path, *LINES)
    archive.run(LATER)
    assert "(0 new)" in ingest(tmp_path, *LINES)
    late = [said(at=NOON + 30, lon=107.805), said(at=NOON - 86_400, lon=107.7)]
    assert "(2 new)" in ingest(tmp_path, *late, *LINES)
    together = rows()
    assert len(together) == 6
    assert archive.run(LATER).positions == 2
    assert rows() == together
    assert "(0 new)" in ingest(tmp_path, *late, *LINES, name="another")


def test_months_go_when_the_dated_rule_says_so(tmp_path):
    ingest(tmp_path, *LINES)
    archive.run(LATER)
    assert archive.kept_from(LATER) == date(2023, 10, 1)
    assert archive.run(datetime(2029, 9, 30, tzinfo=UTC)).dropped == []
    rule(48, date(2029, 1, 1))
    assert archive.run(datetime(2030, 9, 30, tzinfo=UTC)).dropped == []
    assert archive.run(datetime(2030, 10, 1, tzinfo=UTC)).dropped == [date(2026, 9, 1)]
    assert Position.objects.count() == 0
    ingest(tmp_path, *LINES)
    Threshold.objects.filter(kind="kept").delete()
    assert archive.run(datetime(2040, 1, 1, tzinfo=UTC)).dropped == []


def test_the_task_archives(tmp_path, settings):
    settings.IOC_VESSELS_HOT_DAYS = 0
    ingest(tmp_path, *LINES)
    assert archive.hot_from() > DAY
    archive_positions()
    assert ArchivedPosition.objects.count() == 4


def test_rows_written_through_the_view_are_stored_and_deleted():
    ensure_days("vessels_hot", DAY, DAY)
    at = datetime.fromtimestamp(NOON, UTC)
    Position.objects.create(
        vessel_id=1, observed_at=at, geom="SRID=4326;POINT(107.8 16.6)", h3=7, message_type=1,
        feed_id=1,
    )  # fmt: skip
    position = Position.objects.get()
    assert (position.geom.coords, position.speed_kn, position.status) == ((107.8, 16.6), None, None)
    assert HotPosition.objects.get().heading_deg == -1
    Position.objects.all().delete()
    assert not HotPosition.objects.exists()


def test_a_vessels_day_reads_its_day_alone(tmp_path):
    ingest(tmp_path, *LINES, said(at=NOON + 86_400))
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT observed_at, geom FROM vessels_position WHERE vessel_id = 1 AND "
            "observed_at >= to_timestamp(%s)::timestamptz AND observed_at < to_timestamp(%s)",
            [NOON, NOON + 60],
        )  # fmt: skip
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"vessels_hot_{DAY:%Y%m%d}" in plan
    assert f"vessels_hot_{DAY + timedelta(days=1):%Y%m%d}" not in plan
