"""What processes remember is never older than what is written."""

import threading

import pytest
from django.contrib.gis.geos import Polygon
from django.db import connection, transaction

from geo import crs, reference
from geo.models import City
from ioc.reports.models import Category

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    return Category.objects.create(code="noise", name_vi="Tiếng ồn", name_en="Noise")


def named() -> str:
    return reference.now().get("noise", lambda: Category.objects.get(pk="noise").name_vi)


def test_asks_once_while_nothing_is_written(
    category: Category, django_assert_num_queries: object
) -> None:
    assert named() == "Tiếng ồn"
    with django_assert_num_queries(1):  # the number alone
        assert named() == "Tiếng ồn"
    with reference.held(), django_assert_num_queries(0):
        assert named() == "Tiếng ồn"


def test_any_way_of_writing_is_seen_at_once(category: Category) -> None:
    assert named() == "Tiếng ồn"
    Category.objects.filter(pk="noise").update(name_vi="Ồn ào")
    assert named() == "Ồn ào"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_category SET name_vi = 'Ồn' WHERE code = 'noise'")
    assert named() == "Ồn"


def test_what_was_undone_is_forgotten(category: Category) -> None:
    assert named() == "Tiếng ồn"
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Category.objects.filter(pk="noise").update(name_vi="sai")
        assert named() == "sai"
        raise ZeroDivisionError
    assert named() == "Tiếng ồn"
    Category.objects.filter(pk="noise").update(name_vi="đúng")
    assert named() == "đúng"


def test_the_city_is_the_one_that_is_active() -> None:
    assert crs.city() is None
    box = Polygon.from_bbox((107, 16, 108, 17))
    here = City.objects.create(slug="hue", name_vi="Huế", name_en="Hue", bounds=box)
    assert crs.city() == here
    City.objects.update(active=False)
    assert crs.city() is None


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_has_not_committed_changes_nothing_for_others(category: Category) -> None:
    seen: list[str] = []

    def other_process() -> None:
        seen.append(named())
        connection.close()

    with transaction.atomic():
        Category.objects.filter(pk="noise").update(name_vi="mới")
        thread = threading.Thread(target=other_process)
        thread.start()
        thread.join()
        assert named() == "mới"
    assert seen == ["Tiếng ồn"]
    assert named() == "mới"
