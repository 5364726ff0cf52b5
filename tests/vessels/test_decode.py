"""Bytes to columns: recorded sentences, damage, fragments in any order."""

import gzip
import math
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vessels.factories import RECORDED, decode, said
from vessels.ais import encode
from vessels.ais.decode import Decoder
from vessels.ais.fragments import Assembler
from vessels.ais.messages import EXTENDED_B, POSITION_B

CLASS_A = b"!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C"
CLASS_B = b"!AIVDM,1,1,,A,B52K>;h00Fc>jpUlNV@ikwpUoP06,0*4C"
AIRCRAFT = b"!AIVDM,1,1,,B,91b55wi;hbOS@OdQAC062Ch2089h,0*30"
LONG_RANGE = b"!AIVDM,1,1,,B,KC5E2b@U19PFdLbMuc5=ROv62<7m,0*16"
VOYAGE = (
    b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    b"!AIVDM,2,2,1,A,88888888880,2*25",
)
PARTICULARS = (
    b"!AIVDM,1,1,,A,H42O55i18tMET00000000000000,2*6D",
    b"!AIVDM,1,1,,A,H42O55lt0000000D3nink000?0500,0*70",
)


@pytest.mark.parametrize(
    ("line", "mmsi", "lon", "lat", "speed", "course", "heading", "status"),
    [
        (CLASS_A, 477_553_000, -122.345833, 47.582833, 0.0, 51.0, 181, 5),
        (CLASS_B, 338_087_471, -74.072132, 40.684540, 0.1, 79.6, -1, -1),
        (AIRCRAFT, 111_232_511, -6.278842, 58.144000, 42.0, 154.5, -1, -1),
        (LONG_RANGE, 206_914_217, 137.023333, 4.84, 57.0, 167.0, -1, 2),
    ],
)
def test_a_recorded_sentence_says_what_the_standard_says(
    line, mmsi, lon, lat, speed, course, heading, status
):
    found = decode([line]).positions
    assert len(found) == 1
    assert found.mmsi[0] == mmsi
    assert found.lon[0] == pytest.approx(lon, abs=1e-5)
    assert found.lat[0] == pytest.approx(lat, abs=1e-5)
    assert found.speed_kn[0] == pytest.approx(speed)
    assert found.course_deg[0] == pytest.approx(course)
    assert (found.heading_deg[0], found.status[0]) == (heading, status)


def test_particulars_come_from_types_5_and_24():
    ship, craft, part_b = decode([*VOYAGE, *PARTICULARS]).particulars
    assert (ship.mmsi, ship.name, ship.callsign) == (351_759_000, "EVER DIADEM", "3FOF8")
    assert (ship.imo, ship.ship_type, ship.length_m, ship.width_m) == (9_134_270, 70, 295, 32)
    assert (craft.mmsi, craft.name) == (271_041_815, "PROGUY")
    assert (part_b.callsign, part_b.ship_type) == ("TC6163", 60)


def test_type_19_gives_a_position_and_particulars():
    values = {
        "mmsi": 574_000_009, "lon": 64_680_000, "lat": 9_960_000, "speed": 51, "second": 60,
        "name": "TTH 96329", "ship_type": 30, "bow": 8, "stern": 9, "port": 2, "starboard": 2,
    }  # fmt: skip
    armour, fill = encode.payload(19, 312, POSITION_B | EXTENDED_B, values)
    found = decode(encode.sentences(armour, fill))
    assert (found.positions.lon[0], found.positions.lat[0]) == (107.8, 16.6)
    (said_of_itself,) = found.particulars
    assert (said_of_itself.name, said_of_itself.length_m) == ("TTH 96329", 17)


def test_a_craft_of_a_mother_ship_has_no_size_in_part_b():
    part_b = encode.particulars(
        982_574_001, name="BOAT", callsign="", ship_type=30, length_m=12, width_m=4
    )[1]
    assert decode([part_b]).particulars[0].length_m is None


def test_what_is_not_told_is_not_zero():
    found = decode([said(speed_kn=None, course_deg=None)]).positions
    assert math.isnan(found.speed_kn[0])
    assert math.isnan(found.course_deg[0])


