"""Permissions by role, beside Django's own (groups and single permissions set in the admin)."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from ioc.accounts.queries import may_do_more
from ioc.accounts.roles import PERMISSIONS


class RoleBackend(ModelBackend):
    """Signs people in by name and password and gives them their role's permissions."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        granted = PERMISSIONS.get(getattr(user_obj, "role", ""), frozenset())
        extra = getattr(user_obj, "token_permissions", frozenset())
        if "*" in granted or perm in granted or perm in extra:
            return True
        return super().has_perm(user_obj, perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        granted = PERMISSIONS.get(getattr(user_obj, "role", ""), frozenset())
        if user_obj.is_active and "*" in granted:
            return True
        return super().has_module_perms(user_obj, app_label)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Of groups and of the person's own; most have none, and no table is asked for theirs."""
        asked = hasattr(user_obj, "_perm_cache") or user_obj.is_superuser or not user_obj.pk
        if not asked and not may_do_more(user_obj.pk):
            user_obj._perm_cache = set()  # where Django keeps them for as long as a request
        return super().get_all_permissions(user_obj, obj)
