"""What a draft of a rule would have done to past reports, before it goes live."""

import time
from collections.abc import Sequence
from typing import Any

from django.db.models import FloatField, Func

from geo.errors import Refused
from ioc.accounts.models import Agency
from ioc.reports.conditions import Subject, check, compiled
from ioc.reports.models import Category, Report, RoutingRule
from ioc.reports.routing import Line, city_zone, line_of
from ioc.reports.wording import as_text

LOOK_AT = 5_000
CHUNK = 500
TRY_S = 1.8
SAMPLE = 50
POINTS = 1_000
EXAMPLE_CHARACTERS = 140


def try_rule(
    conditions: dict[str, Any],
    limit: int = LOOK_AT,
    *,
    agency_code: str = "",
    rule_id: int | None = None,
    order: int | None = None,
) -> dict[str, Any]:
    """What a draft would have done to the latest reports, newest first, within two seconds.

    The draft stands at `order` among the live rules, in place of `rule_id`; `was` is where the
    live rules send a report today, `would_be` where they would with the draft. Changes nothing.
    """
    draft = Line(rule_id, "", agency_code, compiled(check(conditions)))
    before, after = _lists(draft, rule_id, order)
    usual = dict(Category.objects.values_list("pk", "agency"))
    active = set(Agency.objects.filter(active=True).values_list("code", flat=True))
    usual = {code: agency for code, agency in usual.items() if agency in active}
    started = time.monotonic()
    found: dict[str, Any] = {
        "looked_at": 0,
        "matched": 0,
        "changed": [],
        "sample": [],
        "points": [],
    }
    rows = _latest(min(limit, LOOK_AT))
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        subjects = [subject for subject, _more in chunk]
        fits = draft.compiled.fits(subjects)
        was, would_be = _route(before, subjects), _route(after, subjects)
        for (subject, more), fit, old, new in zip(chunk, fits, was, would_be, strict=True):
            old, new = old or usual.get(subject.category), new or usual.get(subject.category)
            _note(found, subject, more, fit, old, new)
        found["looked_at"] += len(chunk)
        if time.monotonic() - started > TRY_S:
            break
    found["changed_count"] = len(found["changed"])
    found["changed"] = found["changed"][:POINTS]
    found["complete"] = found["looked_at"] == len(rows)
    found["oldest_at"] = rows[found["looked_at"] - 1][1]["at"] if found["looked_at"] else None
    return found


def _note(
    found: dict[str, Any],
    subject: Subject,
    more: dict[str, Any],
    fit: bool,
    old: str | None,
    new: str | None,
) -> None:
    changed = old != new
    if changed:
        found["changed"].append({"code": subject.code, "was": old, "would_be": new})
    found["matched"] += fit
    if (fit or changed) and len(found["points"]) < POINTS:
        found["points"].append([subject.lon, subject.lat, int(changed)])
    if (fit or changed) and len(found["sample"]) < SAMPLE:
        found["sample"].append(
            {
                "code": subject.code,
                "lon": subject.lon,
                "lat": subject.lat,
                "category": subject.category,
                "matched": fit,
                "was": old,
                "would_be": new,
                **more,
            }
        )


def _lists(draft: Line, rule_id: int | None, order: int | None) -> tuple[list[Line], list[Line]]:
    """The live rules as they are, and as they would be with the draft; broken ones left out."""
    before: list[Line] = []
    after: list[Line] = []
    placed = False
    if order is None and rule_id:
        order = RoutingRule.objects.filter(pk=rule_id).values_list("order", flat=True).first()
    for rule in RoutingRule.objects.select_related("agency"):
        if not placed and order is not None and rule.order >= order:
            after.append(draft)
            placed = True
        if not rule.live:
            continue
        try:
            line = line_of(rule)
        except Refused:
            continue
        before.append(line)
        if rule.pk != rule_id:
            after.append(line)
    if not placed:
        after.append(draft)
    return before, [line for line in after if line.agency_code]


def _route(lines: Sequence[Line], subjects: Sequence[Subject]) -> list[str | None]:
    """The agency that the first fitting line gives each report."""
    given: list[str | None] = [None] * len(subjects)
    waiting = list(range(len(subjects)))
    for line in lines:
        if not waiting:
            break
        fits = line.compiled.fits([subjects[place] for place in waiting])
        for place, fit in zip(waiting, fits, strict=True):
            if fit:
                given[place] = line.agency_code
        waiting = [place for place in waiting if given[place] is None]
    return given


def _latest(limit: int) -> list[tuple[Subject, dict[str, Any]]]:
    """The latest reports with what a list shows of them beside."""
    zone = city_zone()
    rows = (
        Report.objects.filter(parent=None)
        .order_by("-received_at")
        .values_list(
            "code",
            Func("geom", function="ST_X", output_field=FloatField()),
            Func("geom", function="ST_Y", output_field=FloatField()),
            "district__code",
            "category_id",
            "words",
            "emergency",
            "received_at",
            "agency__code",
        )[:limit]
    )
    return [
        (
            Subject(
                code,
                lon,
                lat,
                ward,
                category,
                words,
                as_text(words),
                emergency,
                at.astimezone(zone),
            ),
            {"words": words[:EXAMPLE_CHARACTERS], "at": at, "agency": agency},
        )
        for code, lon, lat, ward, category, words, emergency, at, agency in rows
    ]