@pytest.mark.parametrize(
    ("line", "time"),
    [
        (b"\\s:b003669981,c:1469663999*5C\\" + CLASS_A, None),
        (encode.tagged(CLASS_A, at_s=1_469_663_999, station="b003669981"), 1_469_663_999),
        (CLASS_A + b",r003669930,1469664000", 1_469_664_000),
        (b"2016-07-28T00:00:01Z " + CLASS_A, 1_469_664_001),
        (b"1469664002.25 " + CLASS_A, 1_469_664_002.25),
    ],
)
def test_the_receivers_time_is_read_from_wherever_the_log_has_it(line, time):
    found = decode([line])
    if time is None:
        assert [reason for reason, _ in found.rejected] == ["tag-checksum"]
    else:
        assert found.positions.time[0] == time


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "not-a-sentence"),
        (b"\xff\xfe\x00", "not-a-sentence"),
        (CLASS_A.replace(b"VDM", b"VDL"), "checksum"),
        (CLASS_A[:-1] + b"D", "checksum"),
        (CLASS_A[:40], "malformed"),
        (CLASS_A + CLASS_B, "two-sentences"),
        (b"!AIVDM,1,1,,B,177KQJ,0*" + encode.checksum(b"AIVDM,1,1,,B,177KQJ,0").encode(),
         "too-short"),
        (b"!AIVDM,1,1,,B,177KQJ5000G?tO~K>RA1wUbN0TKH,0*"
         + encode.checksum(b"AIVDM,1,1,,B,177KQJ5000G?tO~K>RA1wUbN0TKH,0").encode(), "payload"),
    ],
)  # fmt: skip
def test_a_bad_line_is_set_aside_with_its_reason_and_good_ones_stay(line, reason):
    found = decode([CLASS_B, line, CLASS_A])
    assert [why for why, _ in found.rejected] == [reason]
    assert len(found.positions) == 2


def test_lines_that_are_not_ais_are_no_fault():
    found = decode([b"# comment", b"", b"$SAVSI,r08,7,2359,22,-94*56", b"!AIBSM,1,1,,A,0,0*15"])
    assert found.rejected == []
    assert len(found.positions) == 0


@given(where=st.integers(0, len(CLASS_A) - 1), byte=st.integers(32, 126))
def test_no_single_damaged_byte_gives_another_position(where, byte):
    damaged = bytearray(CLASS_A)
    damaged[where] = byte
    found = decode([bytes(damaged)])
    same = bytes(damaged).upper()[-2:] == CLASS_A[-2:] and bytes(damaged[:-2]) == CLASS_A[:-2]
    if same:
        assert len(found.positions) == 1
    else:
        assert len(found.positions) == 0


@settings(max_examples=60)
@given(
    names=st.lists(
        st.text("ABCDEFGHIJ 0123456789", min_size=1, max_size=20), min_size=1, max_size=8
    ),
    order=st.randoms(use_true_random=False),
)
def test_fragments_in_any_order_from_interleaved_receivers_come_together(names, order):
    lines, expected = [], Counter()
    for number, name in enumerate(names):
        mmsi = 574_000_001 + number
        parts = encode.voyage(
            mmsi, name=name, callsign="X", ship_type=30, length_m=14, width_m=4, sequence=1
        )
        lines += [encode.tagged(p, at_s=1_790_000_000, station=f"r{number}") for p in parts]
        expected[(mmsi, name.strip() or None)] += 1
    order.shuffle(lines)
    found = decode(lines)
    assert Counter((p.mmsi, p.name) for p in found.particulars) == expected
    assert found.rejected == []


@given(cuts=st.lists(st.integers(0, 500), max_size=6))
def test_where_the_stream_is_cut_into_chunks_does_not_matter(cuts):
    text = b"".join(line + b"\r\n" for line in (CLASS_A, *VOYAGE, CLASS_B, AIRCRAFT))
    decoder, mmsis, names = Decoder(), [], []
    edges = [0, *sorted(min(c, len(text)) for c in cuts), len(text)]
    for a, b in zip(edges, edges[1:], strict=False):
        _, found = decoder.feed(text[a:b], clock=0.0)
        mmsis += found.positions.mmsi.tolist()
        names += [p.name for p in found.particulars]
    assert sorted(mmsis) == [111_232_511, 338_087_471, 477_553_000]
    assert names == ["EVER DIADEM"]


def test_parts_that_stay_alone_are_given_up_and_named():
    decoder = Decoder(Assembler(max_age_s=30))
    _, first = decoder.feed(VOYAGE[0] + b"\n", clock=0.0)
    assert first.rejected == []
    other = VOYAGE[0].replace(b"2,1,1,A", b"2,1,3,B")
    body = other[1 : other.index(b"*")]
    decoder.feed(b"!" + body + b"*" + encode.checksum(body).encode() + b"\n", clock=40.0)
    _, last = decoder.finish(clock=41.0)
    assert [reason for reason, _ in last.rejected] == ["fragment-missing"]


