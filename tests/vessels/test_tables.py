"""Tables of authorities: the same columns, whatever packing they come in."""

import gzip
import io

import pytest
import zstandard

from tests.vessels.factories import NOON
from vessels.ais.tables import TableDecoder, is_table
from vessels.ingest import command
from vessels.models import Position, RejectedLine, Vessel

DMA_HEAD = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,"
    "IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,"
    "Destination,ETA,Data source type,A,B,C,D"
)
DMA = (
    "21/09/2026 14:13:20,Class A,574001234,16.600000,107.800000,Engaged in fishing,0.0,6.1,45.5,44,"
    "9134270,XV1,DEMO ONE,Fishing,,5,18,GPS,2.5,HUE,,AIS,9,9,2,3"
)
OLD_HEAD = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,"
    "Width,Draft,Cargo,TransceiverClass"
)
OLD = (
    '574001234,2026-09-21T14:13:20,16.6,107.8,6.1,45.5,44,"DEMO ONE",IMO9134270,XV1,30,7,18,5,2.5,'
    "30,A"
)
NEW_HEAD = (
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,"
    "status,length,width,draft,cargo,transceiver"
)
NEW = OLD.replace("T14", " 14").replace("16.6,107.8", "107.8,16.6").replace('"', "")
FORMS = [(DMA_HEAD, DMA), (OLD_HEAD, OLD), (NEW_HEAD, NEW)]


def table(head, *rows):
    return "\n".join((head, *rows, "")).encode()


@pytest.mark.parametrize(("head", "row"), FORMS)
def test_every_form_gives_the_same_columns(head, row):
    body = table(head, row)
    assert is_table(body)
    _, found = TableDecoder().feed(body, clock=0.0)
    heard, (said,) = found.positions, found.particulars
    assert (heard.mmsi[0], heard.kind[0], heard.time[0]) == (574_001_234, 1, NOON)
    assert (heard.lon[0], heard.lat[0], heard.heading_deg[0], heard.status[0]) == (
        107.8, 16.6, 44, 7,
    )  # fmt: skip
    assert (heard.speed_kn[0], heard.course_deg[0]) == pytest.approx((6.1, 45.5))
    assert (said.name, said.callsign, said.imo, said.ship_type) == ("DEMO ONE", "XV1", 9134270, 30)
    assert (said.length_m, said.width_m) == (18, 5)


@pytest.mark.parametrize("size", [1, 50, 333])
def test_pieces_of_any_size_give_the_whole(size):
    rows = [DMA.replace("14:13:20", f"14:13:{n:02}") for n in range(30)]
    body, decoder, count = table(DMA_HEAD, *rows), TableDecoder(), 0
    for at in range(0, len(body), size):
        count += len(decoder.feed(body[at : at + size], clock=0.0)[1].positions)
    assert count + len(decoder.finish(clock=0.0)[1].positions) == 30


def test_base_stations_and_untold_values_are_no_vessels_and_no_zeros():
    base = DMA.replace("Class A", "Base Station")
    bare = "21/09/2026 14:13:20,Class B,574001234,16.6,107.8,Unknown value,,,,,Unknown,Unknown,,"
    _, found = TableDecoder().feed(
        table(DMA_HEAD, base, bare + "Undefined,,,,Undefined,,Unknown,,AIS,,,,"), clock=0.0
    )
    assert (len(found.stations), found.positions.kind.tolist()) == (1, [18])
    assert str(found.positions.speed_kn[0]) == "nan"
    assert (found.positions.heading_deg[0], found.positions.status[0]) == (-1, -1)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
@pytest.mark.django_db
def test_a_table_goes_in_packed_or_not_and_bad_rows_are_set_aside(tmp_path, pack):
    bad = [DMA.replace("16.600000", "north"), DMA + ",more", DMA.replace("574001234", "0")]
    path = tmp_path / "aisdk.csv"
    path.write_bytes(pack(table(DMA_HEAD, *bad, DMA)))
    for n in range(2):
        out = io.StringIO()
        assert command.run(str(path), stdout=out, name="dma") == 0
        assert f"1 positions ({1 - n} new)" in out.getvalue()
    reasons = RejectedLine.objects.order_by("reason").values_list("reason", flat=True)
    assert list(reasons) == ["absurd-mmsi", "bad-cell", "bad-row"]
    assert Position.objects.get().observed_at.timestamp() == NOON
    assert Vessel.objects.get().name == "DEMO ONE"
