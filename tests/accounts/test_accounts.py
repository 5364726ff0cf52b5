import json
import stat
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from geo.errors import Refused
from ioc.accounts import queries
from ioc.accounts.actions import ensure_demo_accounts, make_token
from ioc.accounts.models import ApiToken, User
from ioc.accounts.queries import user_of_token
from ioc.accounts.roles import Role

pytestmark = pytest.mark.django_db


def test_demo_accounts_keep_their_passwords_and_the_file_is_private(tmp_path):
    path = tmp_path / "demo.json"
    first = ensure_demo_accounts(path)
    assert set(first) == set(Role.values)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ensure_demo_accounts(path) == first == json.loads(path.read_text())
    assert User.objects.get(username="operator").check_password(first["operator"])
    path.unlink()
    assert ensure_demo_accounts(path)["operator"] != first["operator"]


def test_a_demo_name_that_a_person_took_is_left_alone(tmp_path):
    User.objects.create_user("operator", password="mine")
    assert "operator" not in ensure_demo_accounts(tmp_path / "demo.json")
    assert User.objects.get(username="operator").check_password("mine")


def test_a_token_opens_what_its_owner_may_and_ends_when_revoked():
    user = User.objects.create_user("may", role=Role.OPERATOR)
    key = make_token(user=user, name="test", permissions=["reports.add_synthetic"])
    assert key not in json.dumps(list(ApiToken.objects.values()), default=str)
    found = user_of_token(key)
    assert found == user
    assert found.has_perm("vessels.view_vessel")
    assert found.has_perm("reports.add_synthetic")
    assert not user.has_perm("reports.add_synthetic")
    answer = Client().get("/api/v1/incidents", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert user_of_token(key) is None
    ApiToken.objects.update(expires_at=None, revoked_at=timezone.now())
    assert user_of_token(key) is None
    assert user_of_token("ioc_wrong") is None


def test_a_token_carries_no_right_that_is_not_for_machines():
    user = User.objects.create_user("may")
    with pytest.raises(Refused):
        make_token(user=user, name="test", permissions=["accounts.delete_user"])


def test_what_the_admin_gives_beside_a_role_counts_at_once_and_ends_at_once():
    def may() -> bool:
        return User.objects.get(pk=user.pk).has_perm("reports.moderate_report")

    user = User.objects.create_user("may", role=Role.AGENCY_OFFICER)
    permission = Permission.objects.get(codename="moderate_report")
    group = Group.objects.create(name="moderators")
    assert not may()
    user.user_permissions.add(permission)
    assert may()
    user.user_permissions.clear()
    assert not may()
    user.groups.add(group)
    assert not may()
    group.permissions.add(permission)
    assert may()
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not may()
    user.groups.clear()
    User.objects.filter(pk=user.pk).update(is_active=True, is_superuser=True)
    assert may()


def test_who_has_only_a_role_is_looked_up_nowhere(django_assert_num_queries):
    users = [User.objects.create_user(f"may{n}", role=Role.AGENCY_OFFICER) for n in range(2)]
    assert not users[0].has_perm("reports.moderate_report")
    with django_assert_num_queries(1):  # whether what is kept still stands
        assert not users[1].has_perm("reports.moderate_report")
        assert not users[1].has_perm("reports.change_report")


def test_too_many_with_more_than_a_role_are_not_kept(monkeypatch):
    monkeypatch.setattr(queries, "KEPT", 1)
    permission = Permission.objects.get(codename="moderate_report")
    users = [User.objects.create_user(f"may{n}") for n in range(3)]
    for user in users[:2]:
        user.user_permissions.add(permission)
    may = [user.has_perm("reports.moderate_report") for user in User.objects.order_by("pk")]
    assert may == [True, True, False]


def test_the_command_says_who_is_known(capsys):
    User.objects.create_user("may")
    call_command("token", "may")
    assert capsys.readouterr().out.startswith("ioc_")
    with pytest.raises(CommandError, match="known: may"):
        call_command("token", "mai")


@pytest.mark.parametrize("role", Role.values)
def test_roles_see_the_layers_that_are_theirs(role):
    user = User.objects.create_user("x", role=role)
    fleet = role in {"operator", "fisheries_officer", "administrator"}
    assert user.has_perm("vessels.view_vessel") == fleet
    assert user.has_perm("auth.add_group") == (role == "administrator")


def test_a_person_can_register_and_is_a_citizen():
    form = {
        "email": "an@example.org", "username": "an",
        "password1": "mot-mat-khau-dai", "password2": "mot-mat-khau-dai",
    }  # fmt: skip
    answer = Client().post("/accounts/signup/", form)
    assert answer.status_code == 302
    assert User.objects.get(username="an").role == Role.CITIZEN
