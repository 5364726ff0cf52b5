"""What may be the same thing: for staff by the exact place, for the public by what is public."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from geo.crs import snap_to_grid, to_lonlat, to_metric
from geo.models import District
from ioc.reports.duplicates import Spot, likeness, near
from ioc.reports.models import Report
from tests.reports.factories import HERE, make_agency, make_category

NAMES = iter(range(10_000))


def away(east_m, north_m=0.0):
    x, y = to_metric(*HERE)
    return to_lonlat(x + east_m, y + north_m)


def put(east_m=0.0, days=0.0, **changes):
    lon, lat = away(east_m)
    return Report.objects.bulk_create([Report(**({
        "code": f"D{next(NAMES):07}", "client_key": uuid4(), "h3": 0, "category_id": "hygiene",
        "geom": Point(lon, lat, srid=4326),
        "geom_public": Point(*snap_to_grid(lon, lat), srid=4326),
        "received_at": timezone.now() - timedelta(days=days), "words": "Rác chất đống đầu hẻm",
    } | changes))])[0]  # fmt: skip


def here(**changes):
    return Spot(**({"lon": HERE[0], "lat": HERE[1], "category": "hygiene"} | changes))


def found(spot, public=False, **more):
    return [one.report.pk for one in near(spot, user_public=public, **more)]


def test_words_that_say_the_same_are_alike_in_any_spelling():
    shared, alike = likeness("Rác chất ĐỐNG đầu hẻm", "rac chat dong o dau hem 12")
    assert shared == ["rác", "chất", "đống", "đầu"]
    assert alike > 0.8
    assert likeness("Cống nghẹt, ngập", "Đánh nhau ban đêm")[1] < 0.3
    assert likeness("", "rác") == ([], None)


def test_the_likeliest_comes_first_and_says_why(city, django_assert_num_queries):
    make_category("traffic")
    near_one, far = put(20, words="Rác đầu hẻm chất cao"), put(200)
    put(400)  # too far
    put(20, days=90)  # too old
    put(20, closed_at=timezone.now(), state="resolved")
    put(20, category_id="traffic", words="Ổ gà")  # near, yet another matter
    put(20, moderation="held", on_map=False)
    near(here(), user_public=False)  # names are read once and kept
    with django_assert_num_queries(3):
        result = near(here(words="rac chat dong dau hem"), user_public=False)
    assert [one.report.pk for one in result] == [near_one.pk, far.pk]
    assert result[0].score > result[1].score
    assert result[0].why.en.startswith("20 m away; same category; today; same words: rac")
    assert 19 < result[0].distance_m < 21


def test_another_category_with_the_same_words_is_still_found(city):
    make_category("urban")
    same = put(10, category_id="urban", words="Rác chất đống đầu hẻm")
    assert found(here(words="Rác chất đống đầu hẻm")) == [same.pk]


def test_a_report_is_not_its_own_duplicate(city):
    one, other = put(), put(5)
    assert [c.report.pk for c in near(one, user_public=False)] == [other.pk]
    mine = Report.objects.filter(pk=one.pk)
    assert near(one, user_public=False, among=mine) == []


def test_the_public_learns_no_exact_place_and_no_unpublished_word(city):
    """Whatever a stranger asks, two reports of one square look the same but for public words."""
    x, y = to_metric(*HERE)
    middle = to_metric(*snap_to_grid(*HERE))
    left, right = put(middle[0] - x - 80), put(middle[0] - x + 80, words="Dây điện đứt")
    put(on_map=False)
    assert left.geom_public.coords == right.geom_public.coords
    for east_m in (-300, -120, 0, 120, 300):
        lon, lat = away(east_m)
        spot = here(lon=lon, lat=lat, words="Rác chất đống đầu hẻm")
        answers = {
            (one.score, one.why, one.distance_m)
            for one in near(spot, user_public=True)
            if one.report.pk in {left.pk, right.pk}
        }
        assert len(answers) <= 1
    Report.objects.filter(pk=right.pk).update(words_public="Rác chất đống đầu hẻm")
    first = near(here(words="Rác chất đống đầu hẻm"), user_public=True)[0]
    assert first.report.pk == right.pk
    assert "m away" not in first.why.en


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_than_asked_for(city, limit):
    for place in range(5):
        put(place)
    assert len(near(here(), user_public=True, limit=limit)) == limit


def test_lines_of_the_publics_lists_are_read_whole(city, client, django_assert_max_num_queries):
    district, agency = District.objects.get(), make_agency()
    for place in range(5):
        put(place, district=district, agency=agency, words_public="Rác", me_too=2)
    where = f"lon={HERE[0]}&lat={HERE[1]}&category=hygiene"
    client.get("/api/v1/reports/public")  # names are read once and kept
    for address in (f"nearby?{where}", "public"):
        with django_assert_max_num_queries(4):
            answer = client.get(f"/api/v1/reports/{address}").json()
        lines = answer if address.startswith("nearby") else answer["reports"]
        assert len(lines) == 5
        for line in lines:
            assert (line["district"]["code"], line["agency"]["code"]) == (district.code, "cleaning")
            assert (line["words"], line["me_too"], line["category"]["code"]) == (
                "Rác",
                2,
                "hygiene",
            )
