"""Pages of the desk's queue and of a person's own list: complete, in order, few queries."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ioc.accounts.models import Agency
from ioc.reports.models import Category, Follower, Report
from tests.reports.factories import make_agency, make_report, make_staff

pytestmark = pytest.mark.usefixtures("city")
QUEUE = "/api/v1/reports/desk/queue"


@pytest.fixture
def seven(city):
    """Seven open cases: four due in turn (two at the same moment), three with no running clock."""
    now = timezone.now()
    reports = [make_report() for _ in range(7)]
    for report, hours in zip(reports, (5, 1, 3, 3, None, None, None), strict=True):
        due_at = now + timedelta(hours=hours) if hours else None
        Report.objects.filter(pk=report.pk).update(next_due_at=due_at, next_warn_at=due_at)
    return [report.code for report in reports]


def test_pages_by_what_is_due_follow_on_one_another(client, seven):
    client.force_login(make_staff("operator"))
    found, cursor = [], ""
    for _page in range(4):
        said = client.get(QUEUE, {"view": "all", "limit": 2, "cursor": cursor}).json()
        found += [item["code"] for item in said["items"]]
        cursor = said["next"]
    a, b, c, d, *still = seven
    assert found == [b, c, d, a, *still] and cursor is None
    assert said["total"] == 7 and sum(said["bands"].values()) == 7


def test_a_page_costs_the_same_however_many_cases(client, seven, django_assert_max_num_queries):
    for most in (13, 8):  # names are read once and kept
        client.force_login(make_staff("operator"))
        with django_assert_max_num_queries(most):
            client.get(QUEUE, {"view": "all"})


def test_a_new_name_stands_in_every_list_at_once(client, seven):
    client.force_login(make_staff("operator"))
    for title in ("Rác thải", "Vệ sinh"):
        Category.objects.filter(pk="hygiene").update(name_vi=title)
        Agency.objects.filter(code=make_agency().code).update(name_vi=f"Đội {title}")
        Report.objects.update(agency=make_agency())
        for line in (
            *client.get(QUEUE, {"view": "all"}).json()["items"],
            *client.get("/api/v1/reports/public").json()["reports"],
        ):
            assert line["category"]["title"]["vi"] == title
            assert line["agency"]["title"]["vi"] == f"Đội {title}"


def test_what_has_no_ward_or_agency_is_listed_without(client, seven):
    client.force_login(make_staff("operator"))
    Report.objects.update(agency=None, district=None)
    items = client.get(QUEUE, {"view": "all"}).json()["items"]
    assert [(item["agency"], item["district"]) for item in items] == [(None, None)] * 7


def test_who_works_for_no_agency_has_an_empty_queue(client, seven):
    client.force_login(make_staff("agency_officer"))
    said = client.get(QUEUE, {"view": "team"}).json()
    assert (said["items"], said["total"]) == ([], 0) and not any(said["bands"].values())


def test_colleagues_share_a_count_and_their_own_views_do_not(client, seven):
    caches["local"].clear()
    one, two = make_staff("operator"), make_staff("administrator")
    Report.objects.filter(code=seven[0]).update(officer=one)
    totals = []
    for user in (one, two):
        client.force_login(user)
        totals.append(
            [client.get(QUEUE, {"view": view}).json()["total"] for view in ("all", "mine")]
        )
    assert totals == [[7, 1], [7, 0]]


def test_a_persons_list_holds_what_they_sent_and_follow_the_newest_first(client):
    person = make_staff("citizen")
    own, _others, followed = make_report(person), make_report(), make_report()
    for report in (own, followed):
        Follower.objects.create(report=report, key_digest=uuid.uuid4(), user=person)
    client.force_login(person)
    said = client.get("/api/v1/reports/mine").json()["reports"]
    assert [(one["code"], one["following"]) for one in said] == [
        (followed.code, True),
        (own.code, False),
    ]


def test_the_spatial_indexes_of_open_cases_hold_open_cases_alone(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'reports_open_%'"
            " AND indexdef LIKE '%USING gist%'"
        )
        made = [definition for (definition,) in cursor.fetchall()]
    assert len(made) == 2 and all("WHERE (closed_at IS NULL)" in one for one in made), made


@pytest.mark.parametrize(
    ("address", "index"),
    [
        ("/api/v1/reports/public?bbox=107,16,108,17&category=road&open=true", "reports_newest"),
        ("/api/v1/reports/public?overdue=true&since=2026-01-01", "reports_newest"),
        (f"{QUEUE}?view=triage&category=road&emergency=false", "reports_open_due"),
    ],
)
def test_a_page_is_found_by_an_index_alone(client, seven, address, index):
    client.force_login(make_staff("operator"))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    wanted = 'FROM "reports_report"'
    sql = next(one["sql"] for one in asked if wanted in one["sql"] and "LIMIT" in one["sql"])
    with connection.cursor() as cursor:
        for other in ("seqscan", "bitmapscan", "indexscan"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert re.search(rf"Index Only Scan (Backward )?using {index}\b", plan), plan
