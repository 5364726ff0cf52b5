"""What people say of events: said with a version, logged, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from geo.text import Text
from layers import changes
from vision.detectors.coco import ROAD_USERS
from vision.models import CameraEvent, EventReview, Review

MOST = 200
UNDO_WITHIN = timedelta(minutes=30)
CLASSES = (*ROAD_USERS, "animal", "nothing", "other")
"""What an event may really have shown, where the detector said something else."""


CAUSES = {
    "nothing": Text("Không có gì ở đó", "Nothing is there"),
    "shadow": Text("Bóng, đèn hoặc cây", "A shadow, a light or a tree"),
    "twice": Text("Đã có sự kiện khác", "Told before"),
    "allowed": Text("Được phép ở đây", "Allowed here"),
    "unclear": Text("Hình không đủ rõ", "The picture is not clear enough"),
}
"""Why an event is rejected, as the desk offers it; other words may be given as well."""


def cause_of(reason: str) -> str:
    """Which of the causes the reason is, in either language; "" for other words."""
    said = (code for code, text in CAUSES.items() if reason in (text.vi, text.en))
    return next(said, "")


@dataclass(frozen=True)
class Said:
    """One event with the version that the reviewer saw."""

    event_id: int
    version: int


@dataclass(frozen=True)
class Outcome:
    """What became of one: `error` is a code and words, or None."""

    event_id: int
    version: int | None
    review: str | None
    error: tuple[str, str] | None = None


def review_events(
    *,
    by: Any,
    items: Sequence[Said],
    review: str,
    key: UUID,
    reason: str = "",
    right_class: str = "",
) -> list[Outcome]:
    """What became of each; one that is stale or gone does not hold the others up.

    The same `key` again answers what it answered. Raises Refused for a review that cannot be.
    """
    _check(items, review, reason, right_class)
    values = {"review": review, "right_class": right_class, "review_reason": reason[:300]}
    return [_one(by, item, values, key) for item in items]


def undo_reviews(*, by: Any, key: UUID) -> list[Outcome]:
    """Takes back what this person said under the key, where nobody has spoken since."""
    since = timezone.now() - UNDO_WITHIN
    lines = EventReview.objects.filter(key=key, by=by, undoes=False, at__gte=since)
    return [_take_back(by, line) for line in lines.order_by("event_id")]


def _check(items: Sequence[Said], review: str, reason: str, right_class: str) -> None:
    if not 0 < len(items) <= MOST:
        raise Refused("bad-items", _("One to 200 events can be reviewed at once."), status=422)
    if review not in Review.values:
        raise Refused("bad-review", _("There is no such review."), status=422)
    if review == Review.WRONG_CLASS and right_class not in CLASSES:
        raise Refused("class-needed", _("Say what it was, of the classes offered."), status=422)
    if review != Review.WRONG_CLASS and right_class:
        raise Refused("class-not-asked", _("A class is said only of a wrong class."), status=422)
    if review == Review.REJECTED and not reason.strip():
        raise Refused("reason-needed", _("Say why it is rejected."), status=422)


def _one(by: Any, item: Said, values: dict[str, str], key: UUID) -> Outcome:
    with transaction.atomic():
        event = CameraEvent.objects.select_for_update().filter(pk=item.event_id).first()
        if event is None:
            return Outcome(item.event_id, None, None, ("not-found", _("The event is gone.")))
        if EventReview.objects.filter(event=event, key=key, undoes=False).exists():
            return Outcome(event.pk, event.version, event.review)
        if event.version != item.version:
            error = ("stale", _("Somebody else has reviewed this event meanwhile."))
            return Outcome(event.pk, event.version, event.review, error)
        _set(event, by, values, key)
    return Outcome(event.pk, event.version, event.review)


def _take_back(by: Any, line: EventReview) -> Outcome:
    with transaction.atomic():
        event = CameraEvent.objects.select_for_update().get(pk=line.event_id)
        if event.version != line.seq:
            error = ("stale", _("Somebody else has reviewed this event meanwhile."))
            return Outcome(event.pk, event.version, event.review, error)
        _set(event, by, line.before, line.key, undoes=True)
    return Outcome(event.pk, event.version, event.review)


def _set(
    event: CameraEvent, by: Any, values: dict[str, str], key: UUID, undoes: bool = False
) -> None:
    before = {name: getattr(event, name) for name in ("review", "right_class", "review_reason")}
    for name in before:
        setattr(event, name, values[name])
    pending = event.review == Review.PENDING
    event.reviewed_by = None if pending else by
    event.reviewed_at = None if pending else timezone.now()
    event.version += 1
    event.save()
    EventReview.objects.create(
        event=event,
        seq=event.version,
        review=event.review,
        right_class=event.right_class,
        reason=event.review_reason,
        before=before,
        key=key,
        undoes=undoes,
        by=by,
        by_name=by.get_username()[:150],
    )
    changes.upsert("camera-events", event)
