"""Filters by the fields a layer offers: checked against its declaration before any lookup."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from geo.errors import Refused
from layers.registry import Audience, Layer

MAX_VALUES = 20
RESERVED = frozenset({"bbox", "limit", "cursor", "q", "format", "layers", "since"})


def parse(layer: Layer, audience: Audience, query: Mapping[str, str]) -> dict[str, str]:
    """The filters asked for: field → value, or values joined by commas.

    Raises:
        Refused: for a field that this audience cannot filter by, or a value that is no choice.
    """
    allowed = {f.name: f for f in layer.visible_fields(audience) if f.filter}
    wanted = {}
    for name, value in query.items():
        if name in RESERVED:
            continue
        field = allowed.get(name)
        if field is None:
            offered = ", ".join(sorted(allowed)) or "none"
            raise Refused(
                "unknown-filter", f"{layer.slug} cannot be filtered by {name}; by: {offered}"
            )
        values = value.split(",")
        choices = {choice.value for choice in field.choices}
        if len(values) > MAX_VALUES or (choices and not set(values) <= choices):
            raise Refused("bad-filter", f"{name} must be one of: {', '.join(sorted(choices))}")
        if field.type == "bool" and value not in {"true", "false"}:
            raise Refused("bad-filter", f"{name} must be true or false")
        if field.type == "day":
            days_of(value)
        wanted[name] = value
    return wanted


def days_of(value: str) -> tuple[date, date]:
    """First and last day of ``2026-11-21`` or ``2026-11-20/2026-11-21``. Raises Refused else."""
    first, slash, last = value.partition("/")
    try:
        span = date.fromisoformat(first), date.fromisoformat(last if slash else first)
    except ValueError:
        raise Refused("bad-filter", "a day is 2026-11-21, days are 2026-11-20/2026-11-21") from None
    if span[0] > span[1]:
        raise Refused("bad-filter", "the last day lies before the first")
    return span


def apply(layer: Layer, audience: Audience, user: Any, wanted: Mapping[str, str]) -> QuerySet[Any]:
    """The rows this viewer may see that pass the filters."""
    if layer.asked is not None:
        return layer.asked(user, wanted)
    rows = layer.queryset(user)
    types = {field.name: field.type for field in layer.fields}
    for name, value in wanted.items():
        if types[name] == "bool":
            rows = rows.filter(**{name: value == "true"})
        elif types[name] == "day":
            rows = rows.filter(**{f"{name}__range": days_of(value)})
        else:
            rows = rows.filter(**{f"{name}__in": value.split(",")})
    return rows


def search(layer: Layer, audience: Audience, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Rows with the text in one of the layer's search fields that this audience sees."""
    seen = {field.name for field in layer.visible_fields(audience)}
    names = [name for name in layer.search_fields if name in seen]
    if not names:
        return rows.none()
    if layer.find is not None:
        return layer.find(rows, text, audience)
    wanted = Q()
    for name in names:
        wanted |= Q(**{f"{name}__unaccent__icontains": text})
    return rows.filter(wanted)
