"""From files and sockets to committed positions."""

import gzip
import io
import socket
import threading
import time
import zlib

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from geo.errors import Refused
from geo.models import Heartbeat
from layers.models import PendingChange
from tests.vessels.factories import NOON, RECORDED, ingest, said
from vessels import actions
from vessels.ais import encode
from vessels.ingest import command, sources
from vessels.models import (
    Feed,
    LatestPosition,
    LiveVessel,
    Position,
    RawBatch,
    RejectedLine,
    Vessel,
)
from vessels.quality import Flag

pytestmark = pytest.mark.django_db


def counts():
    models = (Vessel, Position, LatestPosition, RawBatch, RejectedLine, Feed)
    return [model.objects.count() for model in models]


@pytest.mark.skipif(not RECORDED.exists(), reason="shared/data/ais is not beside the project")
def test_the_recorded_file_goes_in_and_a_rerun_does_not_double():
    out = io.StringIO()
    assert command.run(str(RECORDED), stdout=out) == 0
    assert "59402 AIS sentences" in out.getvalue()
    first = counts()
    assert first[1] == 16_323
    assert Feed.objects.get().name == RECORDED.name
    assert Vessel.objects.get(mmsi=538_004_720).name == "ARBORELLA"
    PendingChange.objects.all().delete()
    again = io.StringIO()
    assert command.run(str(RECORDED), stdout=again) == 0
    assert counts() == first
    assert "(0 new)" in again.getvalue()
    assert not PendingChange.objects.exists()


def test_a_position_is_stored_whole(tmp_path):
    told = ingest(tmp_path, said(lon=107.81234, lat=16.65432, speed_kn=7.3, course_deg=123.4))
    assert "1 positions (1 new)" in told
    position = Position.objects.get()
    assert position.observed_at.timestamp() == NOON
    assert (round(position.geom.x, 5), round(position.geom.y, 5)) == (107.81234, 16.65432)
    assert position.speed_kn == pytest.approx(7.3, abs=0.01)
    assert position.course_deg == pytest.approx(123.4, abs=0.01)
    assert (position.heading_deg, position.status, position.message_type) == (None, 0, 1)
    live = LiveVessel.objects.get()
    assert (live.mmsi, live.state, live.synthetic, live.source) == (574001234, "old", False, "test")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM vessels_hot")
        assert cursor.fetchone()[0] == time.strftime("vessels_hot_%Y%m%d", time.gmtime(NOON))


def test_late_data_fills_history_and_does_not_move_the_latest(tmp_path):
    ingest(tmp_path, said(at=NOON, lon=107.8))
    ingest(tmp_path, said(at=NOON - 3600, lon=107.7))
    assert Position.objects.count() == 2
    assert LatestPosition.objects.get().geom.x == pytest.approx(107.8)


def test_order_within_a_file_does_not_matter(tmp_path):
    lines = [said(at=NOON + n * 60, lon=107.8 + n / 1000) for n in range(10)]
    ingest(tmp_path, *lines[::-1])
    assert LatestPosition.objects.get().geom.x == pytest.approx(107.809)
    assert Position.objects.filter(flags=0).count() == 10


def test_a_report_heard_by_two_receivers_is_one_position(tmp_path):
    line = said().split(b"\\")[-1]
    twice = [encode.tagged(line, at_s=NOON + n, station=f"r{n}") for n in (0, 2)]
    ingest(tmp_path, *twice)
    assert Position.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (said()[:-1] + b"?", "checksum"),
        (said(lon=181.0, lat=91.0), "no-position"),
        (said(lat=90.7), "absurd-position"),
        (said(mmsi=0), "absurd-mmsi"),
        (said(at=int(time.time()) + 3600), "future-time"),
    ],
    ids=lambda value: value if isinstance(value, str) else "line",
)
def test_bad_input_is_set_aside_once_with_its_reason_and_good_rows_stay(tmp_path, line, reason):
    for _ in range(2):
        told = ingest(tmp_path, said(), line, said(at=NOON + 60))
        assert f"set aside: 1 {reason}" in told
    assert Position.objects.count() == 2
    assert [row.reason for row in RejectedLine.objects.all()] == [reason]


