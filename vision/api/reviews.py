"""The review queue, what reviews tell of the rules, counts, plates and the audit over HTTP."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from geo.errors import Refused
from layers.paging import page_by_id
from vision import figures, precision, training
from vision.actions import plates
from vision.actions import reviews as actions
from vision.api.rights import (
    PLATE_TEXT,
    REVIEW,
    SEARCH_PLATE,
    VIEW,
    allowed,
    event_of,
)
from vision.models import CameraEvent, PlateReading
from vision.shown import event_out

router = Router()
MOST_EXPORTED = 20_000


class EventsIn(Schema):
    camera: int | None = None
    rule: str = Field("", max_length=40)
    kind: str = Field("", max_length=20)
    review: str = "pending"
    object_class: str = Field("", max_length=40)
    notable: bool = True
    start: datetime | None = None
    end: datetime | None = None
    cursor: str = ""
    limit: int = Field(50, ge=1, le=200)


class ItemIn(Schema):
    id: int
    version: int = Field(ge=0)


class ReviewIn(Schema):
    items: list[ItemIn] = Field(min_length=1, max_length=actions.MOST)
    review: Literal["accepted", "rejected", "wrong_class", "pending"]
    reason: str = Field("", max_length=300)
    right_class: str = Field("", max_length=40)
    key: UUID


class UndoIn(Schema):
    key: UUID


class SpanIn(Schema):
    start: datetime
    end: datetime


class SeriesIn(SpanIn):
    step: Literal["minute", "hour", "day"] = "minute"
    camera: int | None = None
    rule: str = Field("", max_length=40)
    ward: str = Field("", max_length=20)
    road: str = Field("", max_length=120)


class PlateIn(Schema):
    plate: str = Field(max_length=20)
    reason: str = Field(max_length=300)


class WhyIn(Schema):
    reason: str = Field(max_length=300)


def aware(moment: datetime | None) -> datetime | None:
    """The time. Raises Refused where it tells no zone."""
    if moment is not None and moment.tzinfo is None:
        message = _("Give the time with its zone, as 2026-01-31T07:00:00Z.")
        raise Refused("time-without-zone", message, status=422)
    return moment


def filtered(user: Any, given: EventsIn) -> Any:
    """The events asked for, of those that are this person's to see."""
    rows = CameraEvent.objects.visible_to(user)
    if given.review and given.review != "all":
        rows = rows.filter(review__in=given.review.split(","))
    exact = {"camera_id": given.camera, "rule": given.rule, "kind": given.kind,
             "object_class": given.object_class}  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if given.notable:
        rows = rows.for_review()
    if start := aware(given.start):
        rows = rows.filter(started_at__gte=start)
    if end := aware(given.end):
        rows = rows.filter(started_at__lt=end)
    return rows


@router.get("/events", summary="The review queue, the newest first")
def events(request: HttpRequest, given: Query[EventsIn]) -> dict[str, Any]:
    user = allowed(request, "vision.view_cameraevent")
    rows = filtered(user, given).select_related("reviewed_by")
    page, following = page_by_id(rows, limit=given.limit, cursor=given.cursor)
    return {
        "items": [event_out(row) for row in page],
        "next": following,
        "can": {"review": user.has_perm(REVIEW)},
    }


