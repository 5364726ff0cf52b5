import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from geo.models import Place
from geo.text import Text
from layers.publisher import keep_partitions
from layers.registry import Choice, Field, Layer, Style, registered


def places(user):
    return Place.objects.all()


def make_layer(**changes):
    """A layer over places, so that the spine is tested without any feature app."""
    given = {
        "slug": "test-places",
        "title": Text("Thử", "Test"),
        "geometry": "point",
        "queryset": places,
        "permission": "",
        "fields": (
            Field("name_vi", Text("Tên", "Name")),
            Field(
                "kind",
                Text("Loại", "Kind"),
                "choice",
                choices=(Choice("a", Text("A", "A"), "#fff"), Choice("b", Text("B", "B"))),
                filter=True,
            ),
            Field("rank", Text("Hạng", "Rank"), "number"),
        ),
        "title_field": "name_vi",
        "time_field": "none",
        "style": Style(kind="event", color="#ffffff", by="kind"),
        "search_fields": ("name_vi",),
        "live": True,
    }
    return Layer(**(given | changes))


@pytest.fixture
def layer():
    with registered(make_layer()) as made:
        yield made


@pytest.fixture
def hidden_layer():
    with registered(make_layer(slug="test-hidden", permission="vessels.view_vessel")) as made:
        yield made


def make_place(lon, lat, n=0, kind="a", **changes):
    place = Place(
        key=changes.pop("key", f"{lon}:{lat}:{n}"),
        kind=kind,
        name_vi=changes.pop("name_vi", f"Nơi {n}"),
        geom=Point(lon, lat, srid=4326),
        **changes,
    )
    place.save()
    return place


@pytest.fixture
def clean_spine(transactional_db):
    """Published tables are not Django's to flush: emptied here before each test that publishes."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE layers_change, layers_replay, layers_publisherstate")
    keep_partitions()
