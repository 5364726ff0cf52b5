"""What the centre sets up: who may, what is refused and why, and that nobody's work is lost."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ioc.accounts.models import Agency, User
from ioc.reports import routing
from ioc.reports.models import Category, RoutingRule, ServicePlan, WorkCalendar
from ioc.reports.terms import usual_plan
from tests.reports.factories import make_category, make_report

ROOT = "/api/v1/reports/setup"
HUE = ZoneInfo("Asia/Ho_Chi_Minh")
RULE = {"name": "Cáp", "agency": "power", "conditions": {"words": ["cáp"]}, "live": True}


@pytest.fixture
def operator(city, client):
    routing.forget()
    Agency.objects.create(code="power", name_vi="Điện lực", name_en="Power")
    Agency.objects.create(code="gone", name_vi="Cũ", name_en="Old", active=False)
    client.force_login(User.objects.create_user("op", role="operator", display_name="Lan"))
    return client


def call(client, method, path, **data):
    return getattr(client, method)(f"{ROOT}{path}", data, content_type="application/json")


def shown(client):
    return client.get(ROOT).json()


def add_rule(client, **changes):
    return call(client, "post", "/rules", values=RULE | changes)


@pytest.mark.parametrize(
    ("role", "status"),
    [("citizen", 403), ("agency_officer", 403), ("planner", 403), ("operator", 200),
     ("administrator", 200), (None, 401)],
)  # fmt: skip
def test_only_the_centre_sets_up(city, client, role, status):
    if role:
        client.force_login(User.objects.create_user(role, role=role))
    assert client.get(ROOT).status_code == status
    assert client.get(f"{ROOT}/wards").status_code == status
    assert client.get("/desk/setup/").status_code == (status if role else 302)
    assert call(client, "post", "/rules/try", conditions={}).status_code == status
    for method, path in (
        ("post", "/rules"), ("put", "/categories/hygiene"), ("put", "/plans/x"),
        ("put", "/calendars/x"), ("put", "/calendars/x/days/2026-01-01"), ("post", "/rules/order"),
        ("delete", "/calendars/x/days/2026-01-01"), ("post", "/calendars/x/probe"),
        ("put", "/rules/1"), ("delete", "/rules/1?version=x"),
    ):  # fmt: skip
        data = {"values": {}, "ids": [], "hours": -1}
        answer = call(client, method, path, **data)
        assert (answer.status_code in {401, 403}) == (status != 200), path


def test_a_rule_is_made_changed_ordered_and_removed(operator):
    first = add_rule(operator).json()
    assert first["conditions"] == {"words": ["cáp"]}
    second = add_rule(operator, name="Hai").json()
    assert second["order"] > first["order"]
    assert [one["rule"] for one in shown(operator)["shadows"]] == [second["id"]]
    path = f"/rules/{first['id']}"
    changed = call(operator, "put", path, values=RULE | {"live": False}, version=first["version"])
    assert changed.json()["changed_by"] == "Lan"
    assert shown(operator)["shadows"] == []
    stale = call(operator, "put", path, values=RULE, version=first["version"])
    assert stale.status_code == 409
    assert stale.json()["error"]["now"]["live"] is False
    ids = [second["id"], first["id"]]
    assert [r["id"] for r in call(operator, "post", "/rules/order", ids=ids).json()["rules"]] == ids
    assert call(operator, "post", "/rules/order", ids=ids[:1]).status_code == 409
    version = next(r for r in shown(operator)["rules"] if r["id"] == second["id"])["version"]
    assert operator.delete(f"{ROOT}/rules/{second['id']}?version=old").status_code == 409
    assert operator.delete(f"{ROOT}/rules/{second['id']}?version={version}").status_code == 200
    assert RoutingRule.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"agency": "nobody"}, "agency"),
        ({"agency": "gone"}, "agency"),
        ({"name": 5}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"note": None}, "note"),
        ({"agency": {"a": 1}}, "agency"),
        ({"conditions": [1]}, "conditions.all"),
        ({"conditions": {"words": [""]}}, "conditions.words"),
        ({"conditions": {"wards": ["x"]}}, "conditions.wards"),
        ({"conditions": {"area": {"type": "Polygon", "coordinates": []}}}, "conditions.area"),
    ],
)
def test_a_rule_that_cannot_be_kept_to_is_not_saved(operator, changes, field):
    answer = add_rule(operator, **changes)
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == [field]
    assert not RoutingRule.objects.exists()


def test_a_rule_that_broke_since_is_pointed_out_and_tried_over_http(operator):
    make_report(words="Dây cáp rơi")
    tried = call(operator, "post", "/rules/try", conditions={"words": ["cap"]}, agency="power")
    assert tried.json()["matched"] == 1
    assert tried.json()["changed"][0]["would_be"] == "power"
    bad = call(operator, "post", "/rules/try", conditions={"wards": ["x"]}, agency="power")
    assert list(bad.json()["error"]["fields"]) == ["conditions.wards"]
    rule = add_rule(operator).json()
    Agency.objects.filter(code="power").update(active=False)
    assert [one["rule"] for one in shown(operator)["broken"]] == [rule["id"]]


def test_a_category_is_not_retired_under_a_live_rule(operator):
    make_report()
    category = next(c for c in shown(operator)["categories"] if c["code"] == "hygiene")
    assert category["open_reports"] == 1
    add_rule(operator, conditions={"categories": ["hygiene"]})
    retire = {"values": category | {"active": False}, "version": category["version"]}
    refused = call(operator, "put", "/categories/hygiene", **retire)
    assert refused.status_code == 422
    assert "Cáp" in refused.json()["error"]["fields"]["active"]
    RoutingRule.objects.all().delete()
    assert call(operator, "put", "/categories/hygiene", **retire).json()["active"] is False
    assert not Category.objects.get(pk="hygiene").active
    assert call(operator, "put", "/categories/hygiene", **retire).status_code == 409


def test_a_new_category_and_what_is_wrong_with_one(operator):
    values = {"name_vi": "Cây xanh", "name_en": "Trees", "icon": "park", "color": "#00aa00"}
    made = call(operator, "put", "/categories/trees", values=values)
    assert made.json()["keywords"] == []
    assert call(operator, "put", "/categories/trees", values=values).status_code == 422
    wrong = call(operator, "put", "/categories/Tr ees",
                 values={"color": "red", "icon": "<b>", "plan": "x", "keywords": [""]})  # fmt: skip
    fields = set(wrong.json()["error"]["fields"])
    assert fields == {"code", "name_vi", "name_en", "icon", "color", "plan", "keywords"}


QUESTION = {
    "code": "SIZE", "datatype": "singlevaluelist", "required": True,
    "description": {"vi": "Cỡ?", "en": "Size?"},
    "values": [{"key": "s", "name": {"vi": "Nhỏ", "en": "Small"}}],
}  # fmt: skip


def test_questions_of_a_category_are_written_asked_and_read(operator, client):
    category = next(c for c in shown(operator)["categories"] if c["code"] == "hygiene")
    assert category["attributes"] == []
    asked = [QUESTION, {"code": "note", "datatype": "text", "description": {"vi": "Thêm?"}}]
    saved = call(operator, "put", "/categories/hygiene", version=category["version"],
                 values=category | {"attributes": asked}).json()  # fmt: skip
    assert [(one["code"], one["required"]) for one in saved["attributes"]] == [
        ("SIZE", True), ("note", False),
    ]  # fmt: skip
    assert saved["attributes"][1]["description"] == {"vi": "Thêm?", "en": "Thêm?"}
    stale = call(operator, "put", "/categories/hygiene", version=category["version"],
                 values=category)  # fmt: skip
    assert stale.status_code == 409
    # What somebody saves without naming the questions leaves them as they are.
    kept = {name: value for name, value in saved.items() if name != "attributes"}
    again = call(operator, "put", "/categories/hygiene", version=saved["version"], values=kept)
    assert again.json()["attributes"] == saved["attributes"]
    public = client.get("/api/v1/reports/categories").json()[0]
    assert public["attributes"][0]["values"] == QUESTION["values"]
    described = client.get("/open311/v2/services/hygiene.json").json()["attributes"]
    assert [one["order"] for one in described] == [1, 2]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"code": "a b"}, {"attributes.1.code"}),
        ({"code": "SIZE"}, {"attributes.1.code"}),
        ({"datatype": "photo"}, {"attributes.1.datatype"}),
        ({"description": {"vi": " "}}, {"attributes.1.description"}),
        ({"description": {"vi": "x" * 301}}, {"attributes.1.description"}),
        ({"datatype": "multivaluelist", "values": []}, {"attributes.1.values"}),
        ({"values": [QUESTION["values"][0]] * 2}, {"attributes.1.values"}),
        ({"values": [{"key": "a,b", "name": "x"}]}, {"attributes.1.values"}),
        ({"values": "<script>", "required": "x", "description": 5}, {"attributes.1.values"}),
    ],
)
def test_a_question_nobody_could_answer_is_not_saved(operator, change, fields):
    category = next(c for c in shown(operator)["categories"] if c["code"] == "hygiene")
    asked = [QUESTION, QUESTION | {"code": "B"} | change]
    answer = call(operator, "put", "/categories/hygiene", version=category["version"],
                  values=category | {"attributes": asked})  # fmt: skip
    assert answer.status_code == 422 and set(answer.json()["error"]["fields"]) == fields
    for no_list in (None, "x", {}, [5], [QUESTION] * 21):
        answer = call(operator, "put", "/categories/hygiene", version=category["version"],
                      values=category | {"attributes": no_list})  # fmt: skip
        assert set(answer.json()["error"]["fields"]) == {"attributes"}
    assert Category.objects.get(pk="hygiene").attributes == []


def test_a_plan_is_checked_and_kept_while_it_is_used(operator):
    usual = usual_plan()
    Category.objects.filter(pk="hygiene").update(plan=usual)
    plan = shown(operator)["plans"][0]
    assert plan["used_by"] == 1
    put = {"values": plan | {"resolve_h": 40.5}, "version": plan["version"]}
    assert call(operator, "put", "/plans/usual", **put).json()["resolve_h"] == 40.5
    assert call(operator, "put", "/plans/usual", **put).status_code == 409
    plan = shown(operator)["plans"][0]
    wrong = plan | {
        "active": False, "resolve_h": 0, "warn_share": 1, "answer_days": 0.5, "calendar": "x",
        "escalations": [{"clock": "x", "share": 1, "to": "agency"}],
    }  # fmt: skip
    answer = call(operator, "put", "/plans/usual", values=wrong, version=plan["version"])
    assert set(answer.json()["error"]["fields"]) == {
        "active", "resolve_h", "warn_share", "answer_days", "calendar", "escalations",
    }  # fmt: skip
    assert ServicePlan.objects.get().resolve_h == 40.5


def test_the_usual_plan_is_used_by_all_that_name_none(operator):
    usual = usual_plan()
    make_category("traffic")
    make_category("retired", active=False)
    other = ServicePlan.objects.create(
        code="fast", name_vi="Nhanh", name_en="Fast", calendar=usual.calendar, active=False
    )
    make_category("lamps", plan=other)  # a plan that is switched off counts as none
    plans = {one["code"]: one for one in shown(operator)["plans"]}
    assert (plans["usual"]["used_by"], plans["fast"]["used_by"]) == (3, 0)
    off = {"values": plans["usual"] | {"active": False}, "version": plans["usual"]["version"]}
    answer = call(operator, "put", "/plans/usual", **off)
    assert set(answer.json()["error"]["fields"]) == {"active"}


def test_a_calendar_its_days_and_the_probe(operator):
    usual_plan()
    calendar = shown(operator)["calendars"][0]
    days = {one["day"]: one for one in calendar["days"]}
    assert days["2026-08-22"]["working"] and days["2026-08-22"]["national"]
    assert not days["2026-09-02"]["working"]
    start = datetime(2026, 11, 27, 16, 0, tzinfo=HUE)  # a Friday, an hour before the end

    def ends(**values):
        asked = {"values": values, "hours": 8, "start": start.isoformat()}
        return datetime.fromisoformat(
            call(operator, "post", "/calendars/office/probe", **asked).json()["end"]
        ).astimezone(HUE)

    assert ends() == datetime(2026, 11, 30, 16, 30, tzinfo=HUE)
    week = [[["08:00", "18:00"]]] * 7
    assert ends(hours=week) == datetime(2026, 11, 28, 14, 0, tzinfo=HUE)  # as in the form
    off = {"values": {"working": False, "name_vi": "Nghỉ", "name_en": "Off"}}
    saved = call(operator, "put", "/calendars/office/days/2026-11-30", **off).json()
    assert any(one["day"] == "2026-11-30" and not one["national"] for one in saved["days"])
    assert ends() == datetime(2026, 12, 1, 16, 30, tzinfo=HUE)
    assert operator.delete(f"{ROOT}/calendars/office/days/2026-11-30").status_code == 200
    assert ends() == datetime(2026, 11, 30, 16, 30, tzinfo=HUE)
    bad = {"values": {"working": True, "hours": [["10:00", "09:00"]]}}
    assert (
        "hours"
        in call(operator, "put", "/calendars/office/days/2026-11-30", **bad).json()["error"][
            "fields"
        ]
    )
    wrong = call(operator, "put", "/calendars/office", version=calendar["version"],
                 values=calendar | {"time_zone": "Mars/Base"})  # fmt: skip
    assert list(wrong.json()["error"]["fields"]) == ["time_zone"]
    own = call(operator, "put", "/calendars/night", values={
        "name_vi": "Đêm", "name_en": "Night", "time_zone": "Asia/Ho_Chi_Minh",
        "hours": [[["18:00", "24:00"]]] * 7, "holidays": ""})  # fmt: skip
    assert own.json()["days"] == []
    assert WorkCalendar.objects.count() == 2


def test_the_screen_asks_few_questions(operator, django_assert_max_num_queries):
    for number in range(12):
        make_category(f"c{number}")
        add_rule(operator, name=f"r{number}", conditions={"categories": [f"c{number}"]})
    with django_assert_max_num_queries(60):
        found = shown(operator)
    assert found["suggestion"]["synthetic"] is True
    assert found["suggestion"]["facts"]["held_back"]["accuracy"] > 0.5
    assert {one["slug"] for one in found["layers"]} >= {"wards", "cameras"}
