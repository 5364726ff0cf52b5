"""Every type of message in full, and the faults of others that we do not repeat."""

import gzip

import pytest

from tests.vessels.factories import RECORDED, decode
from vessels.ais import encode
from vessels.ais.messages import LONG_RANGE
from vessels.ais.standard import TABLES, messages, read
from vessels.kinds import kind_of

BASE = b"!AIVDM,1,1,,A,403OviQuMGCqWrRO9>E6fE700@GO,0*4D"


def packed(kind, bits, **values):
    """The armour of a message whose fields (first bit, bits) hold these values."""
    table = {f"f{n}": (first, width, "u") for n, (first, width, _) in enumerate(values["fields"])}
    told = {f"f{n}": value for n, (_, _, value) in enumerate(values["fields"])}
    return encode.payload(kind, bits, table, told)


def test_a_base_station_tells_its_time_and_place():
    (said,) = messages([BASE])
    assert (said["type"], said["mmsi"]) == (4, 3_669_702)
    assert [said[part] for part in ("year", "month", "day", "hour", "minute", "second")] == [
        2007, 5, 14, 19, 57, 39,
    ]  # fmt: skip
    assert (said["lon"], said["lat"]) == pytest.approx((-76.352362, 36.883767), abs=1e-6)
    assert said["fix"] == 7
    found = decode([BASE])
    assert (len(found.positions), found.stations.mmsi.tolist()) == (0, [3_669_702])


def test_an_aid_to_navigation_is_no_vessel():
    armour, fill = packed(
        21, 272,
        fields=[(8, 30, 995_740_001), (38, 5, 30), (164, 28, 64_680_000), (192, 27, 9_960_000),
                (253, 6, 60), (269, 1, 1)],
    )  # fmt: skip
    found = decode(encode.sentences(armour, fill))
    assert (found.stations.lon[0], found.stations.lat[0]) == (107.8, 16.6)
    assert len(found.positions) == 0
    assert found.particulars == []
    said = read(armour, fill)
    assert (said["aid_type"], said["virtual"]) == (30, True)


def test_the_place_of_corrections_counts_in_tenths_of_minutes():
    armour, fill = packed(17, 80, fields=[(8, 30, 2_655_111), (40, 18, 64_680), (58, 17, 9_960)])
    said = read(armour, fill)
    assert (said["lon"], said["lat"]) == (107.8, 16.6)
    found = decode(encode.sentences(armour, fill)).stations
    assert (found.lon[0], found.lat[0]) == (107.8, 16.6)


def test_a_long_range_speed_of_63_is_not_available():
    armour, fill = encode.payload(
        27, 96, LONG_RANGE, {"mmsi": 574_000_001, "speed": 63, "course": 511, "status": 15}
    )
    assert [read(armour, fill)[name] for name in ("speed_kn", "course_deg", "status")] == [None] * 3
    found = decode(encode.sentences(armour, fill)).positions
    assert str(found.speed_kn[0]) == "nan"
    assert str(found.course_deg[0]) == "nan"


@pytest.mark.parametrize("code", [38, 66, 67, 68])
def test_a_type_of_ship_stays_as_it_was_sent(code):
    parts = encode.voyage(
        574_000_001, name="X", callsign="Y", ship_type=code, length_m=9, width_m=3
    )
    assert messages(parts)[0]["ship_type"] == code
    assert decode(parts).particulars[0].ship_type == code
    assert kind_of(code) == ("passenger" if code > 60 else "other")


def test_part_b_of_type_24_names_its_maker():
    said = read("H42O55lt0000000D3nink000?0500", 2)
    assert (said["part"], said["callsign"], said["ship_type"]) == (1, "TC6163", 60)


def test_a_tender_names_its_mother_ship_and_no_size():
    fields = {"mmsi": (8, 30, "u"), "part": (38, 2, "u"), "mother": (132, 30, "u")}
    values = {"mmsi": 982_740_001, "part": 1, "mother": 574_000_001}
    said = read(*encode.payload(24, 168, fields, values))
    assert said["mothership_mmsi"] == 574_000_001 and "bow" not in said
    said = read(*encode.payload(24, 168, fields, values | {"mmsi": 574_000_002}))
    assert "mothership_mmsi" not in said and said["bow"] > 0


def test_what_is_cut_short_leaves_its_fields_out():
    whole = read("177KQJ5000G?tO`K>RA1wUbN0TKH")
    short = read("177KQJ5000G?tO`K>RA1")
    assert whole["mmsi"] == short["mmsi"] == 477_553_000
    assert "heading_deg" in whole
    assert "heading_deg" not in short


@pytest.mark.parametrize("payload", [b"", b"~~~", b"w000000", b"K"])
def test_what_the_standard_does_not_have_is_refused(payload):
    if payload == b"K":
        assert read(payload) == {"type": 27}
        return
    with pytest.raises(ValueError, match="armour|standard"):
        read(payload)


@pytest.mark.parametrize("kind", sorted(key for key in TABLES if isinstance(key, int)))
def test_every_table_reads_a_message_of_zeros(kind):
    bits = {5: 424, 19: 312, 21: 272, 27: 96, 17: 80}.get(kind, 168)
    armour, fill = packed(kind, bits, fields=[(8, 30, 574_000_001)])
    said = read(armour, fill)
    assert (said["type"], said["mmsi"]) == (kind, 574_000_001)


@pytest.mark.skipif(not RECORDED.exists(), reason="shared/data/ais is not beside the project")
def test_recorded_messages_say_what_the_columns_say():
    lines = [
        line for line in gzip.decompress(RECORDED.read_bytes()).splitlines() if b"VDM,1" in line
    ]
    lines = lines[:30_000:60]
    columns = decode(lines).positions
    said = [one for one in messages(lines) if one["type"] in (1, 2, 3, 9, 18, 19, 27)]
    told = {(one["mmsi"], one["lon"], one["lat"], one["course_deg"]) for one in said if one["lon"]}
    seen = zip(columns.mmsi, columns.lon, columns.lat, columns.course_deg, strict=True)
    rounded = {(m, round(x, 6), round(y, 6)) for m, x, y, _ in seen if abs(x) <= 180}
    assert len(rounded) > 200
    assert rounded == {(m, round(x, 6), round(y, 6)) for m, x, y, _ in told}
