"""Where signing in leads, by role."""

import pytest
from django.test import Client

from ioc.accounts.models import User


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("fisheries_officer", "/fleet/"), ("agency_officer", "/desk/"), ("operator", "/wall/"),
        ("planner", "/plan/"), ("administrator", "/wall/"), ("citizen", "/"),
    ],
)  # fmt: skip
def test_everybody_lands_where_they_work(db, role, place):
    client = Client()
    client.force_login(
        User.objects.create_user(f"is-{role}", role=role), "ioc.accounts.backends.RoleBackend"
    )
    assert client.get("/welcome/")["Location"] == place
    assert client.get(place).status_code == 200
