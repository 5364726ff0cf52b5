"""Forecast danger areas: what holds now and later, and the door for who may tell of new ones."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from geo.text import Text
from vessels import dangers
from vessels.api.rights import may_ask
from vessels.models import DangerArea

router = Router()
ADD = "vessels.add_dangerarea"


class Areas(Schema):
    """A GeoJSON FeatureCollection."""

    type: str
    features: list[Any]


@router.get("/dangers", summary="Forecast danger areas that are not over, as GeoJSON")
def list_dangers(request: HttpRequest) -> dict[str, Any]:
    """For who sees the fleet or owns a vessel of it."""
    may_ask(request)
    rows = DangerArea.objects.filter(active=True, valid_to__gte=timezone.now())
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature", "id": row.key,
                "geometry": {"type": "MultiPolygon", "coordinates": row.geom.coords},
                "properties": {
                    "name": Text(row.name_vi, row.name_en).dict(), "valid_from": row.valid_from,
                    "valid_to": row.valid_to, "source": row.source, "synthetic": row.synthetic,
                },
            }
            for row in rows
        ],
    }  # fmt: skip


@router.post("/dangers", summary="Tell of forecast danger areas")
def take_dangers(request: HttpRequest, body: Areas) -> dict[str, Any]:
    """With the permission. Areas are taken by key; bad ones are set aside by their number."""
    user: Any = request.user
    if not user.has_perm(ADD):
        raise PermissionError
    taken = dangers.take(body.dict(), source=user.username, synthetic=user.demo)
    return {
        "taken": taken.rows,
        "refused": [{"feature": number, "reason": reason} for number, reason in taken.bad],
    }
