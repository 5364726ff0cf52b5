"""Each fault of a feed has a name, a count and a place; what is good beside it goes in."""

import os
import pty
import random
import socket
import time

import numpy as np
import pytest

from geo.errors import Refused
from geo.models import Heartbeat
from tests.vessels.factories import NOON, decode, ingest, make_user, said
from tests.vessels.test_ingest import Streaming
from tests.vessels.test_rights import signed_in
from vessels import quality, tasks
from vessels.ais import encode
from vessels.ais.clocks import Clocks
from vessels.ais.columns import NO_POSITIONS
from vessels.ais.decode import Decoder
from vessels.ais.messages import BASE, LONG_RANGE
from vessels.ingest import command, sources
from vessels.models import Feed, LiveVessel, Position, RejectedLine
from vessels.quality import Flag
from vessels.vms import store

HOURS_2 = 7200


def long_range(mmsi, at, lon=107.8):
    values = {"mmsi": mmsi, "lon": round(lon * 600), "lat": 9960, "speed": 5, "course": 90}
    armour, fill = encode.payload(27, 96, LONG_RANGE, values)
    return encode.tagged(encode.sentences(armour, fill)[0], at_s=at, station="sat")


def base(at, *, station, tag_at):
    told = time.gmtime(at)
    names = ("year", "month", "day", "hour", "minute", "second")
    values = {"mmsi": 5_740_001, **dict(zip(names, told[:6], strict=True))}
    armour, fill = encode.payload(4, 168, BASE, values)
    return encode.tagged(encode.sentences(armour, fill)[0], at_s=tag_at, station=station)


def heard_by(station, at, **given):
    line = said(at=at, **given).split(b"\\")[-1]
    return encode.tagged(line, at_s=at, station=station)


@pytest.mark.django_db
def test_a_receiver_two_hours_off_is_named_and_its_positions_wait_aside(tmp_path):
    lines = []
    for n in range(5):
        at = NOON + n * 10
        lines += [base(at, station="good", tag_at=at), base(at, station="off", tag_at=at - HOURS_2)]
        lines += [heard_by("good", at, mmsi=574_000_001), heard_by("off", at - HOURS_2)]
    told = ingest(tmp_path, *lines)
    assert f"receiver off: its clock is -{HOURS_2} s off" in told
    assert "set aside: 5 receiver-clock" in told
    assert set(Position.objects.values_list("vessel__mmsi", flat=True)) == {574_000_001}


@pytest.mark.parametrize(
    ("lag", "drift", "wrong"), [(-HOURS_2, 0.0, True), (-HOURS_2, 10.0, False), (-5, 0.0, False)]
)
def test_on_a_live_line_a_steady_lag_of_hours_is_a_clock_and_a_shrinking_one_late_data(
    lag, drift, wrong
):
    clocks = Clocks()
    for n in range(30):
        arrival = NOON + n * 10.0
        clocks.learn(
            np.array([b"r1"], "S16"), np.array([arrival + lag + n * drift]), NO_POSITIONS,
            np.empty(0), arrival,
        )  # fmt: skip
    assert (b"r1" in clocks.wrong) is wrong


def test_a_base_station_that_errs_by_years_blames_no_receiver():
    lines = [base(NOON - 20 * 365 * 86_400, station="good", tag_at=NOON + n) for n in range(5)]
    decoder = Decoder()
    decoder.decode(b"".join(line + b"\n" for line in lines), clock=0.0)
    assert decoder.clocks.wrong == {}


@pytest.mark.django_db
def test_a_flood_of_long_range_reports_is_set_aside_and_an_honest_one_stays(tmp_path):
    flood = [long_range(574_000_001, NOON + n % 60) for n in range(500)]
    honest = [long_range(574_000_002, NOON + n * 180) for n in range(5)]
    told = ingest(tmp_path, *flood, *honest)
    assert "long-range-flood" in told
    count = [Position.objects.filter(vessel__mmsi=574_000_000 + n).count() for n in (1, 2)]
    assert count[0] <= 2
    assert count[1] == 5


@pytest.mark.django_db
def test_exchanged_coordinates_are_told_from_a_jump(tmp_path):
    way = [said(at=NOON + n * 60, lon=45.8 + n / 1000, lat=12.6) for n in range(6)]
    way[2] = said(at=NOON + 120, lon=12.6, lat=45.802)
    way[3] = said(at=NOON + 180, lon=12.6, lat=45.803)
    way[5] = said(at=NOON + 300, lon=60.0, lat=20.0)
    ingest(tmp_path, *way)
    flags = list(Position.objects.order_by("observed_at").values_list("flags", flat=True))
    assert flags == [0, 0, Flag.SWAPPED, Flag.SWAPPED, 0, Flag.IMPOSSIBLE_JUMP]
    ingest(tmp_path, said(mmsi=574_000_009, lon=45.8, lat=12.6))
    ingest(tmp_path, said(mmsi=574_000_009, lon=12.6, lat=45.8, at=NOON + 60))
    ingest(tmp_path, said(mmsi=574_000_009, lon=45.8, lat=12.6, at=NOON + 90))
    mine = Position.objects.filter(vessel__mmsi=574_000_009).order_by("observed_at")
    assert list(mine.values_list("flags", flat=True)) == [0, Flag.SWAPPED, 0]


@pytest.mark.django_db
def test_a_latest_position_that_is_exchanged_says_so(tmp_path):
    ingest(tmp_path, said(lon=45.8, lat=12.6), said(lon=12.6, lat=45.8, at=NOON + 60))
    assert LiveVessel.objects.get().doubt == "swapped"


