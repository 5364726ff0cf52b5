"""Writes: departures and arrivals as they are declared. They are never edited."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from vessels.models import Declaration, Port, Vessel

AHEAD = timedelta(days=1)
MOST_CREW = 500


@transaction.atomic
def declare(
    *, vessel: Vessel, kind: str, port: Port, at: datetime, by: Any, key: str,
    crew: int | None = None, note: str = "", synthetic: bool | None = None,
) -> Declaration:  # fmt: skip
    """The declaration; the same key again gives the one that stands.

    Raises Refused for a time without zone or over a day ahead, an unknown kind, an absurd crew,
    and a key that another declaration has.
    """
    if kind not in Declaration.Kind.values:
        raise Refused("bad-kind", _("A declaration is a departure or an arrival."), status=422)
    if at.tzinfo is None:
        raise Refused(
            "time-without-zone", _("Give the time with its zone, as 2026-01-31T07:00:00Z.")
        )
    if at > timezone.now() + AHEAD:
        raise Refused("too-far-ahead", _("This is over a day ahead."), status=422)
    if crew is not None and not 0 <= crew <= MOST_CREW:
        raise Refused("bad-crew", _("This is no number of crew."), status=422)
    if not key or len(key) > 64:
        raise Refused("bad-key", _("Send a key of 1 to 64 signs with every step."), status=422)
    row, created = Declaration.objects.get_or_create(
        key=key,
        defaults={
            "vessel": vessel, "kind": kind, "port": port, "at": at, "by": by, "crew": crew,
            "note": note[:500],
            "synthetic": vessel.synthetic if synthetic is None else synthetic,
        },
    )  # fmt: skip
    if not created and (row.vessel_id, row.kind, row.at) != (vessel.pk, kind, at):
        raise Refused("key-taken", _("This key belongs to another declaration."), status=409)
    return row
