"""Change and delete what was registered; values are never changed, they are overruled."""

from __future__ import annotations

from typing import Any

from django.db.models import ProtectedError

from environment import states
from environment.models import Datastream, Observation
from environment.sta import payload
from environment.sta.entities import Entity
from environment.sta.faults import Fault
from layers import changes

# property → (column, longest)
TEXTS = {
    "Thing": {"name": ("name_vi", 160), "description": ("description", 2000)},
    "Location": {"name": ("name", 160), "description": ("description", 2000)},
    "Datastream": {"name": ("name", 200), "description": ("description", 2000)},
    "Sensor": {"description": ("description", 2000), "metadata": ("metadata", 2000)},
    "ObservedProperty": {"definition": ("definition", 200), "description": ("description", 2000)},
}
KEPT = "Values are kept as they came; overrule one with a reason instead."


def _need(user: Any, right: str) -> None:
    if not user.has_perm(f"environment.{right}"):
        raise Fault(403, f"This needs the permission environment.{right}.", "forbidden")


def patch(user: Any, entity: Entity, row: Any, body: Any) -> None:
    """Set the members given. Raises: Fault for one that cannot be changed."""
    if entity.name not in TEXTS:
        raise Fault(405, KEPT if entity.name == "Observation" else "This cannot be changed.")
    _need(user, "change_sensor")
    given = payload.obj(body, entity.name)
    known = TEXTS[entity.name]
    if other := sorted(set(given) - set(known) - {"properties"}):
        raise Fault(400, f"{other[0]} cannot be changed; {', '.join(known)} and properties can.")
    for name, (column, longest) in known.items():
        if name in given:
            setattr(row, column, payload.text(given, name, longest))
    if "properties" in given:
        row.properties = {**row.properties, **payload.read(given, "properties", dict)}
    row.save()
    if entity.name == "Thing":
        states.announce([row])


def delete(user: Any, entity: Entity, row: Any) -> None:
    """Remove an entity that no value hangs on. Raises: Fault where one does."""
    if entity.name == "Observation":
        raise Fault(405, KEPT)
    if entity.name not in TEXTS or entity.name == "Location":
        raise Fault(405, f"A {entity.name} goes with its Thing.")
    _need(user, "delete_sensor")
    streams = {
        "Thing": lambda: Datastream.objects.filter(sensor=row),
        "Datastream": lambda: Datastream.objects.filter(pk=row.pk),
    }.get(entity.name, Datastream.objects.none)()
    if any(Observation.objects.filter(datastream=s).exists() for s in streams):
        raise Fault(409, f"This {entity.name} has values, and values are kept.", "conflict")
    try:
        if entity.name == "Thing":
            changes.delete(states.LAYER, row.pk)
        row.delete()
    except ProtectedError:
        raise Fault(409, f"This {entity.name} has Datastreams.", "conflict") from None
