"""Reports for everybody: sent without an account, found on map and list, followed by code."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from ninja.decorators import decorate_view
from pydantic import AwareDatetime, Field

from geo.errors import Refused
from geo.queries import parse_bbox
from ioc.accounts.auth import session_or_token
from ioc.reports import actions, duplicates, limits, listing, proof, shown, statistics
from ioc.reports.actions import reporters
from ioc.reports.models import Category, Follower, Photo, Report
from ioc.reports.queries import NEARBY_LIMIT
from ioc.reports.tickets import opens
from ioc.reports.workflow import Actor, allowed
from layers.viewers import viewer

router = Router(tags=["reports"])
KEY_HEADER = "X-Report-Key"
MAX_ATTRIBUTES, MAX_VALUES = 20, 40


class ReportIn(Schema):
    lon: float = Field(allow_inf_nan=False)
    lat: float = Field(allow_inf_nan=False)
    category: str = Field(max_length=40)
    client_key: UUID
    words: str = ""
    emergency: bool = False
    accuracy_m: float | None = Field(None, ge=0, le=100_000)
    language: Literal["vi", "en"] = "vi"
    device_at: AwareDatetime | None = None
    sent_at: AwareDatetime | None = None
    synthetic: bool = False
    email: str = Field("", max_length=254)
    proof: str = Field("", max_length=2000)
    website: str = Field("", max_length=200, description="Left empty by people, who never see it")
    attributes: str = Field("", max_length=8000)


class Taken(Schema):
    code: str
    url: str
    lon: float
    lat: float
    category: str
    state: str
    created_at: datetime
    held: bool


class FollowIn(Schema):
    client_key: UUID
    language: Literal["vi", "en"] = "vi"
    email: str = Field("", max_length=254)


class UnfollowIn(Schema):
    client_key: UUID


class Followed(Schema):
    code: str
    me_too: int


class AnswerIn(Schema):
    key: UUID
    words: str = ""


class RateIn(Schema):
    key: UUID
    verdict: str = Field(max_length=20)
    reason: str = Field("", max_length=40)
    words: str = ""


class ListIn(Schema):
    bbox: str = ""
    category: str = ""
    state: str = ""
    open: bool | None = None
    overdue: bool | None = None
    district: str = ""
    since: date | None = None
    cursor: str = ""
    limit: int = Field(50, ge=1, le=100)


class FiguresIn(Schema):
    by: str = Field("ward", max_length=20)
    start: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")


@router.get("/categories", auth=None)
def categories(request: HttpRequest) -> list[dict[str, Any]]:
    return [shown.category_asked(category) for category in Category.objects.filter(active=True)]


@router.post("", response={201: Taken}, auth=None)
@decorate_view(limits.small_form)
def submit(
    request: HttpRequest,
    report: Form[ReportIn],
    photo: File[list[UploadedFile]] = [],  # noqa: B006  (ninja reads the default, never keeps it)
) -> Status:
    """Takes a report; the same `client_key` again answers with the same report."""
    user = viewer(request)
    if report.synthetic and not user.has_perm("reports.add_synthetic"):
        raise PermissionError
    if not user.is_authenticated:
        proof.check(report.proof, holder=str(report.client_key))
    given = (
        report.dict(exclude={"proof", "website"})
        | {"trap": report.website}
        | {"attributes": attributes_of(report.attributes)}
    )
    draft = actions.Draft(
        **given, photos=tuple(one.read() for one in photo[: limits.MAX_PHOTOS + 1])
    )
    taken, _new = actions.submit(draft, user=user, address=limits.address_of(request))
    said = shown.public_out(taken)
    held = taken.moderation == "held"
    return Status(201, {**said, "category": taken.category_id, "state": taken.state, "held": held})


def attributes_of(text: str) -> dict[str, str | list[str]]:
    """Answers to a category's questions, from JSON. Raises Refused: bad-attributes."""
    if not text:
        return {}
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict) or len(given) > MAX_ATTRIBUTES:
        raise Refused("bad-attributes", "attributes must be a JSON object of at most 20 answers")
    return {
        str(name)[:60]: [_plain(one) for one in value[:MAX_VALUES]]
        if isinstance(value, list)
        else _plain(value)
        for name, value in given.items()
    }


