import pytest
from django.db import connection
from django.test import Client

from ioc.accounts.models import User
from ioc.reports import layers
from ioc.reports.models import Category, Report
from layers.models import GridCount
from tests.reports.factories import make_category, make_report

pytestmark = pytest.mark.usefixtures("city")


def test_the_catalogue_names_categories_of_the_pack_and_counts(client):
    make_category("roads", name_vi="Hạ tầng giao thông", name_en="Roads")
    make_report()
    catalogue = client.get("/api/v1/layers").json()
    layer = next(one for one in catalogue["layers"] if one["slug"] == "reports")
    assert layer["count"] == 1 and layer["audience"] == "public"
    fields = {field["name"]: field for field in layer["fields"]}
    titles = {choice["value"]: choice["title"]["vi"] for choice in fields["category_id"]["choices"]}
    assert titles == {"hygiene": "Vệ sinh môi trường", "roads": "Hạ tầng giao thông"}
    assert len(fields["state"]["choices"]) == 11


def test_kept_counts_follow_the_state_in_both_views():
    report = make_report()
    make_report()
    report.state = "resolved"
    report.save()
    for view in ("full", "public"):
        rows = GridCount.objects.filter(layer="reports", view=view, z=13)
        by = dict.fromkeys(rows.values_list("grp", flat=True), 0)
        for grp, n in rows.values_list("grp", "n"):
            by[grp] += n
        assert by == {"submitted": 1, "resolved": 1}


def test_both_places_are_indexed():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_indexes WHERE tablename = 'reports_report' "
            "AND indexdef LIKE '%gist%'"
        )
        assert cursor.fetchone()[0] >= 2


def test_reports_today_is_a_sentence_with_a_trend(django_assert_max_num_queries):
    make_report(emergency=True)
    make_report()
    operator = User.objects.create_user(username="op", password="x", role="operator")
    with django_assert_max_num_queries(4):
        (tile,) = layers.reports_today(operator)
    assert tile["value"] == 2 and tile["state"] == "severe"
    assert tile["text"]["vi"] == "2 phản ánh hôm nay, 1 khẩn"
    assert len(tile["trend"]) == 24 and tile["trend"][-1] == 2


def test_the_admin_shows_a_report_with_its_map(admin_client):
    report = make_report()
    page = admin_client.get(f"/admin/reports/report/{report.pk}/change/")
    assert page.status_code == 200 and b"leaflet" in page.content
    assert admin_client.get("/admin/reports/report/").status_code == 200
    assert admin_client.get("/admin/reports/category/").status_code == 200


def test_a_pack_retires_what_it_no_longer_has():
    from geo.packs.report import Report as PackReport
    from ioc.reports.pack import import_part

    class Pack:
        def table(self, name):
            from geo.packs.tables import Table

            row = {"code": "roads", "name_vi": "Đường", "name_en": "Roads"}
            return Table(
                name, rows=[row | {"icon": "car", "color": "", "agency": "", "order": None}]
            )

    said = PackReport()
    for _again in range(2):
        import_part(Pack(), said)
    assert list(Category.objects.filter(active=True).values_list("pk", flat=True)) == ["roads"]
    assert not Category.objects.get(pk="hygiene").active
    assert Report.objects.count() == 0 and said.counts == {"categories.csv": 2}


def test_pages_stand_without_an_account():
    for address in ("/", "/r/HUE-2222-22"):
        page = Client().get(address)
        assert page.status_code == 200 and "csrftoken" in page.cookies
