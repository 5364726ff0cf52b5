from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from environment import actions, summary
from environment.models import Sensor, Threshold
from ioc.accounts.models import User
from layers.models import PendingChange
from tests.environment.factories import make_receipt, make_sensor, rising

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    client = Client()
    client.force_login(User.objects.create_user("o", role="operator"))
    return client


def hour():
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def test_a_value_reaches_the_live_map_in_both_views():
    sensor = make_sensor(datum="VN-2000")
    PendingChange.objects.all().delete()
    actions.record(rising(0.5, 2.31, start=hour()), receipt=make_receipt())
    change = PendingChange.objects.get()
    assert (change.layer, change.feature_id) == ("sensors", str(sensor.pk))
    assert (change.props["state"], change.props["value"]) == ("moderate", 2.31)
    assert change.props["datum"] == "VN-2000"
    assert set(change.public_props) == {
        "name_vi", "name_en", "kind", "state", "value", "unit", "observed_at", "parameter",
    }  # fmt: skip


def test_a_station_that_is_not_public_reaches_only_the_centre():
    make_sensor(public=False)
    actions.record(rising(0.5, start=hour()), receipt=make_receipt())
    assert not PendingChange.objects.filter(public=True).exists()
    assert not PendingChange.objects.exclude(public_props=None).exists()


def test_an_old_value_that_changes_nothing_makes_no_noise():
    make_sensor()
    actions.record(rising(0.5, start=hour()), receipt=make_receipt())
    PendingChange.objects.all().delete()
    actions.record(rising(0.4, start=hour() - timedelta(hours=5)), receipt=make_receipt())
    assert not PendingChange.objects.exists()


def test_the_card_links_a_chart_for_each_property(operator):
    sensor = make_sensor()
    actions.record(rising(0.5, 0.6, start=hour()), receipt=make_receipt())
    feature = operator.get(f"/api/v1/layers/sensors/features/{sensor.pk}").json()
    (chart,) = feature["card"]["series"]
    assert chart["title"] == {"vi": "Mực nước", "en": "Water level"}
    assert operator.get(chart["url"]).json()["v"] == [0.5, 0.6]


def test_synthetic_stations_carry_the_mark(operator):
    sensor = make_sensor("demo", "Demo", synthetic=True)
    feature = operator.get(f"/api/v1/layers/sensors/features/{sensor.pk}").json()
    assert feature["synthetic"] is True


def test_the_wall_has_a_sentence_about_the_river(operator, django_assert_max_num_queries):
    make_sensor("71518", "Phú Ốc")
    make_sensor()
    actions.record(rising(1.01, 1.51, 2.31, start=hour()), receipt=make_receipt())
    user = User.objects.get(username="o")
    with django_assert_max_num_queries(4):
        (tile,) = summary.tiles(user)
    assert tile["text"] == {
        "vi": "Kim Long 2,31 m, lên 65 cm/giờ", "en": "Kim Long 2.31 m, rising 65 cm/h",
    }  # fmt: skip
    page = operator.get("/api/v1/environment/stations/71520").json()
    assert page["river"]["trend"]["per_h"] == pytest.approx(0.65)  # its own page says the same
    assert (tile["state"], tile["trend"], tile["value"]) == ("moderate", [1.01, 1.51, 2.31], 2.31)
    Sensor.objects.filter(code="71520").update(state="stale")
    assert summary.tiles(user)[0]["text"]["en"] == "Kim Long 2.31 m, silent"
    assert "river-level" in [
        t["key"] for t in operator.get("/api/v1/tiles-summary").json()["tiles"]
    ]


PACK = Path(__file__).resolve().parents[2] / "fixtures" / "packs" / "hue"


def test_the_bundled_pack_brings_stations_and_dated_thresholds(tmp_path):
    packs = pytest.importorskip("geo.packs.pack")
    report = pytest.importorskip("geo.packs.report").Report()
    from environment.pack import import_sensors, import_thresholds

    for _ in range(2):
        import_sensors(packs.open_pack(PACK), report)
        import_thresholds(packs.open_pack(PACK), report)
    assert report.ok, report.lines()
    third = Threshold.objects.filter(sensor__code="71520", level=3).order_by("valid_from")
    assert [(t.value, t.valid_from.year, t.valid_to and t.valid_to.year) for t in third] == [
        (3.0, 1998, 2000), (3.5, 2001, None),
    ]  # fmt: skip
    assert Sensor.objects.get(code="71520").position_source
    assert not Sensor.objects.filter(code__startswith="demo", synthetic=False).exists()
    (tmp_path / "pack.toml").write_bytes((PACK / "pack.toml").read_bytes())
    (tmp_path / "thresholds.csv").write_text(
        "station_code,level,value_m,valid_from,valid_to,source\n"
        "71518,I,3,2026-01-01,,s\n71518,II,2,2026-01-01,,s\nnowhere,I,1,2026-01-01,,s\n"
    )
    import_thresholds(packs.open_pack(tmp_path), report)
    assert [str(r) for r in report.refusals] == [
        "thresholds.csv: 71518: 71518, 2026-01-01: level II (2) is not above level I (3)",
        "thresholds.csv: nowhere: no station has this code; add it to sensors.csv",
    ]


def test_new_thresholds_judge_the_past_anew():
    sensor = make_sensor(limits=[])
    actions.record(rising(0.5, 1.4, start=hour()), receipt=make_receipt())
    sensor.refresh_from_db()
    assert sensor.state == "unknown"
    make_sensor()
    sensor.refresh_from_db()
    assert sensor.state == "minor"
    assert sensor.crossings.get().level == 1
