"""Rules that can never speak because an earlier one always speaks first."""

from collections.abc import Iterable

from django.db.models import Model

from geo.errors import Refused
from geo.text import Text
from ioc.reports.conditions import Conditions, check, ground_of, minutes_of
from ioc.reports.models import RoutingRule
from ioc.reports.wording import covers

SLACK_DEG = 1e-7


def shadowed(rules: Iterable[RoutingRule]) -> list[tuple[int, int, Text]]:
    """Each rule that an earlier live one of the list contains: its id, the other's, and why."""
    found: list[tuple[int, int, Text]] = []
    earlier: list[tuple[RoutingRule, Conditions]] = []
    for rule in rules:
        try:
            asked = check(rule.conditions)
        except Refused:
            continue
        for other, wider in earlier:
            if contains(wider, asked):
                found.append((rule.pk, other.pk, _said(other)))
                break
        if rule.live:
            earlier.append((rule, asked))
    return found


def _said(other: Model) -> Text:
    return Text(
        f"Quy tắc “{other}” ở trên luôn khớp trước, nên quy tắc này không bao giờ được dùng.",
        f"The rule “{other}” above always fits first, so this one is never used.",
    )


def contains(wider: Conditions, asked: Conditions) -> bool:
    """Whether every report that fits `asked` also fits `wider`; false where it cannot be told."""
    return (
        _within(asked.categories, wider.categories)
        and _within(asked.weekdays, wider.weekdays)
        and (wider.emergency is None or asked.emergency == wider.emergency)
        and minutes_of(asked.hours) <= minutes_of(wider.hours)
        and _near_within(asked, wider)
        and _words_within(asked.words, wider.words)
        and _ground_within(asked, wider)
    )


def _within(asked: list, wider: list) -> bool:
    return not wider or (bool(asked) and set(asked) <= set(wider))


def _near_within(asked: Conditions, wider: Conditions) -> bool:
    if wider.near is None:
        return True
    return (
        asked.near is not None
        and asked.near.layer == wider.near.layer
        and asked.near.metres <= wider.near.metres
    )


def _words_within(asked: list[str], wider: list[str]) -> bool:
    """Every word asked for holds one of the wider rule's as whole words."""
    if not wider:
        return True
    return bool(asked) and all(any(covers(one, word) for one in wider) for word in asked)


def _ground_within(asked: Conditions, wider: Conditions) -> bool:
    if not wider.wards and wider.area is None:
        return True
    if wider.area is None and asked.wards and set(asked.wards) <= set(wider.wards):
        return True
    inner, outer = ground_of(asked), ground_of(wider)
    if inner is None or outer is None or inner.is_empty:
        return False
    return bool(outer.buffer(SLACK_DEG).covers(inner))
