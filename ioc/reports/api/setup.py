"""What the centre sets up, over HTTP: rules, categories, plans, calendars."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from geo.errors import Refused
from ioc.accounts.auth import session_or_token
from ioc.reports import setup
from ioc.reports.actions import setup as actions
from ioc.reports.tryout import LOOK_AT, try_rule

router = Router(tags=["setup"], auth=session_or_token)
SET_UP = "reports.set_up"


class SaveIn(Schema):
    """A form: its values, and the version it was based on (empty: new)."""

    values: dict[str, Any]
    version: str = ""


class OrderIn(Schema):
    ids: list[int]


class TryIn(Schema):
    conditions: dict[str, Any]
    agency: str = ""
    rule: int | None = None
    order: int | None = None
    limit: int = LOOK_AT


class ProbeIn(Schema):
    values: dict[str, Any] = {}
    hours: float
    start: datetime | None = None
    """Without a zone: on the calendar's own clock."""


def _operator(request: HttpRequest) -> Any:
    if not request.user.has_perm(SET_UP):
        raise PermissionError
    return request.user


def _found(write: Any, **values: Any) -> Any:
    try:
        return write(**values)
    except ObjectDoesNotExist as error:
        raise Http404 from error


@router.get("", summary="All that can be set up")
def everything(request: HttpRequest) -> dict[str, Any]:
    _operator(request)
    return setup.everything()


@router.get("/wards", summary="Borders of the wards, drawn simply, to choose from on a map")
def wards(request: HttpRequest) -> dict[str, Any]:
    _operator(request)
    return setup.ward_borders()


@router.post("/rules", summary="A new routing rule")
def add_rule(request: HttpRequest, data: SaveIn) -> dict[str, Any]:
    return setup.rule(actions.save_rule(by=_operator(request), values=data.values))


@router.post("/rules/order", summary="The order in which rules are asked")
def order_rules(request: HttpRequest, data: OrderIn) -> dict[str, Any]:
    _operator(request)
    actions.order_rules(ids=data.ids)
    return setup.everything()


@router.post("/rules/try", summary="What a draft would have done to past reports")
def try_draft(request: HttpRequest, data: TryIn) -> dict[str, Any]:
    _operator(request)
    return try_rule(
        data.conditions,
        max(1, min(data.limit, LOOK_AT)),
        agency_code=data.agency,
        rule_id=data.rule,
        order=data.order,
    )


@router.put("/rules/{rule_id}", summary="Change a routing rule")
def save_rule(request: HttpRequest, rule_id: int, data: SaveIn) -> dict[str, Any]:
    by = _operator(request)
    return setup.rule(
        _found(actions.save_rule, by=by, values=data.values, rule_id=rule_id, version=data.version)
    )


@router.delete("/rules/{rule_id}", summary="Remove a routing rule")
def delete_rule(request: HttpRequest, rule_id: int, version: str) -> dict[str, Any]:
    _operator(request)
    _found(actions.delete_rule, rule_id=rule_id, version=version)
    return {"ok": True}


@router.put("/categories/{code}", summary="Save a category; without a version it is new")
def save_category(request: HttpRequest, code: str, data: SaveIn) -> dict[str, Any]:
    _operator(request)
    new = not data.version
    values = {"values": data.values, "code": code, "new": new, "version": data.version}
    return setup.category(_found(actions.save_category, **values))


@router.put("/plans/{code}", summary="Save a service plan; without a version it is new")
def save_plan(request: HttpRequest, code: str, data: SaveIn) -> dict[str, Any]:
    _operator(request)
    new = not data.version
    values = {"values": data.values, "code": code, "new": new, "version": data.version}
    return setup.plan(_found(actions.save_plan, **values))


@router.put("/calendars/{code}", summary="Save a calendar; without a version it is new")
def save_calendar(request: HttpRequest, code: str, data: SaveIn) -> dict[str, Any]:
    _operator(request)
    new = not data.version
    values = {"values": data.values, "code": code, "new": new, "version": data.version}
    return setup.calendar(_found(actions.save_calendar, **values))


@router.put("/calendars/{code}/days/{day}", summary="An exceptional day of a calendar")
def save_day(request: HttpRequest, code: str, day: date, data: SaveIn) -> dict[str, Any]:
    _operator(request)
    row = _found(actions.save_day, code=code, day=day, values=data.values)
    return setup.calendar(row.calendar)


@router.delete("/calendars/{code}/days/{day}", summary="The day as the week says again")
def remove_day(request: HttpRequest, code: str, day: date) -> dict[str, Any]:
    _operator(request)
    _found(actions.remove_day, code=code, day=day)
    return {"ok": True}


@router.post("/calendars/{code}/probe", summary="When so many working hours would be over")
def probe(request: HttpRequest, code: str, data: ProbeIn) -> dict[str, datetime]:
    _operator(request)
    start = data.start or timezone.now()
    try:
        end = actions.probe(code=code, values=data.values, start=start, hours=data.hours)
    except ValueError as error:  # the calendar has not so much working time
        raise Refused("unreachable", str(error), status=422) from error
    return {"start": start, "end": end}