def test_a_latitude_beyond_the_pole_is_exchanged_or_absurd():
    found = decode([said(lon=16.6, lat=107.8), said(lon=150.0, lat=107.8)]).positions
    reasons = quality.refusals(found, np.full(2, float(NOON)), clock=float(NOON))
    assert reasons.tolist() == ["swapped-position", "absurd-position"]


@pytest.mark.django_db
def test_a_repeated_file_is_counted_as_repeated(tmp_path):
    lines = [said(at=NOON + n * 60, lon=107.8 + n / 1000) for n in range(20)]
    assert "repeated" not in ingest(tmp_path, *lines)
    assert "repeated: 20 positions" in ingest(tmp_path, *lines)
    assert "repeated: 20 positions" in ingest(tmp_path, *lines, said(at=NOON + 9999), name="other")


def test_a_burst_of_64_kb_loses_nothing_however_it_is_cut():
    lines = [said(mmsi=574_000_000 + n, at=NOON + n % 60) for n in range(900)]
    voyage = [
        encode.voyage(574_000_000 + n, name="A" * 20, callsign="B", ship_type=30, length_m=9,
                      width_m=3, sequence=n % 10)[::-1]
        for n in range(10)
    ]  # fmt: skip
    data = b"".join(line + b"\r\n" for line in (*lines, *(part for two in voyage for part in two)))
    assert len(data) > 65_536
    dice = random.Random(4)
    for size in (len(data), 65_536, 4096):
        decoder, mmsis, names, at = Decoder(), [], 0, 0
        while at < len(data):
            cut = at + dice.randint(size // 2, size) if size < len(data) else len(data)
            found = decoder.feed(data[at:cut], clock=0.0)[1]
            mmsis += found.positions.mmsi.tolist()
            names += len(found.particulars)
            at = cut
        assert (len(mmsis), len(set(mmsis)), names) == (900, 900, 10)


def test_checksums_are_counted_as_good_and_bad():
    good, tail = said(), said()[:-1]
    found = decode([good, good, tail + (b"0" if good[-1:] != b"0" else b"1"), b"noise"])
    assert found.checksums() == {"good": 2, "bad": 1}


def test_half_a_sentence_of_a_silent_peer_is_given_up_by_name():
    decoder = Decoder()
    decoder.feed(said() + b"\n" + said()[:40], clock=0.0)
    block, found = decoder.abandon(clock=0.0)
    assert (block, found.rejected) == (said()[:40] + b"\n", [("stalled", said()[:40])])
    assert decoder.abandon(clock=0.0)[1].rejected == []
    decoder.feed(said(), clock=0.0)
    assert len(decoder.abandon(clock=0.0)[1].positions) == 1
    _, after = decoder.feed(said() + b"\n", clock=0.0)
    assert len(after.positions) == 1


@pytest.mark.django_db(transaction=True)
def test_a_peer_that_stalls_in_mid_sentence_is_named_and_counted(monkeypatch):
    monkeypatch.setattr(command, "STALL_S", 0.5)
    monkeypatch.setattr(command, "COMMIT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        stream = Streaming(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        try:
            peer, _ = server.accept()
            with peer:
                peer.sendall(said() + b"\n" + said(at=NOON + 60)[:50])
                assert stream.until(lambda: RejectedLine.objects.filter(reason="stalled").exists())
                peer.sendall(b"\n" + said(at=NOON + 120) + b"\n")
                assert stream.until(lambda: Position.objects.count() == 2)
                beat = stream.until(
                    lambda: Heartbeat.objects.filter(detail__set_aside__stalled=1).exists()
                )
                assert beat
        finally:
            stream.end()
    detail = Heartbeat.objects.get(part="ingest").detail
    assert detail["checksums"]["good"] == 2
    assert (detail["repeated"], detail["wrong_clocks"]) == (0, {})


@pytest.mark.django_db(transaction=True)
def test_a_serial_line_is_read_and_a_wrong_one_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "COMMIT_S", 0.3)
    ours, theirs = pty.openpty()
    stream = Streaming(f"serial:{os.ttyname(theirs)}?baud=38400")
    try:
        time.sleep(0.3)
        os.write(ours, said() + b"\r\n")
        assert stream.until(Position.objects.exists)
    finally:
        stream.end()
        os.close(theirs)
        os.close(ours)
    plain = tmp_path / "file"
    plain.touch()
    for address in ("serial:/nowhere", f"serial:{plain}", "serial:/dev/null?baud=12345"):
        with pytest.raises(Refused, match="plugged|no serial line|no speed"):
            sources.listen(address, sources.Inbox(), stream.stop)


@pytest.mark.django_db
def test_metrics_count_what_files_and_deliveries_hold_too(tmp_path, client):
    nobody = said(mmsi=0)
    swapped = [said(lon=45.8, lat=12.6), said(lon=12.6, lat=45.8, at=NOON + 60)]
    ingest(tmp_path, nobody, *swapped, b"!AIVDM,1,1,,A,15M67N0P00,0*00", b"garbage")
    row = {"plate": "TTH 96329-TS", "at": NOON, "lon": 107.8, "lat": 16.6}
    provider = signed_in(make_user("administrator"))
    for _ in range(2):
        provider.post("/api/v1/vessels/vms/positions", [row], content_type="application/json")
    store(Feed.objects.create(name="provider"), b'[{"lon": 1}]', "application/json")
    tasks.sweep_fleet()
    text = client.get("/metrics").content.decode()
    for reason in ("absurd-mmsi", "checksum", "no-position", "repeated-delivery"):
        assert f'name="set_aside",of="{reason}",part="vessels"}} 1.0' in text, reason
    assert 'name="doubtful",of="swapped",part="vessels"} 1.0' in text
    assert "mmsi_shared" in text
