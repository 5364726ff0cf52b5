"""Writes: a report is taken once, with its photos, its log and its place on the live map."""

import errno
import hashlib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo import crs, notices, reference
from geo.connections import release
from geo.errors import Refused
from geo.models import District
from geo.queries import district_at, in_city
from geo.text import Text
from ioc.reports import limits, messages, photos, questions, routing, spam, suggestion, terms
from ioc.reports.actions.log import Entry, announce, begin
from ioc.reports.codes import new_code
from ioc.reports.models import MAX_WORDS, Category, Moderation, Photo, Report, Reporter
from ioc.reports.workflow import Actor

CLOCK_TOLERANCE_S = 120
CLOCK_BELIEVED_DAYS = 1000
CODE_TRIES = 5
NO_REPORTER = frozenset({"reporter"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a person sends. `device_at` is when they wrote it, `sent_at` when it left, both by
    their own clock; the difference to ours corrects the first and is kept."""

    client_key: UUID
    lon: float
    lat: float
    category: str
    words: str = ""
    emergency: bool = False
    accuracy_m: float | None = None
    language: str = "vi"
    device_at: datetime | None = None
    sent_at: datetime | None = None
    synthetic: bool = False
    email: str = ""
    trap: str = field(default="", repr=False)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    source: str = "web"
    photos: Sequence[bytes] = field(default=(), repr=False)


def digest_of(client_key: UUID) -> UUID:
    """What is stored of the sender's key: enough to know it again, not enough to use it."""
    return UUID(bytes=hashlib.sha256(client_key.bytes).digest()[:16])


def submit(
    draft: Draft, *, user: Any = None, address: str = "", limited: bool = True
) -> tuple[Report, bool]:
    """The report, and whether it is new: the same `client_key` again is the same report.

    Raises Refused for words, place, category or photos that cannot be taken, and too-many-reports.
    """
    if known := _known(draft):
        return known, False
    with reference.held():
        return _submit(draft, user, address, limited)


def _known(draft: Draft) -> Report | None:
    """The report of this draft, where it came before."""
    mine = Report.objects.filter(client_key=digest_of(draft.client_key))
    return mine.get() if mine.exists() else None


def _submit(draft: Draft, user: Any, address: str, limited: bool) -> tuple[Report, bool]:
    words = plain_words(draft.words)
    checked_email(draft.email)
    category = _category(draft.category)
    draft = replace(draft, attributes=questions.checked(category, draft.attributes))
    district = _checked_place(draft.lon, draft.lat)
    if len(draft.photos) > limits.MAX_PHOTOS:
        raise _wrong("too-many-photos", _("A report carries at most three photos."), "photo")
    if limited and not draft.synthetic:
        limits.take(address, user)
    doubt = None
    if not draft.synthetic:
        doubt = spam.score(draft, address=address, user=user, trap=draft.trap)
    terms.freeze(category, draft.emergency)  # before the transaction, where it is remembered
    clean = _drawn_anew(draft.photos)
    for tries_left in reversed(range(CODE_TRIES)):
        try:
            report = _write(draft, words, category, clean, user, doubt, district)
            break
        except IntegrityError:
            if known := _known(draft):  # two sendings of one report raced; the other one won
                return known, False
            if not tries_left:  # it was not that its code is taken
                raise
    log.info("report-taken", code=report.code, category=category.pk, photos=len(clean))
    return report, True


def _drawn_anew(pictures: Sequence[bytes]) -> list[photos.CleanPhoto]:
    """The photos cleaned. Meanwhile others may use our connection to the database: drawing takes
    as long as all the rest, and a process has only a few."""
    if pictures:
        release()
    return [photos.clean(data) for data in pictures]


def plain_words(words: str) -> str:
    """Words in NFC without control signs. Raises Refused: too-long."""
    text = unicodedata.normalize("NFC", words.replace("\r\n", "\n"))
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc").strip()
    if len(text) > MAX_WORDS:
        message = _("The description is longer than %(limit)s characters. Please shorten it.")
        raise _wrong("words-too-long", message % {"limit": MAX_WORDS}, "words")
    return text


def checked_email(address: str) -> str:
    """The address, or nothing where none was given. Raises Refused: bad-email."""
    if not address:
        return ""
    try:
        validate_email(address)
    except ValidationError:
        raise _wrong("bad-email", _("This is not an email address."), "email") from None
    return address


def _wrong(code: str, message: str, *fields: str) -> Refused:
    return Refused(code, message, fields=dict.fromkeys(fields, message))


def _category(code: str) -> Category:
    known = Category.objects.select_related("plan__calendar")
    categories = reference.now().get("categories", lambda: {one.pk: one for one in known})
    category = categories.get(code)
    if category is None or not category.active:
        message = _("This category does not exist or is no longer used. Choose another.")
        raise _wrong("unknown-category", message, "category")
    return category


def check_on_earth(lon: float, lat: float) -> None:
    """Raises Refused: bad-position, where the numbers are no place."""
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise _wrong("bad-position", _("The position is not a place on Earth."), "lon", "lat")


def _checked_place(lon: float, lat: float) -> District | None:
    """The ward of a pin, if one holds it. Raises Refused: bad-position, outside-city."""
    check_on_earth(lon, lat)
    district = district_at(lon, lat)
    if district is None and not in_city(lon, lat):
        message = _("The pin is outside the city. Move it to where the problem is.")
        raise _wrong("outside-city", message, "lon", "lat")
    return district


@transaction.atomic
def _write(
    draft: Draft,
    words: str,
    category: Category,
    clean: list[photos.CleanPhoto],
    user: Any,
    doubt: spam.Suspicion | None,
    district: District | None,
) -> Report:
    report = _drawn_up(draft, words, category, district)
    events = begin(report, *_first_lines(report, doubt))
    Reporter.objects.create(
        report=report,
        user=user if _is_person(user) else None,
        email=draft.email,
        language=draft.language,
    )
    keep_photos(report, clean)
    announce(events, nobody=frozenset() if _is_person(user) or draft.email else NO_REPORTER)
    if report.emergency:
        _warn_centre(report, category)
        key = f"{report.code}-emergency"
        messages.queue(key=key, report=report, event=events[0], kind="emergency", to="centre")
    return report


def _is_person(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated)


def _drawn_up(draft: Draft, words: str, category: Category, district: District | None) -> Report:
    """The report as it was sent, not yet written."""
    now = timezone.now()
    ahead_s = (draft.sent_at - now).total_seconds() if draft.sent_at else 0.0
    city = crs.city()
    report = Report(
        client_key=digest_of(draft.client_key),
        geom=crs.point(draft.lon, draft.lat),
        category=category,
        words=words,
        language=draft.language,
        emergency=draft.emergency,
        accuracy_m=draft.accuracy_m,
        district=district,
        received_at=draft.device_at if draft.synthetic and draft.device_at else now,
        device_at=_believable(draft.device_at, now),
        attributes=dict(draft.attributes),
        clock_off_s=_small_int(ahead_s) if abs(ahead_s) > CLOCK_TOLERANCE_S else None,
        source="demo" if draft.synthetic else draft.source,
        synthetic=draft.synthetic,
    )
    report.code = new_code(city.slug if city else "")
    return report


def _first_lines(report: Report, doubt: spam.Suspicion | None) -> list[Entry]:
    """That it came, with what the words speak of; and where a rule sends it, if one does.

    The usual agency of a category is only proposed to the centre: what goes on by itself is what
    somebody wrote a rule for. What looks like spam waits for a moderator, unless it says that
    somebody is in danger.
    """
    routed = routing.decide(report)
    said = suggestion.suggest(report.words, report.language)
    facts: dict[str, Any] = terms.facts_of(report) | {"routed": routed.record()}
    if said is not None:
        facts["suggested"] = asdict(said)
    detail: dict[str, Any] = {}
    held = doubt is not None and doubt.held and not report.emergency
    if doubt is not None and doubt.signs:
        report.spam_score = doubt.score
        detail["spam"] = doubt.reasons()
    if held:
        facts["moderation"] = Moderation.HELD
    came = Entry(
        kind="submit", by_kind=Actor.REPORTER, at=report.received_at, facts=facts, detail=detail
    )
    if routed.rule_id is None or held:
        return [came]
    where = {"agency": routed.agency_code}
    return [came, Entry(kind="route", at=report.received_at, facts=where, detail=where)]


def _believable(at: datetime | None, now: datetime) -> datetime | None:
    """A phone's time, or None where it is years off: such a time says nothing, and one before
    the year 1 or after 9999 in some zone could not be read back."""
    return at if at is not None and abs(at - now) < timedelta(days=CLOCK_BELIEVED_DAYS) else None


def free_code(city_slug: str) -> str:
    """A code that no report has; the unique index refuses what slips through."""
    for _try in range(CODE_TRIES):
        code = new_code(city_slug)
        if not Report.objects.filter(code=code).exists():
            break
    return code


def _small_int(seconds: float) -> int:
    return int(max(-(2**31), min(2**31 - 1, seconds)))


def keep_photos(report: Report, clean: Sequence[photos.CleanPhoto], **values: Any) -> list[Photo]:
    """Photos of the report, stored; what was written is removed again if one cannot be."""
    kept: list[Photo] = []
    try:
        for one in clean:
            photo = Photo(
                report=report, width=one.width, height=one.height, sha256=one.sha256, **values
            )
            kept.append(photo)
            photo.file.save("", ContentFile(one.photo), save=False)
            photo.thumb.save("", ContentFile(one.thumb), save=False)
            photo.save()
    except OSError as error:
        for photo in kept:
            for file in (photo.file, photo.thumb):
                if file:
                    file.delete(save=False)
        if error.errno == errno.ENOSPC:
            message = _("There is no room to store the photo now. Please send it again later.")
            raise Refused("disk-full", message, status=507) from error
        raise
    return kept


def _warn_centre(report: Report, category: Category) -> None:
    place = report.district
    notices.publish(
        key=f"report-emergency-{report.code}",
        kind="report-emergency",
        severity="severe",
        layer="reports",
        feature_id=report.pk,
        point=(report.geom.x, report.geom.y),
        occurred_at=report.received_at,
        title=Text(f"Phản ánh khẩn: {category.name_vi}", f"Emergency report: {category.name_en}"),
        body=Text(
            f"{place.name_vi}, {report.code}" if place else report.code,
            f"{place.name_en}, {report.code}" if place else report.code,
        ),
        data={"code": report.code, "category": category.pk},
        synthetic=report.synthetic,
    )
