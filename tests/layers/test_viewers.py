"""Who asks for tiles and streams is known with what they may, before anything asks in async."""

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import Client, RequestFactory

from ioc.accounts.models import User
from layers.viewers import aviewer


@pytest.mark.django_db
def test_a_permission_that_is_missing_is_known_without_the_database(monkeypatch) -> None:
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    officer = User.objects.create_user("mai", role="agency_officer")
    client = Client()
    client.force_login(officer, "ioc.accounts.backends.RoleBackend")
    request = RequestFactory().get("/live/")
    name = settings.SESSION_COOKIE_NAME
    request.COOKIES[name] = client.cookies[name].value

    async def asked() -> tuple[bool, bool]:
        user = await aviewer(request)
        return user.has_perm("reports.work_report"), user.has_perm("reports.view_report")

    assert async_to_sync(asked)() == (True, False)
