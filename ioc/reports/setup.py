"""What the centre sets up, as its screen shows it: rules, categories, plans, calendars."""

import hashlib
from collections import defaultdict
from typing import Any

import orjson
import shapely
from django.db.models import Count
from django.utils import timezone

from geo.errors import Refused
from geo.models import District
from geo.text import Text
from ioc.accounts.models import Agency
from ioc.reports import questionnaire, routing
from ioc.reports.conditions import OWN_LAYER, check
from ioc.reports.models import (
    Category,
    Report,
    RoutingRule,
    ServicePlan,
    SuggestionModel,
    WorkCalendar,
)
from ioc.reports.suggestion import shipped
from ioc.reports.terms import NATIONAL, keep_holidays, plans_used
from layers import registry

SIMPLY_DEG = 0.0004
RULE = ("name", "order", "conditions", "note", "live")
CATEGORY = (
    "name_vi", "name_en", "description_vi", "description_en", "icon", "color", "agency", "order",
    "active", "keywords", "needs_result_photo",
)  # fmt: skip
PLAN = (
    "name_vi", "name_en", "acknowledge_h", "resolve_h", "dwell_h", "emergency_acknowledge_h",
    "emergency_resolve_h", "warn_share", "escalations", "answer_days", "reopen_days", "active",
)  # fmt: skip
CALENDAR = ("name_vi", "name_en", "time_zone", "hours", "holidays")
DAY = ("working", "hours", "name_vi", "name_en", "source")


def version_of(content: dict[str, Any]) -> str:
    """A sign of what somebody saw: another one means that it was changed since."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _shown(row: Any, names: tuple[str, ...], **more: Any) -> dict[str, Any]:
    content = {name: getattr(row, name) for name in names} | more
    return content | {"version": version_of(content)}


def rule(row: RoutingRule) -> dict[str, Any]:
    """A rule as it is edited, and who changed it last."""
    return _shown(row, RULE, agency=row.agency.code) | {
        "id": row.pk,
        "changed_by": str(row.changed_by) if row.changed_by else None,
        "changed_at": row.changed_at,
    }


def category(row: Category) -> dict[str, Any]:
    plan = row.plan.code if row.plan else None
    asked = questionnaire.regular(row.attributes)
    return _shown(row, CATEGORY, plan=plan, attributes=asked) | {"code": row.pk}


def plan(row: ServicePlan) -> dict[str, Any]:
    return _shown(row, PLAN, calendar=row.calendar.code) | {"code": row.code}


def calendar(row: WorkCalendar) -> dict[str, Any]:
    """A calendar with its exceptional days; `national` are the country's, not the city's own."""
    days = [
        {name: getattr(one, name) for name in DAY}
        | {"day": one.day, "national": one.source.startswith(NATIONAL)}
        for one in row.days.all()
    ]
    return _shown(row, CALENDAR) | {"code": row.code, "days": days}


def everything() -> dict[str, Any]:
    """All that the screen needs, in one answer: these lists are short."""
    for row in WorkCalendar.objects.all():
        keep_holidays(row)
    rules = list(RoutingRule.objects.select_related("agency", "changed_by"))
    return {
        "rules": [rule(row) for row in rules],
        "shadows": shadows(rules),
        "broken": broken(rules),
        "categories": categories(rules),
        "plans": plans(),
        "calendars": [calendar(row) for row in WorkCalendar.objects.prefetch_related("days")],
        "agencies": [
            {"code": row.code, "title": _title(row), "active": row.active}
            for row in Agency.objects.all()
        ],
        "wards": [
            {"code": row.code, "title": _title(row)}
            for row in District.objects.filter(retired_at=None).only("code", "name_vi", "name_en")
        ],
        "layers": [
            {"slug": one.slug, "title": one.title.dict()}
            for one in registry.all_layers()
            if one.slug != OWN_LAYER
        ],
        "place_kinds": routing.place_kinds(),
        "suggestion": suggestion(),
        "now": timezone.now(),
    }


def _title(row: Any) -> dict[str, str]:
    return Text(row.name_vi, row.name_en or row.name_vi).dict()


def shadows(rules: list[RoutingRule]) -> list[dict[str, Any]]:
    return [
        {"rule": one, "by": other, "why": why.dict()} for one, other, why in routing.shadowed(rules)
    ]


def broken(rules: list[RoutingRule]) -> list[dict[str, Any]]:
    """Rules that could not be saved as they stand: a ward or layer is gone, an agency closed."""
    found = []
    for row in rules:
        try:
            check(row.conditions)
            if not row.agency.active:
                raise Refused("bad-rule", routing.agency_gone(row.agency))
        except Refused as refused:
            found.append({"rule": row.pk, "message": str(refused.message)})
    return found


def categories(rules: list[RoutingRule]) -> list[dict[str, Any]]:
    """Categories with what hangs on them: open reports, and live rules that ask for them."""
    rows = Category.objects.select_related("plan")
    counts = dict(
        Report.objects.filter(closed_at=None)
        .order_by()
        .values_list("category")
        .annotate(n=Count("pk"))
    )
    asking: dict[str, list[str]] = defaultdict(list)
    for row in rules:
        if row.live:
            for code in row.conditions.get("categories") or []:
                asking[code].append(row.name)
    return [
        category(row) | {"open_reports": counts.get(row.pk, 0), "rules": asking.get(row.pk, [])}
        for row in rows
    ]


def plans() -> list[dict[str, Any]]:
    used = plans_used()
    rows = ServicePlan.objects.select_related("calendar")
    return [plan(row) | {"used_by": used[row.pk]} for row in rows]


def suggestion() -> dict[str, Any] | None:
    """What the category suggestion was trained on and how often it was right."""
    row = SuggestionModel.objects.defer("weights").first()
    if row:
        return {"trained_at": row.trained_at, "synthetic": row.synthetic, "facts": row.facts}
    model = shipped()
    if model is None:
        return None
    return {"trained_at": None, "synthetic": model.synthetic, "facts": model.facts}


def _simply(border: Any) -> shapely.Geometry:
    return shapely.simplify(shapely.from_wkb(bytes(border.wkb)), SIMPLY_DEG)


def ward_borders() -> dict[str, Any]:
    """Wards in force as GeoJSON, their borders drawn simply: to be pointed at, not measured."""
    rows = District.objects.filter(retired_at=None)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": orjson.loads(shapely.to_geojson(_simply(row.geom))),
                "properties": {"code": row.code, "title": _title(row)},
            }
            for row in rows
        ],
    }
