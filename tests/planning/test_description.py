"""Whatever the description of the API lets one send is answered, and never beyond one's rights."""

import contextlib
import json
from functools import cache
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck
from schemathesis.core.errors import SerializationNotPossible

from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.api import api
from layers.ogc import openapi
from tests.planning.described import make_world

pytestmark = [
    pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("one_connection"),
]  # fmt: skip
EXAMPLES = 3
ROLES = [None, *Role.values]
HERE = "http://testserver"
RIGHTS = {
    "plan/": {"planning.use_plan"},
    "incidents/": {"incidents.change_incident"},
    "billboards/": {"billboards.view_billboard"},
    "reports/setup": {"reports.set_up"},
    "reports/desk/": {"reports.work_report", "reports.view_report"},
    "vision/": {"vision.view_camera"},
    "cameras/": {"vision.view_camera", "vision.view_cameraevent"},
    "vessels/": {"vessels.view_vessel"},
    "flood/terrains": {"environment.view_floodzone"},
    "flood/zones/": {"environment.change_floodzone"},
    "environment/stations/{code}/overrule": {"environment.change_observation"},
}
"""Beginnings of addresses and what one of must be held for them to succeed: the longest counts."""


@cache
def operations(part: str) -> list[Any]:
    described = schemathesis.openapi.from_dict(api.get_openapi_schema())
    found = [result.ok() for result in described.get_all_operations()]
    return [one for one in found if part_of(one.path) == part]


def part_of(path: str) -> str:
    return path.removeprefix("/api/v1/").partition("/")[0]


PARTS = sorted({part_of(path) for path in api.get_openapi_schema()["paths"]})


def address(parts):
    """The path and query of a request, written as its sender writes them."""
    given = {"params": parts.get("params"), "method": "GET", "url": parts["url"]}
    return requests.Request(**given).prepare().url.removeprefix(HERE)


def sent(client, case):
    """The answer to a generated request through Django's own client; nothing of it stays."""
    parts = case.as_transport_kwargs(base_url=HERE)
    body, headers = b"", dict(parts.get("headers") or {})
    if parts.get("json") is not None:
        body = json.dumps(parts["json"], default=str).encode()
        headers["Content-Type"] = "application/json"
    elif isinstance(parts.get("data"), bytes | str):
        body = parts["data"]
    with transaction.atomic():
        answer = client.generic(
            parts["method"],
            address(parts),
            body,
            content_type=headers.pop("Content-Type", "application/json"),
        )
        if answer.streaming:
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return answer


def wrong(user, case, status):
    """What is wrong with an answer, or nothing."""
    if status >= 500 and status != 503:
        return "broke"
    if status >= 400:
        return ""
    if user is None and case.operation.definition.raw.get("security"):
        return "open to everybody"
    path = case.operation.path.removeprefix("/api/v1/")
    needed = max((start for start in RIGHTS if path.startswith(start)), key=len, default=None)
    if needed and not any(user and user.has_perm(one) for one in RIGHTS[needed]):
        return "open to who may not"
    return ""


def named(case, there):
    """The request about what there is, or nothing if it names nothing."""
    path, found = case.operation.path.removeprefix("/api/v1/"), {}
    for name in case.path_parameters or {}:
        fitting = [key for key in there if key.endswith(f".{name}") and
                   path.startswith(key.removesuffix(f".{name}"))]  # fmt: skip
        if fitting:
            found[name] = there[max(fitting, key=len)]
    if not found:
        return None
    return case.operation.Case(
        method=case.method, path_parameters={**case.path_parameters, **found}, query=case.query,
        body=case.body, media_type=case.media_type, headers=case.headers, cookies=case.cookies,
    )  # fmt: skip


def asking(operation, look):
    """Sends some requests of an operation and has each looked at."""

    @hypothesis.settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=operation.as_strategy())
    def ask(case):
        look(case)

    with contextlib.suppress(SerializationNotPossible):  # a film, which no description can make
        ask()


def signed_in(role):
    client = Client(raise_request_exception=False)
    user = User.objects.create_user(f"d-{role}", role=role) if role else None
    if user:
        client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client, user


@pytest.fixture
def there(tmp_path, settings):
    return make_world(tmp_path, settings)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("role", ROLES)
def test_every_request_of_the_description_is_answered(role, part, there):
    client, user = signed_in(role)
    found, asked = set(), []

    def look(case):
        for one in filter(None, (case, named(case, there))):
            status = sent(client, one).status_code
            asked.append(status)
            if trouble := wrong(user, one, status):
                found.add((trouble, one.method, one.operation.path, status))

    for operation in operations(part):
        asking(operation, look)
    assert len(asked) >= len(operations(part))
    assert sorted(found) == []


@pytest.mark.parametrize("role", ROLES)
def test_every_request_of_the_ogc_description_is_answered(role, there):
    client, user = signed_in(role)
    described = schemathesis.openapi.from_dict(openapi.describe(f"{HERE}/ogc", user))
    found = set()

    def look(case):
        status = sent(client, case).status_code
        if status >= 500 and status != 503:
            found.add((case.operation.path, status))

    for result in described.get_all_operations():
        asking(result.ok(), look)
    assert sorted(found) == []
