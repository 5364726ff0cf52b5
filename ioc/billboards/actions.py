"""Put billboards on the map, and keep what their permits are worth up to date."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from geo import notices
from geo.text import Text
from ioc.billboards import queries
from ioc.billboards.models import Billboard, State
from layers import changes

LAYER = "billboards"
# A permit that ended longer ago than this stands out on the map, but nobody is called.
NOTICE_FRESH = timedelta(days=7)


@transaction.atomic
def register(*, code: str, lon: float, lat: float, **fields: Any) -> tuple[Billboard, bool]:
    """The billboard of that code, and whether it is new; the same again changes nothing."""
    board = Billboard.objects.select_for_update().filter(code=code).first() or Billboard(code=code)
    wanted = {**fields, "geom": Point(lon, lat, srid=4326)}
    created = board.pk is None
    if created or any(getattr(board, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(board, name, value)
        save(board)
    return board, created


@transaction.atomic
def save(board: Billboard) -> None:
    """Save a billboard with today's state, and show it."""
    day = queries.today()
    board.state = board.state_on(day)
    board.save()
    changes.upsert(LAYER, board)
    _notify(board, day)


@transaction.atomic
def refresh_states(*, day: date | None = None) -> int:
    """The number of billboards whose state changed with the date; each expiry is told once."""
    day = day or queries.today()
    changed = []
    for board in Billboard.objects.select_for_update().order_by("pk"):
        state = board.state_on(day)
        if state != board.state:
            board.state, board.updated_at = state, timezone.now()
            changed.append(board)
    Billboard.objects.bulk_update(changed, ["state", "updated_at"], batch_size=500)
    changes.upsert_many(LAYER, changed)
    for board in changed:
        _notify(board, day)
    return len(changed)


def _notify(board: Billboard, day: date) -> None:
    until = board.permit_until
    if board.state != State.EXPIRED or until is None or day - until > NOTICE_FRESH:
        return
    notices.publish(
        key=f"billboard-expired:{board.code}:{until.isoformat()}",
        kind="billboard-expired",
        severity="minor",
        layer=LAYER,
        feature_id=board.pk,
        point=(board.geom.x, board.geom.y),
        occurred_at=_end_of(until),
        title=Text(
            f"Hết phép quảng cáo: {board.name_vi} ({until:%d/%m/%Y})",
            f"Billboard permit ended: {board.name_en} ({until:%d/%m/%Y})",
        ),
        data={"permit_until": until.isoformat()},
        synthetic=board.synthetic,
    )


def _end_of(day: date) -> datetime:
    """The moment a local day ends."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=queries.zone())
