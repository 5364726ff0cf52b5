"""Tokens and demo accounts."""

import json
import os
import secrets
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.accounts.models import ApiToken, User, digest
from ioc.accounts.roles import MACHINE_PERMISSIONS, Role

DEMO_NAMES = {
    Role.CITIZEN: "Công dân (demo)",
    Role.AGENCY_OFFICER: "Cán bộ đơn vị (demo)",
    Role.OPERATOR: "Trực ban IOC (demo)",
    Role.PLANNER: "Chuyên viên quy hoạch (demo)",
    Role.FISHERIES_OFFICER: "Kiểm ngư (demo)",
    Role.ADMINISTRATOR: "Quản trị (demo)",
}


def make_token(
    *, user: User, name: str, days: int | None = 365, permissions: list[str] | None = None
) -> str:
    """A new key for a person's programs; it cannot be read again.

    Raises:
        Refused: if a permission is asked for that tokens may not carry.
    """
    extra = sorted(set(permissions or []))
    if unknown := set(extra) - MACHINE_PERMISSIONS:
        raise Refused("bad-permission", _("a token cannot carry: ") + ", ".join(sorted(unknown)))
    key = ApiToken.new_key()
    ApiToken.objects.create(
        user=user,
        name=name,
        hash=digest(key),
        hint=key[:8],
        permissions=extra,
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    return key


@transaction.atomic
def ensure_demo_accounts(path: Path) -> dict[str, str]:
    """User names and passwords of the demo accounts, one a role, written to ``path`` (mode 600).

    An account that is in the file already keeps its password; a missing file makes new ones, and
    so does a file of another database. Checking a password is slow on purpose: one stands for all.
    """
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    first = User.objects.filter(username__in=Role.values, demo=True).first()
    if first is None or not first.check_password(known.get(first.username, "")):
        known = {}
    accounts: dict[str, str] = {}
    for role in Role:
        user, created = User.objects.get_or_create(
            username=role.value,
            defaults={"role": role, "display_name": DEMO_NAMES[role], "demo": True},
        )
        if not user.demo:
            continue
        password = known.get(role.value)
        if created or password is None:
            password = secrets.token_urlsafe(12)
            user.set_password(password)
            user.is_staff = user.is_superuser = role == Role.ADMINISTRATOR
            user.save()
        accounts[role.value] = password
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(accounts, file, indent=2)
    path.chmod(0o600)
    return accounts
