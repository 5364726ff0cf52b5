from importlib import import_module

import pytest
from django.apps import apps

from environment.models import AirStandard
from ioc.accounts.actions import make_token
from ioc.accounts.models import User


@pytest.fixture(autouse=True)
def limits_of_the_law(request: pytest.FixtureRequest) -> None:
    """The dated limits are there: a test that emptied the database took them with it."""
    names = {"db", "transactional_db"}
    if request.node.get_closest_marker("django_db") or names & set(request.fixturenames):
        request.getfixturevalue("db")
        if not AirStandard.objects.exists():
            import_module("environment.migrations.0003_sensing").seed(apps, None)


@pytest.fixture
def token(db: None) -> str:
    """The key of a provider, who may register stations and send values."""
    user = User.objects.create_user("provider", role="citizen")
    rights = ["environment.add_observation", "environment.add_sensor"]
    return make_token(user=user, name="sta", permissions=rights)