def _plain(value: Any) -> str:
    return actions.plain_words(str(value))[:500]


@router.get("/nearby", auth=None)
def nearby(
    request: HttpRequest, lon: float, lat: float, category: str = "", words: str = ""
) -> list[dict[str, Any]]:
    """Open reports that may be the same thing, told from what the public may know alone."""
    actions.check_on_earth(lon, lat)
    spot = duplicates.Spot(lon=lon, lat=lat, category=category, words=words[:300])
    found = duplicates.near(spot, user_public=True, limit=NEARBY_LIMIT)
    thumbs = shown.published_thumbs([one.report for one in found])
    return [
        {**shown.listed_out(one.report, thumbs), "score": one.score, "why": one.why.dict()}
        for one in found
    ]


@router.get("/public", auth=None)
def public_list(request: HttpRequest, asked: Query[ListIn]) -> dict[str, Any]:
    """Reports as the public may know them, the newest first, a page at a time."""
    box = parse_bbox(asked.bbox) if asked.bbox else None
    rows, following = listing.public_page(asked, box)
    thumbs = shown.published_thumbs(rows)
    return {"reports": [shown.listed_out(one, thumbs) for one in rows], "next": following}


@router.get("/statistics", auth=None)
def figures(request: HttpRequest, asked: Query[FiguresIn]) -> dict[str, Any]:
    """What became of the reports of a span of days, by ward, category or agency."""
    return statistics.table(asked.by, asked.start, asked.end)


@router.get("/mine", auth=session_or_token)
def mine(request: HttpRequest) -> dict[str, Any]:
    """What the person signed in has sent and follows, the newest first."""
    return {"reports": listing.of_person(request.user)}


@router.get("/by-code/{code}", auth=None)
def by_code(request: HttpRequest, code: str) -> dict[str, Any]:
    """The public view of a report; words and photos too for its sender and those at work on it.

    The sender is known by the key their phone made, sent in the header X-Report-Key, or by
    being signed in. The code alone is short, so it opens nothing that is not public.
    """
    user = viewer(request)
    report, is_mine, following = _followed(request, code)
    at_work = Report.objects.worked_by(user).filter(pk=report.pk).exists()
    opened = "sender" if is_mine else "staff" if at_work else "public"
    return {
        **shown.listed_out(report, {}),
        "steps": shown.steps_out(report, is_mine),
        "mine": is_mine,
        "following": following,
        "emergency": report.emergency if opened != "public" else None,
        "words": report.words if opened != "public" else report.words_public or None,
        "photos": shown.visible_photos(report, opened),
        "due_at": report.resolve_due_at,
        "question": shown.question_of(report) if is_mine else None,
        "can": _can(report, is_mine, following),
        "duplicate_of": report.duplicate_of.code if report.duplicate_of else None,
        "parts": [
            {"code": part.code, "state": shown.state_out(part.state)}
            for part in report.parts.order_by("id")
        ],
        "satisfied": report.satisfied,
        "rate_until": reporters.rate_until(report) if is_mine else None,
        "held": report.moderation == "held" if is_mine else False,
    }


def _can(report: Report, is_mine: bool, following: bool) -> list[str]:
    def may(name: str) -> bool:
        return allowed(name, report.state, Actor.REPORTER, report.moderation)

    if is_mine:
        doable = {"answer": may("answer"), "rate": may("rate"), "dispute": may("dispute")}
        return [name for name, now in doable.items() if now]
    return ["unfollow" if following else "follow"]


