"""What crossed the lines: by minute and lane, by road, by ward."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Count,
    F,
    FloatField,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Cast, Coalesce, Lag, NullIf, Round, Trunc
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from geo.models import District
from vision.models import Camera, CameraHealth, MinuteCount

STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
MOST_POINTS = 1500
WINDOW = timedelta(hours=1)
BREAK = timedelta(minutes=3)  # without a good minute: then nobody looked
MOST_STRETCHES = 5000


def series(
    user: Any,
    *,
    start: datetime,
    end: datetime,
    step: str = "minute",
    camera: int | None = None,
    rule: str = "",
    ward: str = "",
    road: str = "",
) -> list[dict[str, Any]]:
    """Crossings by step, camera, lane, direction and class; steps in which nothing crossed are
    left out. Raises Refused for a span that is too long for its step."""
    if step not in STEPS:
        raise Refused("bad-step", _("The step is minute, hour or day."), status=422)
    if not timedelta(0) < end - start <= STEPS[step] * MOST_POINTS:
        raise Refused("bad-span", _("The span is empty, or too long for this step."), status=422)
    rows = MinuteCount.objects.filter(
        camera__in=Camera.objects.visible_to(user), minute__gte=start, minute__lt=end
    )
    given = {"camera_id": camera, "rule": rule, "camera__district__code": ward,
             "camera__road": road}  # fmt: skip
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    at = F("minute") if step == "minute" else Trunc("minute", step)
    grouped = rows.annotate(at=at).values("at", "camera_id", "rule", "direction", "object_class")
    return list(grouped.annotate(count=Sum("count")).order_by("at", "camera_id", "rule")[:50_000])


def watched(
    user: Any, *, start: datetime, end: datetime, camera: int | None = None
) -> list[dict[str, Any]]:
    """From when to when each camera looked: what is no count there is none, elsewhere unknown."""
    rows = CameraHealth.objects.filter(
        camera__in=Camera.objects.visible_to(user), at__gte=start, at__lt=end,
        state=Camera.State.GOOD, **({"camera_id": camera} if camera else {}),
    )  # fmt: skip
    ends = dict(rows.values_list("camera_id").annotate(last=Max("at")).order_by())
    before = Window(Lag("at"), partition_by=F("camera_id"), order_by="at")
    begun = rows.annotate(before=before).filter(Q(before=None) | Q(before__lt=F("at") - BREAK))
    found: list[dict[str, Any]] = []
    for camera_id, at, last in begun.order_by("camera_id", "at").values_list(
        "camera_id", "at", "before"
    )[:MOST_STRETCHES]:
        if last is not None:
            found[-1]["to"] = last
        found.append({"camera_id": camera_id, "from": at, "to": ends[camera_id]})
    return found


def totals(user: Any, *, by: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Crossings by ward or by road between two moments, the most first."""
    key, names = {
        "ward": ("camera__district__code", ("camera__district__name_vi",
                                            "camera__district__name_en")),
        "road": ("camera__road", ("camera__road", "camera__road")),
    }[by]  # fmt: skip
    rows = MinuteCount.objects.filter(
        camera__in=Camera.objects.visible_to(user), minute__gte=start, minute__lt=end
    )
    grouped = (
        rows.values(key, *dict.fromkeys(names))
        .annotate(n=Sum("count"), cameras=Count("camera", distinct=True))
        .order_by("-n")
    )
    return [
        {
            "code": row[key] or None,
            "title": {"vi": row[names[0]] or "", "en": row[names[1]] or row[names[0]] or ""},
            "count": row["n"],
            "cameras": row["cameras"],
        }
        for row in grouped[:1000]
    ]


def by_road(user: Any) -> QuerySet[Camera]:
    """Cameras that counted in the last hour, and what crossed; `place` is the road or the name."""
    place = Coalesce(NullIf("road", Value("")), "name_vi")
    rows = Camera.objects.visible_to(user).annotate(place=place)
    return _counted(rows, _recent().filter(camera=OuterRef("pk"))).filter(count__gt=0)


def by_ward(user: Any) -> QuerySet[District]:
    """Wards in which cameras counted in the last hour, with what crossed."""
    mine = Camera.objects.visible_to(user)
    recent = _recent().filter(camera__in=mine, camera__district=OuterRef("pk"))
    cameras = (
        recent.order_by().values("camera__district").annotate(n=Count("camera", distinct=True))
    )
    rows = District.objects.filter(retired_at=None).annotate(
        cameras=Coalesce(Subquery(cameras.values("n"), output_field=IntegerField()), 0)
    )
    return _counted(rows, recent).filter(count__gt=0)


def _recent() -> QuerySet[MinuteCount]:
    return MinuteCount.objects.filter(minute__gte=timezone.now() - WINDOW)


def _counted(rows: Any, counts: QuerySet[MinuteCount]) -> Any:
    # Grouped by a constant: one sum for each row of the outer query.
    summed = counts.order_by().annotate(one=Cast(0, IntegerField())).values("one")
    total = summed.annotate(n=Sum("count")).values("n")
    rows = rows.annotate(count=Coalesce(Subquery(total, output_field=IntegerField()), 0))
    per_min = Cast(F("count"), FloatField()) / (WINDOW.total_seconds() / 60)
    return rows.annotate(per_min=Round(per_min, 1))
