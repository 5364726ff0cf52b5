from pathlib import Path

import pytest

from tests.reports.factories import make_category, make_city, make_district


@pytest.fixture
def city(db, settings, tmp_path: Path):
    """A city with one ward and one category, and caches that end with the test.

    No proof of work is asked for: `test_proof` looks at that.
    """
    settings.IOC_REPORTS_PROOF = 0
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {
        name: {"BACKEND": memory, "LOCATION": str(tmp_path / name)} for name in settings.CACHES
    }
    make_district()
    make_category()
    return make_city()
