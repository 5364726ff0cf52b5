"""Who is behind a token, and who may do more than their role."""

from django.db.models import Q
from django.utils import timezone

from geo import reference
from ioc.accounts.models import ApiToken, User, digest

KEPT = 10_000


def user_of_token(key: str) -> User | None:
    """The active person whose valid token this is, holding the token's extra permissions."""
    token = (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)
        .filter(hash=digest(key), user__is_active=True)
        .first()
    )
    if token is None:
        return None
    token.user.token_permissions = frozenset(token.permissions)  # type: ignore[attr-defined]
    return token.user


def may_do_more(user_id: int) -> bool:
    """Whether the person is in a group or has permissions of their own; few are and have."""
    known = reference.now().get("do more than their role", _who_do_more)
    return known is None or user_id in known


def _who_do_more() -> frozenset[int] | None:
    """Their keys, or None where these are too many to keep."""
    keys: set[int] = set()
    for table in (User.groups.through, User.user_permissions.through):
        keys.update(table.objects.values_list("user_id", flat=True)[: 10 * KEPT])
    return frozenset(keys) if len(keys) <= KEPT else None
