"""Steps of a migration that are taken together lead where they lead one by one."""

import pytest
from django.db import connection, models
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, RemoveField
from django.db.migrations.state import ProjectState

from geo.together import Together

STEPS = (
    AddField("boat", "length_m", models.FloatField(default=0)),
    AddField("boat", "port", models.ForeignKey("geo.Port", models.CASCADE, null=True)),
    AddIndex("boat", models.Index(fields=["length_m"], name="geo_boat_length")),
    AddConstraint(
        "boat", models.UniqueConstraint(fields=["port", "length_m"], name="geo_boat_once")
    ),
)


def statements(*operations):
    """The SQL of these operations after two models were made, and the state they lead to."""
    state = ProjectState()
    for name in ("Port", "Boat"):
        CreateModel(name, [("id", models.AutoField(primary_key=True))]).state_forwards("geo", state)
    assert state.apps
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        for operation in operations:
            before = state.clone()
            operation.state_forwards("geo", state)
            operation.database_forwards("geo", editor, before, state)
    return editor.collected_sql, state


@pytest.mark.django_db
def test_together_is_what_they_are_one_by_one():
    apart, after_apart = statements(*STEPS)
    together, after_together = statements(Together(*STEPS))
    assert len(apart) >= len(STEPS)
    assert together == apart
    assert after_together == after_apart


def test_what_changes_or_removes_stands_by_itself():
    with pytest.raises(TypeError, match="RemoveField"):
        Together(RemoveField("boat", "length_m"))
