"""Who answers a report, and why: rules refused when saved, loud when they break, tried first."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from geo.crs import snap_to_grid
from geo.errors import Refused
from geo.models import District, Notice, Place
from ioc.accounts.models import Agency
from ioc.reports import routing
from ioc.reports.conditions import Conditions, Subject, compiled
from ioc.reports.models import Report, RoutingRule
from ioc.reports.shadows import contains
from ioc.reports.tryout import try_rule
from ioc.reports.wording import as_text, covers, is_in
from tests.reports.factories import HERE, make_category

NIGHT = datetime(2026, 11, 21, 23, 30)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[107.5, 16.4], [107.7, 16.4], [107.7, 16.5], [107.5, 16.5], [107.5, 16.4]]],
}
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[107.5, 16.4], [107.7, 16.5], [107.7, 16.4], [107.5, 16.5], [107.5, 16.4]]],
}


def subject(**changes):
    values = {
        "code": "HUE-2222-22", "lon": HERE[0], "lat": HERE[1], "ward": "thuan-hoa",
        "category": "hygiene", "words": "Cáp viễn thông rơi xuống đường",
        "emergency": False, "local_at": NIGHT,
    }  # fmt: skip
    values |= changes
    return Subject(text=as_text(values["words"]), **values)


def fits(conditions, **changes):
    return compiled(Conditions.model_validate(conditions)).fits([subject(**changes)])[0]


@pytest.mark.parametrize(
    ("conditions", "changes", "expected"),
    [
        ({}, {}, True),
        ({"wards": ["thuan-hoa"]}, {}, True),
        ({"wards": ["thuan-hoa"]}, {"ward": None}, False),
        ({"categories": ["traffic"]}, {}, False),
        ({"words": ["day dien", "cap vien thong"]}, {}, True),
        ({"words": ["CÁP"]}, {"words": "Có cap treo thấp"}, True),
        ({"words": ["cap"]}, {"words": "Cấp cứu capo"}, True),  # "cấp" folds to "cap"
        ({"words": ["ap"]}, {}, False),  # whole words alone
        ({"emergency": True}, {}, False),
        ({"hours": ["22:00", "05:00"]}, {}, True),
        ({"hours": ["22:00", "05:00"]}, {"local_at": NIGHT.replace(hour=12)}, False),
        ({"hours": ["07:30", "11:30"]}, {"local_at": NIGHT.replace(hour=11)}, False),
        ({"weekdays": [5]}, {}, True),
        ({"weekdays": [0, 1]}, {}, False),
    ],
)
def test_one_condition_at_a_time(conditions, changes, expected):
    assert fits(conditions, **changes) is expected


@pytest.mark.parametrize(
    ("phrase", "words", "found"),
    [
        ("chợ", "Rác ở CHỢ Đông Ba", True),
        ("chợ", "rac o cho dong ba", True),
        ("chợ", "Chỗ này rác", False),
        ("cho", "Chỗ này rác", True),
        ("đường", "duong hong", True),
        ("đường", "dưỡng lão", False),
        ("hòa", "phường Thuận Hoà", True),  # the accent on another letter
        ("đèn đường", "đèn  ĐƯỜNG, hỏng", True),
        ("đèn đường", "đường đèn", False),
        ("cap", "capo", False),
        ("ngập", "nga\u0323\u0302p", True),  # typed letter by letter
    ],
)
def test_words_are_found_as_people_spell_them(phrase, words, found):
    assert is_in(phrase, words) is found
    assert not found or as_text(phrase) in as_text(words)


def test_a_bare_word_covers_accented_ones_and_not_the_other_way_round():
    assert covers("cho", "chợ lớn")
    assert not covers("chợ", "cho")
    assert covers("rác", "bãi rác")
    assert not covers("bãi rác", "rác")


@pytest.mark.parametrize(
    ("wider", "narrower", "shadow"),
    [
        ({}, {"words": ["rac"]}, True),
        ({"words": ["rac"]}, {}, False),
        ({"categories": ["a", "b"]}, {"categories": ["a"], "emergency": True}, True),
        ({"categories": ["a"]}, {"categories": ["a", "b"]}, False),
        ({"words": ["rac"]}, {"words": ["bãi rác", "rac thai"]}, True),
        ({"words": ["rác"]}, {"words": ["bãi rác", "cống"]}, False),
        ({"hours": ["22:00", "06:00"]}, {"hours": ["23:00", "02:00"]}, True),
        ({"hours": ["22:00", "06:00"]}, {"hours": ["23:00", "07:00"]}, False),
        ({"near": {"layer": "cameras", "metres": 100}},
         {"near": {"layer": "cameras", "metres": 50}}, True),
        ({"near": {"layer": "cameras", "metres": 50}},
         {"near": {"layer": "cameras", "metres": 100}}, False),
        ({"emergency": False}, {"emergency": True}, False),
        ({"weekdays": [5, 6]}, {"weekdays": [6]}, True),
    ],
)  # fmt: skip
def test_a_rule_that_holds_another_is_seen(wider, narrower, shadow):
    assert contains(Conditions(**wider), Conditions(**narrower)) is shadow


@pytest.fixture
def agencies(city):
    routing.forget()
    make_category("traffic", agency="works")
    return {
        code: Agency.objects.create(code=code, name_vi=f"Sở {code}", name_en=code.title())
        for code in ("works", "power", "police")
    }


def make_rule(agency, order=10, **conditions):
    return RoutingRule.objects.create(
        order=order, name=f"Rule {order}", conditions=conditions, agency=agency, live=True
    )


def put(number=1, **changes):
    """Reports as rows, older by an hour each."""
    now = timezone.now()
    values = {"category_id": "hygiene", "words": "Rác", "district": District.objects.first()}
    made = []
    for index in range(number):
        report = Report(
            code=f"T{changes.get('prefix', 'A')}{index:06}", client_key=uuid4(),
            geom=Point(*HERE, srid=4326), geom_public=Point(*snap_to_grid(*HERE), srid=4326),
            h3=0, received_at=now - timedelta(hours=index),
            **(values | {k: v for k, v in changes.items() if k != "prefix"}),
        )  # fmt: skip
        made.append(report)
    Report.objects.bulk_create(made)
    return Report.objects.select_related("district", "category").order_by("-pk")[0]


@pytest.mark.parametrize(
    ("conditions", "field"),
    [
        ({"wards": ["atlantis"]}, "wards"),
        ({"categories": ["unheard-of"]}, "categories"),
        ({"area": BOW_TIE}, "area"),
        ({"area": {"type": "Point", "coordinates": [107.5, 16.4]}}, "area"),
        ({"area": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}, "area"),
        ({"area": {"type": "Polygon", "coordinates": [[[1, 2], [3]]]}}, "area"),
        ({"near": {"layer": "no-such-layer", "metres": 10}}, "near"),
        ({"near": {"layer": "place:unknown", "metres": 10}}, "near"),
        ({"near": {"layer": "wards", "metres": float("nan")}}, "near"),
        ({"near": {"layer": "wards", "metres": -5}}, "near"),
        ({"words": ["  "]}, "words"),
        ({"words": ["!!!"]}, "words"),
        ({"hours": ["7:30", "11:30"]}, "hours"),
        ({"hours": ["08:00", "08:00"]}, "hours"),
        ({"hours": ["08:00"]}, "hours"),
        ({"weekdays": [7]}, "weekdays"),
        ({"colour": "red"}, "colour"),
        ([], "all"),
        ({"words": "rác"}, "words"),
        (
            {"area": {"type": "Polygon", "coordinates": [[[float("nan"), 1], [2, 3], [4, 5]]]}},
            "area",
        ),
    ],
)
def test_a_broken_rule_is_refused_by_its_field(agencies, conditions, field):
    with pytest.raises(Refused) as refused:
        routing.check(conditions)
    assert list(refused.value.details["fields"]) == [f"conditions.{field}"]
    assert refused.value.status == 422


def test_the_first_live_rule_that_fits_decides_and_says_why(agencies):
    make_rule(agencies["police"], 5, emergency=True)
    wanted = make_rule(agencies["power"], 10, wards=["thuan-hoa"], words=["cáp"], area=SQUARE)
    make_rule(agencies["works"], 20)
    decision = routing.decide(put(words="Sợi cap rơi xuống"))
    assert (decision.agency_code, decision.rule_id) == ("power", wanted.pk)
    assert decision.reason.vi == "ở Thuận Hóa; trong vùng đã vẽ; có từ “cáp”"
    assert decision.record()["rule"] == {"id": wanted.pk, "name": "Rule 10"}
    assert decision.broken == []


def test_without_a_rule_the_category_answers_and_without_that_the_centre(agencies):
    RoutingRule.objects.create(name="draft", agency=agencies["police"], live=False)
    assert routing.decide(put(category_id="traffic", prefix="B")).agency_code == "works"
    undecided = routing.decide(put())
    assert undecided.agency_code is None
    assert "centre" in undecided.reason.en


def test_near_a_place_and_near_a_layer(agencies):
    Place.objects.create(
        key="s", kind="school", name_vi="Trường", geom=Point(HERE[0] + 0.0009, HERE[1], srid=4326)
    )  # 96 m to the east
    make_rule(agencies["police"], 1, near={"layer": "place:school", "metres": 90})
    wanted = make_rule(agencies["power"], 2, near={"layer": "place:school", "metres": 100})
    report = put()
    decision = routing.decide(report)
    assert decision.rule_id == wanted.pk
    assert "school" in decision.reason.en
    assert "100 m" in decision.reason.en
    make_rule(agencies["works"], 0, near={"layer": "wards", "metres": 1})
    assert routing.decide(report).agency_code == "works"


def test_a_rule_that_breaks_later_is_told_and_recorded_and_the_next_one_asked(agencies):
    broken = make_rule(agencies["police"], 1, wards=["thuan-hoa"])
    idle = make_rule(agencies["works"], 2)
    last = make_rule(agencies["power"], 3)
    District.objects.update(retired_at=timezone.now())
    Agency.objects.filter(code="works").update(active=False)
    decision = routing.decide(put())
    assert decision.rule_id == last.pk
    assert [one["id"] for one in decision.broken] == [broken.pk, idle.pk]
    assert "thuan-hoa" in decision.broken[0]["error"]["en"]
    assert "thuan-hoa" in Notice.objects.first().body_vi
    kinds = Notice.objects.values_list("kind", "severity")
    assert list(kinds) == [("report-rule-broken", "moderate")] * 2
    routing.decide(put(prefix="C"))
    assert Notice.objects.count() == 2  # once a day for each version of a rule


def test_a_shadowed_rule_is_pointed_out_by_ground_too(agencies):
    wide = make_rule(agencies["works"], 1, area=SQUARE)
    ward = make_rule(agencies["power"], 2, wards=["thuan-hoa"])
    free = make_rule(agencies["power"], 3, categories=["traffic"])
    found = routing.shadowed(RoutingRule.objects.all())
    assert [(rule, by) for rule, by, _why in found] == [(ward.pk, wide.pk)]
    assert "Rule 1" in found[0][2].en
    RoutingRule.objects.filter(pk=wide.pk).update(live=False)
    assert routing.shadowed(RoutingRule.objects.all()) == []
    assert free.live


def test_a_draft_is_tried_on_past_reports_and_changes_nothing(
    agencies, django_assert_max_num_queries
):
    make_rule(agencies["works"], 10, categories=["hygiene"])
    put(30, words="Rác")
    put(5, words="Dây cáp", prefix="B")
    put(2, category_id="traffic", words="cáp", prefix="D")
    with django_assert_max_num_queries(16):
        tried = try_rule({"words": ["cap"]}, agency_code="power", order=5)
    assert (tried["looked_at"], tried["matched"], tried["complete"]) == (37, 7, True)
    assert {(one["was"], one["would_be"]) for one in tried["changed"]} == {("works", "power")}
    assert tried["changed_count"] == 7
    behind = try_rule({"words": ["cap"]}, agency_code="power", order=99)
    assert (behind["matched"], behind["changed_count"]) == (7, 2)  # the first rule keeps the rest
    assert {one["code"][:2] for one in behind["sample"]} == {"TB", "TD"}
    assert try_rule({}, limit=10, agency_code="power")["looked_at"] == 10
    assert RoutingRule.objects.count() == 1


def test_what_is_tried_is_what_is_decided(agencies):
    make_rule(agencies["works"], 10, categories=["hygiene"], hours=["00:00", "12:00"])
    conditions = {"near": {"layer": "wards", "metres": 5}, "hours": ["06:00", "18:00"]}
    put(24)
    tried = try_rule(conditions, agency_code="power", order=1)
    rule = make_rule(agencies["power"], 1, **conditions)
    decided = {
        report.code
        for report in Report.objects.select_related("district", "category")
        if routing.decide(report).rule_id == rule.pk
    }
    assert {one["code"] for one in tried["sample"] if one["matched"]} == decided
    assert 0 < len(decided) < 24
