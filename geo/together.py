"""Many small changes of the schema in one step of a migration.

Django makes anew, for each field that is added, the models that the field's own model touches:
in an installation's first start that was most of the time. Here they are made once for all.
"""

from typing import Any

from django.db.migrations import AddConstraint, AddField, AddIndex
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """Fields, indexes and constraints that are added one after the other.

    Each statement is the one that Django makes by itself; only the models that it reads from are
    those after the last. So nothing may stand here that changes or removes what is there.
    """

    def __init__(self, *operations: AddField | AddIndex | AddConstraint) -> None:
        if wrong := [one for one in operations if type(one) not in self.KNOWN]:
            raise TypeError(f"{type(wrong[0]).__name__} has to stand by itself")
        self.operations = operations

    KNOWN = (AddField, AddIndex, AddConstraint)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # made again when next asked for, whole
        for one in self.operations:
            one.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for one in self.operations:
            one.database_forwards(app_label, schema_editor, to_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for one in reversed(self.operations):
            one.database_backwards(app_label, schema_editor, from_state, from_state)

    def describe(self) -> str:
        return "; ".join(one.describe() for one in self.operations)