def _followed(request: HttpRequest, code: str) -> tuple[Report, bool, bool]:
    """The report of a code, whether the caller sent it, and whether they follow it.

    What is hidden from the public is there for its sender. Raises Http404.
    """
    rows = Report.objects.with_code(code).filter(parent=None)
    report = rows.select_related("category", "district", "agency", "duplicate_of", "terms").first()
    if report is None:
        raise Http404
    digest = _digest(request)
    is_mine = digest == report.client_key or _is_signed_in_sender(request, report)
    user = viewer(request)
    if not (is_mine or report.on_map or Report.objects.worked_by(user).contains(report)):
        raise Http404
    following = Follower.objects.filter(report=report)
    if digest is not None:
        return report, is_mine, following.filter(key_digest=digest).exists()
    known = user.is_authenticated and following.filter(user=user).exists()
    return report, is_mine, bool(known)


def _digest(request: HttpRequest) -> UUID | None:
    try:
        return actions.digest_of(UUID(request.headers.get(KEY_HEADER, "")))
    except ValueError:
        return None


def _is_signed_in_sender(request: HttpRequest, report: Report) -> bool:
    user = viewer(request)
    if not user.is_authenticated:
        return False
    return type(report).objects.filter(pk=report.pk, reporter__user=user).exists()


@router.post("/by-code/{code}/follow", response=Followed, auth=None)
def follow(request: HttpRequest, code: str, asked: FollowIn) -> dict[str, Any]:
    """Me too: the caller hears of this report as its sender does. Twice is once."""
    report = _on_map(code)
    me_too = reporters.follow(
        report,
        asked.client_key,
        user=viewer(request),
        address=limits.address_of(request),
        email=actions.checked_email(asked.email),
        language=asked.language,
    )
    return {"code": report.code, "me_too": me_too}


@router.post("/by-code/{code}/unfollow", response=Followed, auth=None)
def unfollow(request: HttpRequest, code: str, asked: UnfollowIn) -> dict[str, Any]:
    report = _on_map(code)
    return {"code": report.code, "me_too": reporters.unfollow(report, asked.client_key)}


def _on_map(code: str) -> Report:
    report = Report.objects.with_code(code).filter(on_map=True).first()
    if report is None:
        raise Http404
    return report


@router.post("/by-code/{code}/answer", auth=None)
@decorate_view(limits.small_form)
def answer(
    request: HttpRequest,
    code: str,
    said: Form[AnswerIn],
    photo: File[list[UploadedFile]] = [],  # noqa: B006
) -> dict[str, Any]:
    """The sender answers the agency's question; work goes on."""
    report = _own(request, code)
    pictures = tuple(one.read() for one in photo[: limits.MAX_PHOTOS + 1])
    reporters.answer(report, key=said.key, words=said.words, pictures=pictures)
    return by_code(request, code)


@router.post("/by-code/{code}/rate", auth=None)
def rate(request: HttpRequest, code: str, said: RateIn) -> dict[str, Any]:
    """The sender judges the answer; not satisfied opens the report again."""
    report = _own(request, code)
    reporters.rate(report, key=said.key, verdict=said.verdict, reason=said.reason, words=said.words)
    return by_code(request, code)


def _own(request: HttpRequest, code: str) -> Report:
    report, is_mine, _following = _followed(request, code)
    if not is_mine:
        raise Http404
    return report


@router.get("/photos/{name}/{size}.jpg", auth=None, include_in_schema=False)
def photo(
    request: HttpRequest, name: str, size: Literal["photo", "thumb"], ticket: str = ""
) -> HttpResponse:
    """A photo as drawn anew; 404 for whoever may not see it, as for one that is not there."""
    row = Photo.objects.filter(name=name).select_related("report").first()
    if row is None or not _may_see(request, row, ticket):
        raise Http404
    try:
        with (row.file if size == "photo" else row.thumb).open("rb") as file:
            data = file.read()
    except OSError as error:
        raise Http404 from error
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Disposition"] = "inline"
    return response


def _may_see(request: HttpRequest, photo: Photo, ticket: str) -> bool:
    """Published ones: all. The first of a blurred one: moderators. The others: sender, at work."""
    user = viewer(request)
    if photo.replaced_by_id is not None:
        return bool(user.is_authenticated and user.has_perm("reports.moderate_report"))
    if photo.published and photo.report.on_map:
        return True
    if opens(photo.name, ticket):
        return True
    return Report.objects.worked_by(user).filter(pk=photo.report_id).exists()
