"""Who may use the planning desk."""

from typing import Any

from django.http import HttpRequest

USE = "planning.use_plan"


def may(request: HttpRequest) -> Any:
    """The planner who asks. Raises PermissionError for everybody else."""
    if not request.user.has_perm(USE):
        raise PermissionError
    return request.user