def test_waiting_parts_are_bounded():
    assembler = Assembler(max_waiting=10)
    for n in range(50):
        head = f"!AIVDM,2,1,{n % 10},A,".encode()
        line = f"\\s:r{n}*00\\".encode() + head + b"5,0*00"
        assembler.add(line, line.index(b"!"), 2, 1, b"5", 0, math.nan, 0.0)
    assert len(assembler.expired) == 40


def test_a_peer_that_never_ends_its_line_is_cut_off():
    decoder = Decoder()
    rejected = 0
    for _ in range(20):
        _, found = decoder.feed(b"x" * 1024, clock=0.0)
        rejected += len(found.rejected)
    assert rejected >= 1


@pytest.mark.skipif(not RECORDED.exists(), reason="shared/data/ais is not beside the project")
def test_the_recorded_file_has_all_its_sentences_and_no_bad_checksum():
    decoder = Decoder()
    _, found = decoder.feed(gzip.decompress(RECORDED.read_bytes()), clock=0.0)
    _, rest = decoder.finish(clock=0.0)
    assert found.sentences + rest.sentences == 59_402
    assert found.rejected + rest.rejected == []
    assert (found.kinds[1], found.kinds[18], found.kinds[5], found.kinds[27]) == (
        36_744, 1_478, 1_335, 8,
    )  # fmt: skip
    assert len(found.positions) == 42_224


@pytest.mark.skipif(not RECORDED.exists(), reason="shared/data/ais is not beside the project")
def test_positions_of_the_recorded_file_are_those_that_pyais_reads():
    pyais = pytest.importorskip("pyais", reason="pyais, the peer, is not installed")
    text = gzip.decompress(RECORDED.read_bytes())
    found = decode(text)
    for i in range(0, len(found.positions), 20):
        line = found.line_of(int(found.positions.line[i]))
        peer = pyais.decode(line[line.index(b"!") :])
        assert peer.mmsi == found.positions.mmsi[i]
        assert peer.lon == pytest.approx(found.positions.lon[i], abs=2e-6)
        assert peer.lat == pytest.approx(found.positions.lat[i], abs=2e-6)
        speed = found.positions.speed_kn[i]
        assert peer.speed >= 102.3 if math.isnan(speed) else peer.speed == pytest.approx(speed)


@given(st.binary(max_size=400))
def test_no_bytes_whatever_break_the_decoder(noise):
    decoder = Decoder()
    decoder.feed(noise, clock=0.0)
    _, found = decoder.feed(b"\n" + CLASS_A + b"\n", clock=0.0)
    decoder.finish(clock=0.0)
    assert 477_553_000 in found.positions.mmsi


@settings(max_examples=200)
@given(
    st.text("!$*,\\:cs0123456789ABCDEFVDMVDOAI`w~\r", max_size=120).map(str.encode),
    st.integers(0, 4),
)
def test_nothing_that_looks_like_a_sentence_breaks_the_decoder(noise, cut):
    lines = [noise, CLASS_A[:cut] + noise, b"!AIVDM,1,1,,A," + noise, CLASS_B]
    found = decode(lines)
    assert found.positions.mmsi.tolist().count(338_087_471) == 1


@pytest.mark.skipif(not RECORDED.exists(), reason="shared/data/ais is not beside the project")
def test_of_a_file_with_damaged_sentences_only_sound_ones_come_in():
    lines = gzip.decompress(RECORDED.read_bytes()).splitlines()[:20_000]
    dice = random.Random(1)
    damaged, hit = [], 0
    for line in lines:
        if b"VDM" in line and dice.random() < 0.05:
            where = dice.randrange(line.index(b"!") + 1, len(line))
            line = line[:where] + bytes([line[where] ^ dice.choice((1, 2, 4))]) + line[where + 1 :]
            hit += 1
        damaged.append(line)
    clean, found = decode(lines).positions, decode(damaged)
    told = set(zip(clean.mmsi, clean.lon, clean.lat, clean.time, strict=True))
    got = set(
        zip(
            found.positions.mmsi, found.positions.lon, found.positions.lat, found.positions.time,
            strict=True,
        )
    )  # fmt: skip
    assert hit > 300
    assert len(found.rejected) >= hit * 0.95  # a damaged letter case of hex digits is no damage
    assert got <= told
