"""What a line of the log did, in words: to whom, why, until when. For the desk and on paper."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from geo.text import Text
from ioc.accounts.models import Agency, User
from ioc.reports.models import Category, ReportEvent
from ioc.reports.workflow import REASONS

CLOCKS: dict[str, Text] = {
    "acknowledge": Text("tiếp nhận", "acknowledge"),
    "resolve": Text("giải quyết", "resolve"),
    "dwell": Text("bước này", "this step"),
}
VERDICTS: dict[str, Text] = {
    "satisfied": Text("hài lòng", "satisfied"),
    "accepts": Text("chấp nhận được", "accepts the answer"),
}
EMERGENCY: dict[bool, Text] = {
    True: Text("khẩn cấp", "an emergency"),
    False: Text("không khẩn cấp", "no emergency"),
}
DAYS: dict[str, tuple[str, Text]] = {
    "plan": ("planned_for", Text("ngày {day}", "on {day}")),
    "wait_third_party": ("waiting_until", Text("đến {day}", "until {day}")),
    "ask_reporter": ("waiting_until", Text("trả lời đến {day}", "answer by {day}")),
}


def retold(events: Iterable[ReportEvent]) -> dict[int | None, Text]:
    """What each line set that a reader wants to know, by its number; three queries at most."""
    known = list(events)
    names = _Names(known)
    return {event.seq: _joined(_parts(event, names)) for event in known}


class _Names:
    """Agencies, categories and officers that the lines speak of, each looked up once."""

    def __init__(self, events: list[ReportEvent]):
        said = [(event.kind, event.detail, event.detail.get("set", {})) for event in events]
        agencies = {detail.get("agency") or new.get("agency") for _kind, detail, new in said}
        changed = [(one["category_was"], new) for _kind, one, new in said if "category_was" in one]
        categories = {code for was, new in changed for code in (was, new["category"])}
        officers = {new.get("officer") for kind, _detail, new in said if kind == "take"}
        self.agencies = _by_code(Agency.objects.filter(code__in=agencies - {None}))
        self.categories = _by_code(Category.objects.filter(pk__in=categories))
        self.officers = User.objects.in_bulk(officers - {None}) if officers else {}


def _by_code(rows: Iterable[Any]) -> dict[str, Text]:
    """Names by code. No query where nothing was asked for: Django sees an empty list."""
    return {one.code: Text(one.name_vi, one.name_en or one.name_vi) for one in rows}


def _parts(event: ReportEvent, names: _Names) -> list[Text]:
    detail, new = event.detail, event.detail.get("set", {})
    found: list[Text | None] = [names.agencies.get(detail.get("agency") or new.get("agency"))]
    if "category_was" in detail:
        was, now = (names.categories.get(c) for c in (detail["category_was"], new["category"]))
        if was and now:
            found.append(Text(f"{was.vi} → {now.vi}", f"{was.en} → {now.en}"))
    if event.kind in {"triage", "change"} and "emergency" in new:
        found.append(EMERGENCY[new["emergency"]])
    if event.kind == "take" and (officer := names.officers.get(new.get("officer"))):
        found.append(Text(str(officer), str(officer)))
    found.append(REASONS.get(event.kind, {}).get(detail.get("reason", "")))
    if event.kind == "rate":
        found.append(VERDICTS.get(new.get("satisfied", "")))
    if into := detail.get("into"):
        found.append(Text(into, into))
    found += [_day(event.kind, new), _late(event.kind, detail)]
    return [part for part in found if part is not None]


def _day(kind: str, new: dict[str, Any]) -> Text | None:
    column, said = DAYS.get(kind, ("", Text("", "")))
    if not new.get(column):
        return None
    day = date.fromisoformat(new[column]).strftime("%d/%m/%Y")
    return Text(said.vi.format(day=day), said.en.format(day=day))


def _late(kind: str, detail: dict[str, Any]) -> Text | None:
    """Which clock went how far."""
    if kind != "escalate" or detail.get("clock") not in CLOCKS:
        return None
    clock, share = CLOCKS[detail["clock"]], round(detail.get("share", 1) * 100)
    return Text(f"{clock.vi}, {share} % thời hạn", f"{clock.en}, {share} % of the time")


def _joined(parts: list[Text]) -> Text:
    return Text(", ".join(one.vi for one in parts), ", ".join(one.en for one in parts))
