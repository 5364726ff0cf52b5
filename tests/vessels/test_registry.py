"""The registry: identities and their history, devices, lists with bad rows, ports and zones."""

import io
from datetime import date

import pytest
from django.core.management import call_command

from geo.errors import Refused
from geo.packs.pack import bundled_pack
from geo.packs.report import Report
from tests.vessels.fleet_factories import NOW, make_boat, make_sea
from vessels import pack, registry, thresholds
from vessels.ingest.fleet import Fleet
from vessels.models import Device, IdentityChange, Permit, Port, Threshold, Vessel, Zone

pytestmark = pytest.mark.django_db


def test_a_change_of_identity_is_kept_and_the_same_again_is_none():
    boat = make_boat(name="HẢI ÂU")
    said = {"plate": boat.plate, "source": "tờ khai", "at": NOW, "name": "HẢI ÂU 1"}
    registry.register(**said)
    registry.register(**said)
    registry.register(**{**said, "name": "HẢI ÂU 2", "owner_name": "Bà Ba"})
    kept = list(IdentityChange.objects.order_by("pk").values_list("field", "was", "now"))
    assert kept == [
        ("name", "HẢI ÂU", "HẢI ÂU 1"),
        ("name", "HẢI ÂU 1", "HẢI ÂU 2"), ("owner_name", "Ông Hai", "Bà Ba"),
    ]  # fmt: skip
    assert Vessel.objects.count() == 1


def test_a_vessel_heard_first_by_ais_is_the_one_that_is_registered():
    import numpy as np

    (pk,) = Fleet("radio").vessels(np.array([574_111_222]))
    boat = registry.register(plate="TTH 91234 TS", source="x", mmsi=574_111_222, length_m=16.0)
    assert boat.pk == pk
    assert (boat.kind, boat.waters_class, boat.province) == (
        "fishing", "offshore", "Thừa Thiên Huế",
    )  # fmt: skip
    with pytest.raises(Refused, match="MMSI"):
        registry.register(plate="TTH 95555 TS", source="x", mmsi=574_111_222)


@pytest.mark.parametrize(
    ("length_m", "waters"),
    [(11.9, "coastal"), (12.0, "inshore"), (14.9, "inshore"), (15.0, "offshore")],
)  # fmt: skip
def test_waters_follow_from_the_length(length_m, waters):
    assert registry.waters_of(length_m, NOW) == waters


def test_two_devices_at_most_and_one_counts():
    boat, other = make_boat(vms="vnpt"), make_boat()
    second = registry.fit(vessel=boat, kind="vms", provider="viettel", ident="B", counted=True)
    assert list(Device.objects.filter(vessel=boat, counted=True)) == [second]
    assert registry.fit(
        vessel=boat, kind="vms", provider="viettel", ident="B", counted=True
    ).pk == second.pk  # fmt: skip
    with pytest.raises(Refused, match="two devices|hai thiết bị"):
        registry.fit(vessel=boat, kind="ais", provider="", ident="C", counted=False)
    with pytest.raises(Refused) as taken:
        registry.fit(vessel=other, kind="vms", provider="viettel", ident="B", counted=True)
    assert taken.value.code == "device-taken"


LIST = """plate;name;mmsi;length_m;waters_class;home_port;vms_provider;vms_ident;permit;permit_until
TTH 96329-TS;AN BÌNH;574000001;17,5;;cang;vnpt;A1;GP-1;2027-01-31
QNg 90459 TS;;;13;;;;;;
HT.96709;;x12;16;;;;;;
không có;;;16;;;;;;
tth.96329;;574000001;17;;;;;;
TTH 90001 TS;;574000001;17;;;;;;
TTH 90002 TS;;;900;;;;;;
TTH 90003 TS;;;17;deep;;;;;
TTH 90004 TS;;;17;;nowhere;;;;
TTH 90005 TS;;;17;;;;;GP-2;31/01/2027
TTH 90006 TS;;;10;;;;;;;;;
"""


def test_a_list_keeps_the_good_rows_and_names_the_bad(tmp_path):
    make_sea()
    path = tmp_path / "fleet.csv"
    path.write_text(LIST, "utf-8")
    out = io.StringIO()
    call_command("ingest", "fleet", str(path), stdout=out)
    assert "2 vessels taken, 9 rows set aside" in out.getvalue()
    for line in range(4, 13):
        assert f"line {line}:" in out.getvalue()
    first = Vessel.objects.get(plate_key="TTH96329")
    assert (first.name, first.length_m, first.waters_class) == ("AN BÌNH", 17.5, "offshore")
    assert first.home_port.code == "cang"
    assert Device.objects.get().ident == "A1"
    assert Permit.objects.get().valid_until == date(2027, 1, 31)
    assert set(Vessel.objects.values_list("plate_key", flat=True)) == {"TTH96329", "QNG90459"}
    call_command("ingest", "fleet", str(path), stdout=out)
    assert (Vessel.objects.count(), IdentityChange.objects.count()) == (2, 0)


def test_ports_and_zones_come_from_the_pack_and_again_change_nothing():
    report = Report()
    for _ in range(2):
        pack.import_ports(bundled_pack(), report)
        pack.import_zones(bundled_pack(), report)
    assert report.refusals == []
    assert set(Zone.objects.values_list("kind", flat=True)) == {"coastal", "inshore", "offshore"}
    assert Port.objects.count() == 6
    assert Port.objects.get(code="thuan-an").radius_m == 1200


def test_every_threshold_has_a_source_and_the_newest_row_in_force_counts():
    assert not Threshold.objects.filter(source="").exists()
    rules = thresholds.in_force(NOW)
    assert (rules.seconds("signal_lost"), rules.seconds("signal_lost_long")) == (21_600, 864_000)
    assert rules.value("position_interval", 25) == 2
    assert rules.value("position_interval", 16) == 3
    Threshold.objects.create(
        kind="signal_lost", value=4, unit="h", in_force_from=date(2026, 9, 22), source="next"
    )
    assert thresholds.in_force(NOW).value("signal_lost") == 6
    assert thresholds.in_force(date(2026, 9, 22)).value("signal_lost") == 4
