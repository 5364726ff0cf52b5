"""Departures and arrivals, as declared by owners or written down by officers."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from geo.errors import Refused
from layers.paging import page_by_id
from vessels import declarations as actions
from vessels.api.rights import may_ask, officer, vessel_of
from vessels.models import Declaration, Port

router = Router()


class Declared(Schema):
    """What is declared."""

    vessel: int
    kind: Literal["departure", "arrival"]
    port: str = Field(max_length=40)
    at: datetime
    crew: int | None = None
    note: str = Field("", max_length=500)
    key: str = Field(min_length=1, max_length=64)


@router.get("/declarations", summary="Declarations, newest first")
def list_declarations(
    request: HttpRequest, vessel: int | None = None, cursor: str = "",
    limit: int = Query(100, ge=1, le=500),
) -> dict[str, Any]:  # fmt: skip
    """Officers see all, an owner those of their own vessels."""
    user = may_ask(request)
    rows = Declaration.objects.select_related("vessel", "port")
    if not officer(request):
        rows = rows.filter(vessel__owner_user=user)
    if vessel is not None:
        rows = rows.filter(vessel_id=vessel)
    page, following = page_by_id(rows, limit=limit, cursor=cursor)
    return {"declarations": [told(row) for row in page], "next": following}


@router.post("/declarations", summary="Declare a departure or an arrival")
def declare(request: HttpRequest, body: Declared) -> dict[str, Any]:
    """The same key again gives the declaration that stands."""
    vessel = vessel_of(request, body.vessel)
    user: Any = request.user
    if not user.has_perm("vessels.add_declaration") and vessel.owner_user_id != user.pk:
        raise PermissionError
    port = Port.objects.filter(code=body.port).first()
    if port is None:
        raise Refused("no-port", _("There is no such port."), status=422)
    row = actions.declare(
        vessel=vessel, kind=body.kind, port=port, at=body.at, crew=body.crew, note=body.note,
        key=body.key, by=user,
    )  # fmt: skip
    return told(row)


def told(row: Declaration) -> dict[str, Any]:
    """A declaration as lists show it."""
    return {
        "id": row.pk, "vessel": {"id": row.vessel_id, "name": str(row.vessel)}, "kind": row.kind,
        "port": {"code": row.port.code, "name": {"vi": row.port.name_vi, "en": row.port.name_en}},
        "at": row.at, "crew": row.crew, "note": row.note, "recorded_at": row.recorded_at,
        "synthetic": row.synthetic,
    }  # fmt: skip
