"""Which agency answers, and why: the first live rule that fits, else the category's own agency.

A decision keeps the rule and the reason in words. A rule that cannot be kept to is told to the
centre and noted in the decision; routing goes on with the next.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geo import notices, reference
from geo.crs import city
from geo.errors import Refused
from geo.models import District, Place
from geo.text import Text
from ioc.accounts.models import Agency
from ioc.reports.conditions import (
    DAYS,
    PLACE,
    Compiled,
    Conditions,
    Subject,
    check,
    compiled,
)
from ioc.reports.models import Category, Report, RoutingRule
from ioc.reports.shadows import shadowed
from ioc.reports.wording import as_text
from layers import registry

__all__ = ["Conditions", "Decision", "check", "decide", "shadowed"]

FRESH_S = 60
MOST_READY = 1_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Decision:
    """Where a report goes and why; no agency: the centre decides. `broken` are rules that failed
    on the way, each with its id, name and error."""

    agency_code: str | None
    rule_id: int | None
    rule_name: str
    reason: Text
    broken: list[dict[str, Any]] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """What a report keeps of it (`Report.routed`)."""
        return {
            "agency": self.agency_code,
            "rule": {"id": self.rule_id, "name": self.rule_name} if self.rule_id else None,
            "reason": self.reason.dict(),
            "broken": self.broken,
        }


@dataclass(frozen=True)
class Line:
    """A rule ready to be asked."""

    id: int | None
    name: str
    agency_code: str
    compiled: Compiled


def decide(report: Report) -> Decision:
    """Where the report goes by the live rules, and why."""
    subject = _subject_of(report)
    broken: list[dict[str, Any]] = []
    live = RoutingRule.objects.filter(live=True).select_related("agency")
    for rule in reference.now().get("routing rules", lambda: list(live)):
        try:
            line = line_of(rule)
            if line.compiled.fits([subject])[0]:
                reason = reason_for(line.compiled, subject)
                return Decision(rule.agency.code, rule.pk, rule.name, reason, broken)
        except Exception as error:  # whatever is wrong with a rule, the report must go somewhere
            broken.append(_tell_broken(rule, error, report))
    return _by_category(report.category, broken)


def line_of(rule: RoutingRule) -> Line:
    """The rule, checked as when it was saved. Raises Refused where it can no longer be kept to."""
    if not rule.agency.active:
        raise Refused("bad-rule", agency_gone(rule.agency))
    key = (rule.pk, rule.version, repr(rule.conditions))
    held = _ready.get(key)
    if held is None or time.monotonic() - held[0] > FRESH_S:
        if len(_ready) > MOST_READY:
            _ready.clear()
        _ready[key] = held = (time.monotonic(), compiled(check(rule.conditions)))
    return Line(rule.pk, rule.name, rule.agency.code, held[1])


def agency_gone(agency: Agency) -> str:
    return _("The agency “%(agency)s” is no longer active.") % {"agency": agency.name_vi}


_ready: dict[tuple[int, int, str], tuple[float, Compiled]] = {}
"""Rules made ready by this process; looked at anew once a minute, for wards and layers may go."""


def forget() -> None:
    """The next decision looks at every rule anew."""
    _ready.clear()


def _by_category(category: Category, broken: list[dict[str, Any]]) -> Decision:
    active = Agency.objects.filter(active=True)
    agencies = reference.now().get("agencies", lambda: {one.code: one for one in active})
    agency = agencies.get(category.agency)
    if agency is None:
        reason = Text(
            "Không quy tắc nào khớp: trung tâm quyết định", "No rule fits: centre decides"
        )
        return Decision(None, None, "", reason, broken)
    reason = Text(
        f"Đơn vị mặc định của loại “{category.name_vi}”",
        f"The usual agency of “{category.name_en}”",
    )
    return Decision(agency.code, None, "", reason, broken)


def _tell_broken(rule: RoutingRule, error: Exception, report: Report) -> dict[str, Any]:
    """A note of the failed rule; the centre hears of each version of it once a day."""
    why = Text(*(_why_broken(rule, error, language) for language in ("vi", "en")))
    log.error("routing-rule-broken", rule=rule.pk, why=why.en, exc_info=error)
    notices.publish(
        key=f"report-rule-broken-{rule.pk}-{rule.version}-{timezone.localdate()}",
        kind="report-rule-broken",
        severity="moderate",
        layer="reports",
        feature_id=report.pk or "",
        point=None,
        occurred_at=timezone.now(),
        title=Text(f"Quy tắc chuyển bị lỗi: {rule.name}", f"Routing rule fails: {rule.name}"),
        body=Text(
            f"{why.vi} Phản ánh {report.code} được chuyển theo quy tắc tiếp theo.",
            f"{why.en} Report {report.code} went on to the next rule.",
        ),
        data={"rule": rule.pk, "code": report.code},
    )
    return {"id": rule.pk, "name": rule.name, "error": why.dict()}


def _why_broken(rule: RoutingRule, error: Exception, language: str) -> str:
    """What is wrong with the rule, in this language where the rule itself can say it."""
    with override(language):
        try:
            line_of(rule)
        except Refused as refused:
            return str(refused.message)[:300]
    return f"{type(error).__name__}: {error}"[:300]


def city_zone() -> ZoneInfo:
    here = city()
    return ZoneInfo(here.time_zone if here else timezone.get_default_timezone_name())


def _subject_of(report: Report) -> Subject:
    return Subject(
        code=report.code,
        lon=report.geom.x,
        lat=report.geom.y,
        ward=report.district.code if report.district else None,
        category=report.category_id,
        words=report.words,
        text=as_text(report.words),
        emergency=report.emergency,
        local_at=report.received_at.astimezone(city_zone()),
    )


def reason_for(fitted: Compiled, subject: Subject) -> Text:
    """Why it fits, condition by condition, in words."""
    parts = list(_reasons(fitted, subject)) or [Text("mọi phản ánh", "every report")]
    return Text("; ".join(part.vi for part in parts), "; ".join(part.en for part in parts))


def _reasons(fitted: Compiled, subject: Subject) -> Iterable[Text]:
    asked = fitted.conditions
    if asked.emergency is not None:
        yield (
            Text("khẩn cấp", "emergency")
            if asked.emergency
            else Text("không khẩn cấp", "not an emergency")
        )
    if asked.categories:
        category = Category.objects.get(pk=subject.category)
        yield Text(f"loại “{category.name_vi}”", f"category “{category.name_en}”")
    if asked.wards and (ward := District.objects.filter(code=subject.ward).first()):
        yield Text(f"ở {ward.name_vi}", f"in {ward.name_en}")
    if asked.area is not None:
        yield Text("trong vùng đã vẽ", "inside the drawn area")
    if asked.near:
        title, metres = title_of(asked.near.layer), f"{asked.near.metres:g}"
        yield Text(f"cách {title.vi} không quá {metres} m", f"within {metres} m of {title.en}")
    if asked.words:
        word = fitted.word_in(subject)
        yield Text(f"có từ “{word}”", f"has the word “{word}”")
    if asked.weekdays:
        yield DAYS[subject.local_at.weekday()]
    if asked.hours:
        at, span = subject.local_at.strftime("%H:%M"), "–".join(asked.hours)
        yield Text(f"lúc {at} (trong {span})", f"at {at} (within {span})")


def title_of(source: str) -> Text:
    """What a layer or a kind of place is called."""
    if source.startswith(PLACE):
        kind = source.removeprefix(PLACE)
        return Text(f"địa điểm loại “{kind}”", f"a place of the kind “{kind}”")
    layer = registry.get(source)
    title = layer.title if layer else Text(source, source)
    return Text(f"“{title.vi}”", f"“{title.en}”")


def place_kinds() -> list[str]:
    return sorted(Place.objects.order_by().values_list("kind", flat=True).distinct())
