"""A person's word on a value: it holds over every test until it is taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from environment import judging, states, storage
from environment.models import Datastream, Observation, Overrule
from environment.quality import FAIL, GOOD, SUSPECT, TRUSTED
from geo.errors import Refused

MAY = frozenset({GOOD, SUSPECT, FAIL})
LEAST_REASON = 5


@transaction.atomic
def overrule(*, user: Any, stream: Datastream, at: datetime, flag: int, reason: str) -> Overrule:
    """The word that now holds for this value; latest value, alarms and state follow it.

    Raises: Refused where no value is held, the flag is none a person gives, a value is missing,
    or the reason says nothing.
    """
    if flag not in MAY:
        raise Refused("bad-flag", _("A person may say 1 good, 3 suspect or 4 bad."))
    if len(reason.strip()) < LEAST_REASON:
        raise Refused("no-reason", _("Say why, in a few words."))
    storage.hold([stream.pk])
    held = _held(stream, at)
    if held.value is None and flag in TRUSTED:
        raise Refused("missing", _("Nothing was measured at this time; it cannot be called good."))
    _take_back(user, stream, at)
    word = Overrule.objects.create(
        datastream=stream, t=at, flag=flag, before=held.flag, reason=reason.strip()[:300], by=user
    )
    _set(stream, at, flag, "overruled")
    return word


@transaction.atomic
def undo(*, user: Any, stream: Datastream, at: datetime) -> Overrule:
    """The word that was taken back; the tests judge the value again.

    Raises: Refused where nobody overruled it.
    """
    storage.hold([stream.pk])
    word = _take_back(user, stream, at)
    if word is None:
        raise Refused("not-overruled", _("Nobody has overruled this value."), status=404)
    _set(stream, at, word.before, "")
    judging.again([stream], at, at)
    _follow(stream, at)
    return word


def _held(stream: Datastream, at: datetime) -> Observation:
    held = Observation.objects.filter(datastream=stream, t=at).first()
    if held is None:
        raise Refused("no-value", _("No value of this time is held."), status=404)
    return held


def _take_back(user: Any, stream: Datastream, at: datetime) -> Overrule | None:
    rows = Overrule.objects.select_for_update().filter(datastream=stream, t=at, undone_at=None)
    word = rows.first()
    if word:
        word.undone_at, word.undone_by = timezone.now(), user
        word.save(update_fields=["undone_at", "undone_by"])
    return word


def _set(stream: Datastream, at: datetime, flag: int, note: str) -> None:
    judging.save([judging.Changed(stream.pk, at, flag, note)])
    _follow(stream, at)


def _follow(stream: Datastream, at: datetime) -> None:
    storage.repair_latest([stream.pk])
    states.refresh([stream.sensor_id], since={stream.pk: at})
