from pathlib import Path

import pytest
from django.core.cache import cache

from tests.reports.factories import make_category, make_city, make_district


@pytest.fixture
def city(db, settings, tmp_path: Path):
    """A city with one ward and one category, with photos kept in a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    make_district()
    make_category()
    return make_city()