def test_an_impossible_jump_is_stored_and_flagged(tmp_path):
    ingest(tmp_path, said(at=NOON), said(at=NOON + 60, lon=109.8))
    ingest(tmp_path, said(at=NOON + 120))
    flags = list(Position.objects.order_by("observed_at").values_list("flags", flat=True))
    assert flags == [0, Flag.IMPOSSIBLE_JUMP, Flag.IMPOSSIBLE_JUMP]
    assert LiveVessel.objects.get().doubt == "jump"


def test_particulars_join_the_vessel_and_reach_the_map(tmp_path):
    ingest(tmp_path, said())
    PendingChange.objects.all().delete()
    parts = encode.voyage(
        574001234, name="QNG 90459 TS", callsign="XV1", ship_type=30, length_m=18, width_m=5
    )
    ingest(tmp_path, *parts)
    vessel = Vessel.objects.get()
    assert (vessel.name, vessel.kind, vessel.length_m) == ("QNG 90459 TS", "fishing", 18)
    assert PendingChange.objects.get().props["name"] == "QNG 90459 TS"


def test_one_change_a_vessel_and_batch_and_the_replay_gets_one_a_minute(tmp_path):
    now = int(time.time()) - 600
    ingest(tmp_path, *(said(at=now + n * 10, lon=107.8 + n / 10_000) for n in range(30)))
    changes = list(PendingChange.objects.order_by("id"))
    assert len({change.at.replace(second=0, microsecond=0) for change in changes}) == len(changes)
    assert 5 <= len(changes) <= 6
    assert changes[-1].at.timestamp() == now + 290
    assert set(changes[0].props) == set(changes[-1].props)
    assert not any(change.public for change in changes)


def test_what_comes_from_the_simulation_is_marked_by_its_number_or_its_feed(tmp_path):
    ingest(tmp_path, said(mmsi=799_000_001), said(mmsi=574_000_001))
    ingest(tmp_path, said(mmsi=574_000_001, at=NOON + 60), name="sim", synthetic=True)
    marked = sorted(Vessel.objects.values_list("mmsi", "synthetic"))
    assert marked == [(574_000_001, False), (574_000_001, True), (799_000_001, True)]


def test_raw_lines_are_kept_as_received(tmp_path):
    lines = (said(), b"# a comment", b"garbage", said(at=NOON + 60))
    ingest(tmp_path, *lines)
    raw = RawBatch.objects.get()
    assert zlib.decompress(bytes(raw.body)) == b"".join(line + b"\n" for line in lines)
    assert (raw.lines, raw.sentences, raw.positions, raw.rejected) == (4, 2, 2, 1)


def test_gzip_is_unpacked_and_a_broken_one_gives_what_it_holds(tmp_path):
    whole = gzip.compress(b"".join(said(at=NOON + n * 60) + b"\n" for n in range(20_000)))
    path = tmp_path / "log.nmea.gz"
    path.write_bytes(whole)
    command.run(str(path), stdout=io.StringIO(), name="gz")
    assert Position.objects.count() == 20_000
    path.write_bytes(whole[:-200])
    Position.objects.all().delete()
    assert command.run(str(path), stdout=io.StringIO(), name="half") == 0
    assert 1000 < Position.objects.count() < 20_000


def test_a_file_without_times_is_taken_at_the_time_one_names(tmp_path):
    bare = said().split(b"\\")[-1]
    ingest(tmp_path, bare, at="2026-09-21T14:13:25Z")
    position = Position.objects.get()
    assert abs(position.observed_at.timestamp() - NOON) <= 10
    assert position.flags == Flag.CLOCK_OURS


@pytest.mark.parametrize("address", ["/nowhere/log.nmea", "udp://127.0.0.1", "tcp://:x"])
def test_a_source_that_cannot_be_read_says_what_to_do(address):
    with pytest.raises(Refused, match=r"Give the path|give it as"):
        command.run(address, stdout=io.StringIO())


def test_a_taken_port_says_what_to_do():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(Refused, match="choose another"):
            command.run(f"udp://127.0.0.1:{held.getsockname()[1]}", stdout=io.StringIO())


