import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from geo.models import Notice
from ioc.accounts.models import User
from ioc.billboards import actions, queries
from ioc.billboards.models import Billboard
from layers.models import PendingChange
from tests.billboards.factories import make_billboard

pytestmark = pytest.mark.django_db


def test_an_expiry_changes_the_colour_on_its_day_and_is_told_once():
    today = queries.today()
    board = make_billboard(until=today)
    make_billboard("bb-2", until=today + timedelta(days=300))
    assert board.state == "expiring"
    PendingChange.objects.all().delete()
    tomorrow = today + timedelta(days=1)
    assert actions.refresh_states(day=tomorrow) == 1
    assert actions.refresh_states(day=tomorrow) == 0
    notice = Notice.objects.get()
    assert notice.key == f"billboard-expired:bb-1:{today.isoformat()}"
    assert notice.title_vi == f"Hết phép quảng cáo: Bảng Hùng Vương ({today:%d/%m/%Y})"
    change = PendingChange.objects.get()
    assert (change.layer, change.feature_id) == ("billboards", str(board.pk))
    assert change.props["state"] == change.public_props["state"] == "expired"


def test_a_renewed_permit_that_ends_again_is_told_again():
    today = queries.today()
    make_billboard(until=today - timedelta(days=3))
    assert Notice.objects.count() == 1
    make_billboard(until=today - timedelta(days=1))
    assert Notice.objects.count() == 2


def test_an_old_expiry_stands_out_but_calls_nobody():
    assert make_billboard(until=queries.today() - timedelta(days=90)).state == "expired"
    assert not Notice.objects.exists()


def test_the_same_billboard_again_changes_nothing():
    make_billboard(until=queries.today())
    PendingChange.objects.all().delete()
    make_billboard(until=queries.today())
    assert Billboard.objects.count() == 1
    assert not PendingChange.objects.exists()


def test_the_public_does_not_see_owner_and_permit_number():
    make_billboard(owner="Ông A")
    change = PendingChange.objects.get()
    assert change.props["owner"] == "Ông A"
    assert not {"owner", "permit_no", "code"} & set(change.public_props)


def test_permits_that_run_out_are_listed_for_those_who_may_see_them(django_assert_max_num_queries):
    today = queries.today()
    for n in range(5):
        make_billboard(f"bb-{n}", until=today + timedelta(days=20 * n))
    client = Client()
    assert client.get("/api/v1/billboards/running-out").status_code == 401
    client.force_login(User.objects.create_user("o", role="operator"))
    with django_assert_max_num_queries(5):
        found = client.get("/api/v1/billboards/running-out?days=45").json()["billboards"]
    assert [b["code"] for b in found] == ["bb-0", "bb-1", "bb-2"]
    client.force_login(User.objects.create_user("c", role="citizen"))
    assert client.get("/api/v1/billboards/running-out").status_code == 403


def test_the_daily_check_costs_the_same_for_many(django_assert_max_num_queries):
    today = queries.today()
    for n in range(40):
        make_billboard(f"bb-{n}", until=today + timedelta(days=40))
    with django_assert_max_num_queries(8):
        assert actions.refresh_states(day=today + timedelta(days=15)) == 40


def test_the_card_and_snapshot_carry_the_permit():
    board = make_billboard(until=queries.today() + timedelta(days=3), owner="Cty A")
    client = Client()
    client.force_login(User.objects.create_user("o", role="operator"))
    feature = client.get(f"/api/v1/layers/billboards/features/{board.pk}").json()
    assert feature["properties"]["permit_no"] == "GP-1"
    assert feature["properties"]["state"] == "expiring"
    public = Client().get(f"/api/v1/layers/billboards/features/{board.pk}").json()
    assert "permit_no" not in json.dumps(public)


def test_the_admin_lists_and_saves_with_the_state_of_today():
    board = make_billboard(until=queries.today() + timedelta(days=300))
    client = Client()
    client.force_login(User.objects.create_superuser("boss", role="administrator"))
    assert client.get(reverse("admin:billboards_billboard_changelist")).status_code == 200
    url = reverse("admin:billboards_billboard_change", args=[board.pk])
    form = client.get(url).context["adminform"].form
    data = {k: v for k, v in form.initial.items() if v is not None and k in form.fields}
    until = queries.today() - timedelta(days=1)
    reply = client.post(url, {**data, "geom": board.geom.geojson, "permit_until": until})
    assert reply.status_code == 302
    board.refresh_from_db()
    assert board.state == "expired"
    assert Notice.objects.filter(feature_id=str(board.pk)).count() == 1


PACK = Path(__file__).resolve().parents[2] / "fixtures" / "packs" / "hue"


def test_the_bundled_pack_is_taken_and_bad_rows_are_named(tmp_path):
    packs = pytest.importorskip("geo.packs.pack")
    report = pytest.importorskip("geo.packs.report").Report()
    from ioc.billboards.pack import import_billboards

    import_billboards(packs.open_pack(PACK), report)
    assert report.ok
    assert report.counts["billboards"] == Billboard.objects.count() > 10
    assert Billboard.objects.filter(state="expired").exists()
    head, *_ = (PACK / "billboards.csv").read_text("utf-8").splitlines()
    (tmp_path / "pack.toml").write_bytes((PACK / "pack.toml").read_bytes())
    row = "bb-x,A,A,107.59,16.46,static,3,2,Me,GP,2026-05-01,2026-04-01,s,true"
    (tmp_path / "billboards.csv").write_text(f"{head}\n{row}\n", "utf-8")
    import_billboards(packs.open_pack(tmp_path), report)
    assert [str(r) for r in report.refusals] == [
        "billboards.csv: bb-x: the permit ends (2026-04-01) before it begins (2026-05-01)"
    ]
