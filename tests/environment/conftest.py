from importlib import import_module

import pytest
from django.apps import apps

from environment.models import AirStandard


@pytest.fixture(autouse=True)
def limits_of_the_law(request: pytest.FixtureRequest) -> None:
    """The dated limits are there: a test that emptied the database took them with it."""
    names = {"db", "transactional_db"}
    if request.node.get_closest_marker("django_db") or names & set(request.fixturenames):
        request.getfixturevalue("db")
        if not AirStandard.objects.exists():
            import_module("environment.migrations.0003_sensing").seed(apps, None)
