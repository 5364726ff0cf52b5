from importlib import import_module

import pytest
from django.apps import apps

from vessels.models import Threshold


@pytest.fixture(autouse=True)
def figures_of_the_law(request: pytest.FixtureRequest) -> None:
    """The dated thresholds are there: a test that emptied the database took them with it."""
    names = {"db", "transactional_db"}
    if request.node.get_closest_marker("django_db") or names & set(request.fixturenames):
        request.getfixturevalue("db")
        if not Threshold.objects.exists():
            import_module("vessels.migrations.0003_seed_thresholds").seed(apps, None)
            import_module("vessels.migrations.0006_events").seed(apps, None)