@router.get("/events/proven.csv", summary="What a person accepted; nothing else names a vehicle")
def proven(request: HttpRequest, given: Query[EventsIn]) -> HttpResponse:
    user = allowed(request, "vision.view_cameraevent")
    rows = filtered(user, given.model_copy(update={"review": "accepted"})).order_by("id")
    names = ("id", "camera_name", "kind", "rule", "direction", "object_class", "started_at",
             "ended_at", "lon", "lat", "error_m", "confidence", "value", "value_error",
             "reviewed_at", "model_hash")  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows[:MOST_EXPORTED]:
        told = event_out(row) | {"camera_name": row.camera_name}
        writer.writerow([_cell(told[name]) for name in names])
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="camera-events-accepted.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _cell(value: Any) -> Any:
    """A value as a table takes it: text that begins like a formula is no formula."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


@router.get("/events/{int:event_id}", summary="One event with what was said of it")
def event(request: HttpRequest, event_id: int) -> dict[str, Any]:
    user = allowed(request, "vision.view_cameraevent")
    row = event_of(request, event_id)
    lines = row.reviews.order_by("seq")
    return {
        **event_out(row),
        "log": [
            {"seq": line.seq, "review": line.review, "right_class": line.right_class,
             "reason": line.reason, "by": line.by_name, "at": line.at, "undo": line.undoes}
            for line in lines
        ],
        "plates": row.plates.count() if user.has_perm(SEARCH_PLATE) else None,
        "classes": list(actions.CLASSES),
    }  # fmt: skip


@router.post("/reviews", summary="Accept, reject or rename events")
def review(request: HttpRequest, given: ReviewIn) -> dict[str, Any]:
    user = allowed(request, REVIEW)
    outcomes = actions.review_events(
        by=user,
        items=[actions.Said(item.id, item.version) for item in given.items],
        review=given.review,
        key=given.key,
        reason=given.reason,
        right_class=given.right_class,
    )
    until = timezone.now() + actions.UNDO_WITHIN
    stale = len(outcomes) == 1 and outcomes[0].error and outcomes[0].error[0] == "stale"
    if stale:
        only = outcomes[0]
        raise Refused("stale", only.error[1], status=409, version=only.version)  # type: ignore[index]
    return {"results": [_outcome(one) for one in outcomes],
            "undo": {"key": given.key, "until": until}}  # fmt: skip


@router.post("/reviews/undo", summary="Take back what I said under a key")
def undo(request: HttpRequest, given: UndoIn) -> dict[str, Any]:
    user = allowed(request, REVIEW)
    return {"results": [_outcome(one) for one in actions.undo_reviews(by=user, key=given.key)]}


def _outcome(one: actions.Outcome) -> dict[str, Any]:
    told = {"id": one.event_id, "ok": one.error is None, "version": one.version,
            "review": one.review}  # fmt: skip
    if one.error is not None:
        told["error"] = {"code": one.error[0], "message": one.error[1]}
    return told


@router.get("/precision", summary="How often rules were right, by camera, with its bounds")
def rule_precision(
    request: HttpRequest,
    camera: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> dict[str, Any]:
    user = allowed(request, "vision.view_cameraevent")
    rows = precision.by_rule(user, start=aware(start), end=aware(end), camera=camera)
    return {"rows": rows, "few_below": precision.FEW, "level": 0.95}


@router.get("/training", summary="How much of what was reviewed a detector can learn from")
def learnt_from(request: HttpRequest) -> dict[str, Any]:
    return training.counted(allowed(request, "vision.view_cameraevent"))


@router.get("/counts/series", summary="Crossings by step, camera, lane, direction and class")
def counts(request: HttpRequest, given: Query[SeriesIn]) -> dict[str, Any]:
    user = allowed(request, VIEW)
    told = given.model_dump(exclude={"start", "end"})
    start, end = aware(given.start), aware(given.end)
    rows = figures.series(user, start=start, end=end, **told)  # type: ignore[arg-type]
    looked = figures.watched(user, start=start, end=end, camera=given.camera)  # type: ignore[arg-type]
    return {"step": given.step, "rows": rows, "watched": looked}


@router.get("/counts/{by}", summary="Crossings by ward or by road")
def count_totals(
    request: HttpRequest, by: Literal["ward", "road"], given: Query[SpanIn]
) -> dict[str, Any]:
    user = allowed(request, VIEW)
    rows = figures.totals(user, by=by, start=aware(given.start), end=aware(given.end))  # type: ignore[arg-type]
    return {"rows": rows}


@router.post("/plates/search", summary="Accepted events of a number plate; the search is logged")
def search_plate(request: HttpRequest, given: PlateIn) -> dict[str, Any]:
    user = allowed(request, SEARCH_PLATE)
    found = plates.search(by=user, plate=given.plate, reason=given.reason)
    return {
        "readings": [
            {"id": row.pk, "kind": row.kind, "color": row.color, "lines": row.lines,
             "confidence": row.confidence, "event": event_out(row.event)}
            for row in found
        ]
    }  # fmt: skip


@router.post("/plates/{int:reading_id}/text", summary="A plate as it was read; logged")
def plate_text(request: HttpRequest, reading_id: int, given: WhyIn) -> dict[str, str]:
    user = allowed(request, PLATE_TEXT)
    row = PlateReading.objects.filter(pk=reading_id, event__review="accepted").first()
    if row is None:
        raise Http404
    return {"text": plates.clear_text(by=user, reading=row, reason=given.reason)}
