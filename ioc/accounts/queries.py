"""Who is behind a token."""

from django.db.models import Q
from django.utils import timezone

from ioc.accounts.models import ApiToken, User, digest


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
