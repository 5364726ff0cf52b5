import pytest
from django.core.cache import caches

from ioc.reports import photos
from tests.reports.factories import make_category, make_city, make_district


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A photo may take long to draw where a machine is busy with other tests too."""
    monkeypatch.setattr(photos, "WALL_TIME_S", 60)


@pytest.fixture
def city(db, settings):
    """A city with one ward and one category, and caches that begin empty.

    No proof of work is asked for: `test_proof` looks at that.
    """
    settings.IOC_REPORTS_PROOF = 0
    for name in settings.CACHES:
        caches[name].clear()
    make_district()
    make_category()
    return make_city()
