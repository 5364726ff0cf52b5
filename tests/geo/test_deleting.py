"""Much is deleted in parts."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from geo.deleting import delete_in_parts
from geo.models import Place
from tests.layers.conftest import make_place


def test_all_that_is_asked_for_goes_in_parts_and_nothing_else(db):
    for number in range(25):
        make_place(107.5, 16.4, number, kind="a" if number < 23 else "b")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert delete_in_parts(Place.objects.filter(kind="a").order_by("name_vi"), 10) == 23
    assert sum(q["sql"].startswith("DELETE") for q in asked) == 3
    assert Place.objects.count() == 2
    assert delete_in_parts(Place.objects.filter(kind="a")) == 0
