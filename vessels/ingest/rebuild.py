"""`ingest replay FEED|all --from TIME --to TIME [--vessel ID]`: positions, tracks and events made
again from the lines as received."""

from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

from django.db import connection
from django.utils import timezone

from geo.errors import Refused
from vessels import sweep
from vessels.actions import Stored
from vessels.ingest.command import summary
from vessels.ingest.replay import Replay
from vessels.models import Feed, RawBatch, Vessel

AHEAD = timedelta(minutes=10)  # a receiver's clock may be 5 minutes ahead of ours
MOST_DAYS = 10  # of events: all tracks of the fleet are looked at together
FORGET = """
DELETE FROM {table}
WHERE observed_at >= %(since)s AND observed_at < %(until)s
    AND (%(feeds)s::int[] IS NULL OR feed_id = ANY(%(feeds)s::int[]))
    AND (%(vessels)s::int[] IS NULL OR vessel_id = ANY(%(vessels)s::int[]))
"""
UNPLACED = """
DELETE FROM vessels_latest l WHERE NOT EXISTS (
    SELECT FROM vessels_position p
    WHERE p.vessel_id = l.vessel_id AND p.observed_at = l.observed_at)
"""


def run(source: str, *, stdout: TextIO, **options: Any) -> int:
    """Exit status: 0, or 1 if no lines were kept for this span.

    `source` is a feed's name or `all`. Options: `since`, `until` (ISO times with zone), `vessel`
    (id: its positions alone). One that is cut off is simply run again. Raises Refused, with what
    to do, for an unknown feed, vessel or time.
    """
    feeds = list(Feed.objects.all() if source == "all" else Feed.objects.filter(name=source))
    if not feeds:
        raise Refused("no-feed", f"{source}: no feed has this name; give a feed's name or all.")
    since = _time(options.get("since"), datetime(2000, 1, 1, tzinfo=UTC))
    until = _time(options.get("until"), timezone.now() + AHEAD)
    vessels = None
    if (vessel := options.get("vessel")) is not None:
        row = Vessel.objects.filter(pk=vessel).first()
        if row is None:
            raise Refused("no-vessel", f"{vessel}: no vessel has this id.")
        parts = Vessel.objects.filter(mmsi=row.mmsi, synthetic=row.synthetic, mmsi__isnull=False)
        vessels = [row.pk, *parts.values_list("pk", flat=True)]
    feed_ids = None if source == "all" else [feed.pk for feed in feeds]
    gone = forget(since, until, feeds=feed_ids, vessels=vessels)
    total, batches = again(feeds, since)
    stdout.write(f"{gone} positions forgotten, {batches} batches taken in again\n")
    stdout.write(summary(total))
    events(since, stdout)
    return 0 if batches else 1


def forget(
    since: datetime, until: datetime, *, feeds: list[int] | None = None,
    vessels: list[int] | None = None,
) -> int:  # fmt: skip
    """How many positions of this span were dropped; None stands for all feeds or vessels."""
    values = {"since": since, "until": until, "feeds": feeds, "vessels": vessels}
    gone = 0
    with connection.cursor() as cursor:
        for table in ("vessels_hot", "vessels_archived"):
            cursor.execute(FORGET.format(table=table), values)
            gone += cursor.rowcount
        cursor.execute(UNPLACED)
    return gone


def again(feeds: list[Feed], since: datetime) -> tuple[Stored, int]:
    """What became of the batches that may hold positions from `since` on, as first received."""
    takers = {feed.pk: Replay(feed) for feed in feeds}
    rows = RawBatch.objects.filter(feed__in=takers, received_at__gte=since - AHEAD).order_by("pk")
    total, batches = Stored(), 0
    for pk in list(rows.values_list("pk", flat=True)):
        batch = RawBatch.objects.get(pk=pk)
        takers[batch.feed_id].take(batch)
        batches += 1
    for taker in takers.values():
        total.add(taker.total)
    return total, batches


def events(since: datetime, stdout: TextIO) -> None:
    """Bring alerts and the vessels' files in step with the tracks since then, ten days at most."""
    now = timezone.now()
    start = max(since, now - timedelta(days=MOST_DAYS))
    for name, changed in (
        ("alerts", sweep.run(now=now, since=start)),
        ("conduct", sweep.run_conduct(now=now, since=start)),
    ):
        told = "another round runs" if changed is None else ", ".join(
            f"{count} {what}" for what, count in changed.items()
        )  # fmt: skip
        stdout.write(f"  {name}: {told}\n")


def _time(text: str | None, otherwise: datetime) -> datetime:
    if not text:
        return otherwise
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("bad-time", f"{text} is no time as 2026-01-31T07:00:00Z.") from None
    if moment.tzinfo is None:
        raise Refused("time-without-zone", f"{text}: give the time with its zone, as …T07:00:00Z.")
    return moment
