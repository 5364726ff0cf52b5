"""What a move was given, checked: each field by its type, then what it means for the case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.accounts.models import Agency, User
from ioc.reports import terms
from ioc.reports.actions import moderation, parts
from ioc.reports.actions.submit import plain_words
from ioc.reports.models import Category, Photo, Report, ReportEvent
from ioc.reports.queries import WORK
from ioc.reports.workflow import MOVES, REASONS, Actor, Need

MAX_AHEAD = timedelta(days=730)
MAX_JOINS = 5
ANSWER_DAYS = 7


@dataclass
class Checked:
    """What is to be written: columns, words, detail, and effects to run once the event exists."""

    facts: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    public_words: str = ""
    private_words: str = ""
    effects: list[Callable[[ReportEvent], None]] = field(default_factory=list)


def wrong(name: str, message: str) -> Refused:
    return Refused("invalid-input", message, status=422, fields={name: message})


def check(report: Report, name: str, user: Any, actor: str, fields: Mapping[str, Any]) -> Checked:
    """What the fields mean for this case. Raises Refused naming the field and the fault."""
    checked = Checked()
    for need in MOVES[name].needs:
        value = fields.get(need.name)
        if value in (None, "", [], ()):
            if need.required:
                raise wrong(need.name, _("Please fill this in."))
            continue
        CHECKS[need.type](checked, report, name, need, value)
    finish = FINISH.get(name)
    if finish is not None:
        finish(checked, report, user, actor)
    if {"category", "emergency"} & set(checked.facts):
        checked.facts |= terms.facts_of(report, checked.facts)
    return checked


def _words(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    words = plain_words(str(value))
    if not words and need.required:
        raise wrong(need.name, _("Please fill this in."))
    checked.public_words = words


def _note(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    checked.private_words = plain_words(str(value))
    if not checked.private_words and need.required:
        raise wrong(need.name, _("Please fill this in."))


def _text(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    words = plain_words(str(value))
    if not words and need.required:
        raise wrong(need.name, _("Please fill this in."))
    checked.detail["words_length"] = len(words)
    checked.effects.append(moderation.texts[name](report, words))


def _agency(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    agency = Agency.objects.filter(code=str(value), active=True).first()
    if agency is None:
        raise wrong(need.name, _("There is no such agency."))
    if name == "hand_over" and agency.pk == report.agency_id:
        raise wrong(need.name, _("The case lies with this agency already."))
    checked.facts |= {"agency": agency.code, "officer": None}
    checked.detail["agency"] = agency.code


def _officer(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    people = User.objects.filter(is_active=True, agency_id=report.agency_id)
    officer = people.filter(pk=value).first() if str(value).isdigit() else None
    if report.agency_id is None or officer is None or not officer.has_perm(WORK):
        raise wrong(need.name, _("There is no such officer in the agency of this case."))
    checked.facts["officer"] = officer.pk


def _category(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    category = Category.objects.filter(pk=str(value), active=True).first()
    if category is None:
        message = _("This category does not exist or is no longer used. Choose another.")
        raise wrong(need.name, message)
    if category.pk != report.category_id:
        checked.facts["category"] = category.pk
        checked.detail["category_was"] = report.category_id


def _bool(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    if isinstance(value, bool) and value != report.emergency:
        checked.facts["emergency"] = value


def _reason(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    if value not in REASONS[name]:
        raise wrong(need.name, _("Choose one of the reasons."))
    checked.detail["reason"] = value


def _date(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise wrong(need.name, _("This is not a date.")) from None
    today = timezone.localdate()
    if not today <= day <= today + MAX_AHEAD:
        raise wrong(need.name, _("The day must lie ahead, within two years."))
    checked.facts["planned_for" if need.name == "planned_for" else "waiting_until"] = str(day)


def _code(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    into = Report.objects.with_code(str(value)).filter(parent=None).first()
    for _step in range(MAX_JOINS):
        if into is None or into.duplicate_of is None:
            break
        into = into.duplicate_of
    if into is None:
        raise wrong(need.name, _("There is no report with this code."))
    if into.pk == report.pk:
        raise wrong(need.name, _("A report cannot be joined to itself."))
    if report.parent_id is not None or report.parts.exists():
        raise wrong(need.name, _("A case in parts cannot be joined to another."))
    checked.facts["duplicate_of"] = into.pk
    checked.detail["into"] = into.code


def _photos(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    names = [str(one) for one in value][:20]
    photos = list(Photo.objects.filter(report=report, name__in=names, replaced_by=None))
    if len(photos) != len(set(names)):
        raise wrong(need.name, _("One of the photos is not there any more."))
    checked.detail["photos"] = len(photos)
    checked.effects.append(moderation.photos[name](photos))


def _parts(checked: Checked, report: Report, name: str, need: Need, value: Any) -> None:
    if report.parent_id is not None:
        raise wrong(need.name, _("A part cannot be split again."))
    wanted = parts.checked(value, lambda message: wrong(need.name, message))
    checked.detail["parts"] = len(wanted)
    checked.effects.append(lambda event: parts.make(report, wanted, event))


Check = Callable[[Checked, Report, str, Need, Any], None]
CHECKS: dict[str, Check] = {
    "words": _words, "note": _note, "text": _text, "agency": _agency, "officer": _officer,
    "category": _category, "bool": _bool, "reason": _reason, "date": _date, "code": _code,
    "photos": _photos, "parts": _parts,
}  # fmt: skip


def _accepted(checked: Checked, report: Report, user: Any, actor: str) -> None:
    if report.officer_id is None and actor == Actor.AGENCY:
        checked.facts["officer"] = user.pk


def _asked(checked: Checked, report: Report, user: Any, actor: str) -> None:
    days = terms.content(report.terms_id)["plan"]["answer_days"] if report.terms_id else ANSWER_DAYS
    checked.facts["waiting_until"] = str(timezone.localdate() + timedelta(days=days))


def _resolved(checked: Checked, report: Report, user: Any, actor: str) -> None:
    if report.category.needs_result_photo and not checked.detail.get("photos"):
        raise wrong("photos", _("This kind of report is closed with a photo of the result."))
    checked.facts |= {"planned_for": None, "waiting_until": None, "satisfied": ""}


def _back_at_work(checked: Checked, report: Report, user: Any, actor: str) -> None:
    checked.facts |= {"planned_for": None, "waiting_until": None}


def _sent_back(checked: Checked, report: Report, user: Any, actor: str) -> None:
    checked.facts |= {"agency": None, "officer": None}
    checked.detail["from"] = report.agency.code if report.agency else ""


def _separated(checked: Checked, report: Report, user: Any, actor: str) -> None:
    checked.facts["duplicate_of"] = None


def _something(checked: Checked, report: Report, user: Any, actor: str) -> None:
    if not checked.facts:
        raise wrong("category", _("Nothing would change."))


def _held(checked: Checked, report: Report, user: Any, actor: str) -> None:
    checked.facts["moderation"] = "hidden"


def _shown(checked: Checked, report: Report, user: Any, actor: str) -> None:
    checked.facts["moderation"] = "clear"


FINISH: dict[str, Callable[[Checked, Report, Any, str], None]] = {
    "accept": _accepted, "ask_reporter": _asked, "resolve": _resolved,
    "resume": _back_at_work, "send_back": _sent_back,
    "unjoin": _separated, "change": _something, "hide": _held, "release": _shown,
}  # fmt: skip
