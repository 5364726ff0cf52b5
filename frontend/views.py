"""The pages. What stands on them comes over HTTP from the catalogue; here is only who may come in."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie

WALL_ROLES = frozenset({"operator", "administrator", "planner"})


@login_required
@ensure_csrf_cookie
def wall(request: HttpRequest) -> HttpResponse:
    """The operators' wall. Raises PermissionDenied for roles that have no seat in the centre."""
    user = request.user
    role = getattr(user, "role", "")
    if role not in WALL_ROLES and not user.is_superuser:  # type: ignore[union-attr]
        raise PermissionDenied
    context = {"viewer_name": str(user), "viewer_role": role}
    return render(request, "frontend/wall.html", context)
