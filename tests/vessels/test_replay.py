"""From the raw batches alone the same positions come again."""

import json

import pytest

from tests.vessels.factories import NOON, ingest, said
from tests.vessels.test_tables import DMA, DMA_HEAD
from tests.vessels.test_vms import JSON, ROW
from vessels import quality, vms
from vessels.ais import encode
from vessels.ingest import sources
from vessels.ingest.replay import replay
from vessels.models import Feed, LatestPosition, Position, RawBatch, RejectedLine
from vessels.vms.parse import parse

pytestmark = pytest.mark.django_db


def everything():
    columns = ("vessel_id", "observed_at", "lon", "lat", "speed_kn", "flags", "message_type")
    rows = [
        (*row[:2], row[2].coords, *row[3:])
        for row in Position.objects.order_by("vessel_id", "observed_at").values_list(
            "vessel_id", "observed_at", "geom", *columns[4:]
        )
    ]
    return rows, RawBatch.objects.count(), RejectedLine.objects.count()


def forget():
    Position.objects.all().delete()
    LatestPosition.objects.all().delete()


def test_sentences_of_every_kind_come_again(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "READ_BYTES", 700)
    monkeypatch.setattr(sources, "FILE_CHUNK", 700)
    bare = said(mmsi=574_000_007).split(b"\\")[-1]
    parts = encode.voyage(
        574_001_234, name="A" * 20, callsign="B", ship_type=30, length_m=9, width_m=3
    )
    lines = [said(at=NOON + n * 60, lon=107.8 + n / 1000) for n in range(30)]
    ingest(tmp_path, bare, *lines, b"garbage", *parts, at="2026-09-21T14:13:25Z")
    before = everything()
    forget()
    feed = Feed.objects.get()
    assert replay(feed).new == 31
    assert everything() == before
    assert replay(feed).new == 0


def test_tables_and_deliveries_come_again(tmp_path):
    ingest(tmp_path, DMA_HEAD.encode(), *(DMA.replace(":20", f":{n}").encode() for n in (20, 40)))
    feed = Feed.objects.get()
    vms.store(feed, json.dumps([ROW, ROW | {"lon": None}]).encode(), JSON)
    vms.take(
        parse(json.dumps([ROW | {"time": NOON + 60, "speed": None}]).encode(), JSON).rows, feed
    )
    before = everything()
    forget()
    done = replay(feed)
    assert (done.new, done.rejected["no-position"]) == (4, 1)
    assert everything() == before


def test_what_was_set_aside_goes_in_once_the_rule_is_another(tmp_path, monkeypatch):
    flood = [
        encode.tagged(said(at=NOON + n, lon=107 + n / 1000).split(b"\\")[-1], at_s=NOON + n,
                      station="r") for n in range(20)
    ]  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr(quality, "LONG_RANGE_KIND", 1)
        ingest(tmp_path, *flood)
    assert Position.objects.count() < 20
    replay(Feed.objects.get())
    assert Position.objects.count() == 20