def test_a_file_that_is_no_log_says_so(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(bytes(range(256)) * 50)
    out = io.StringIO()
    assert command.run(str(path), stdout=out) == 1
    assert "not one AIS sentence" in out.getvalue()


def test_the_command_takes_a_file_in(tmp_path):
    path = tmp_path / "log.nmea"
    path.write_bytes(said() + b"\n")
    out = io.StringIO()
    call_command("ingest", "ais", str(path), name="by hand", stdout=out)
    assert "1 positions" in out.getvalue()
    assert Feed.objects.get().name == "by hand"
    assert not Heartbeat.objects.exists()


def test_set_aside_lines_do_not_pile_up(tmp_path, monkeypatch):
    ingest(tmp_path, *(f"garbage {n}".encode() for n in range(20)))
    monkeypatch.setattr(actions, "REJECTED_MOST", 5)
    assert actions.forget_rejected() == 15
    assert RejectedLine.objects.count() == 5
    assert RejectedLine.objects.order_by("pk").last().line == "garbage 19"


def test_a_batch_that_fails_leaves_nothing_and_is_forgotten(tmp_path, monkeypatch):
    def broken(*args, **options):
        raise OperationalError("away")

    with monkeypatch.context() as patched:
        patched.setattr(actions, "_record_changes", broken)
        with pytest.raises(OperationalError):
            ingest(tmp_path, said())
    assert counts() == [0, 0, 0, 0, 0, 0]
    ingest(tmp_path, said())
    assert Position.objects.count() == 1


def test_a_full_inbox_counts_what_it_loses():
    inbox = sources.Inbox(limit=10)
    inbox.put(b"12345678\n")
    inbox.put(b"one\ntwo\n")
    assert (inbox.lost_lines, inbox.take(0)) == (2, b"12345678\n")


class Streaming:
    """An ingest of a stream in a thread of its own, with its own connection."""

    def __init__(self, address):
        self.stop, self.out = threading.Event(), io.StringIO()
        self.thread = threading.Thread(target=self._run, args=(address,))
        self.thread.start()

    def _run(self, address):
        command.run(address, stdout=self.out, name="stream", stop=self.stop)
        connection.close()

    def until(self, condition, seconds=10):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.05)
        return False

    def end(self):
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.mark.django_db(transaction=True)
def test_a_udp_stream_is_committed_within_seconds():
    port = free_port(socket.SOCK_DGRAM)
    stream = Streaming(f"udp://127.0.0.1:{port}")
    try:
        bare = said(at=int(time.time())).split(b"\\")[-1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sent = stream.until(
                lambda: sock.sendto(bare, ("127.0.0.1", port)) and Position.objects.exists(), 5
            )
        assert sent
        live = LiveVessel.objects.get()
        assert abs(live.observed_at.timestamp() - time.time()) < 15
        assert (live.state, live.doubt) == ("under-way", "none")
        assert stream.until(lambda: Heartbeat.objects.filter(progress__gt=0).exists())
    finally:
        stream.end()


@pytest.mark.django_db(transaction=True)
def test_a_tcp_peer_that_hangs_up_in_mid_sentence_is_called_again():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        stream = Streaming(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        try:
            first, _ = server.accept()
            first.sendall(said() + b"\n" + said(at=NOON + 60)[:50])
            first.close()
            second, _ = server.accept()
            with second:
                second.sendall(said(at=NOON + 120) + b"\n")
                assert stream.until(lambda: Position.objects.count() == 2)
        finally:
            stream.end()
    assert RejectedLine.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_stream_outlives_a_database_that_goes_away(monkeypatch):
    failures = iter([True, True])
    real = command.store

    def flaky(**given):
        if next(failures, False):
            raise OperationalError("the server closed the connection")
        return real(**given)

    monkeypatch.setattr(command, "store", flaky)
    port = free_port(socket.SOCK_DGRAM)
    stream = Streaming(f"udp://127.0.0.1:{port}")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            time.sleep(0.3)
            sock.sendto(said(), ("127.0.0.1", port))
        assert stream.until(Position.objects.exists)
    finally:
        stream.end()
