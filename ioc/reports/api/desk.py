"""The desk over HTTP: queue, case, moves and their undoing, for officers and the centre."""

from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Query, Router, Schema, UploadedFile
from ninja.decorators import decorate_view
from pydantic import Field

from geo.errors import Refused
from geo.models import District
from geo.queries import parse_bbox
from ioc.accounts.auth import session_or_token
from ioc.accounts.models import Agency
from ioc.reports import casefile, desk, limits, photos, shown
from ioc.reports.actions import moderation, moves
from ioc.reports.actions.submit import keep_photos
from ioc.reports.models import Category, Photo, Report, ReportEvent, SavedFilter, Seen
from ioc.reports.queries import ACT, FULL_VIEW, WORK
from ioc.reports.workflow import DESK_MOVES, MOVES, REASONS, State

router = Router(tags=["desk"], auth=session_or_token)
MAX_FILTERS = 30


class QueueIn(Schema):
    view: str = "team"
    band: str = ""
    state: str = Field("", max_length=300)
    category: str = ""
    agency: str = ""
    district: str = ""
    emergency: bool | None = None
    q: str = Field("", max_length=100)
    bbox: str = ""
    order: str = "due"
    cursor: str = ""
    limit: int = Field(50, ge=1, le=100)


class ItemIn(Schema):
    code: str = Field(max_length=16)
    version: int = Field(ge=0)


class MoveIn(Schema):
    move: str = Field(max_length=24)
    key: UUID
    items: list[ItemIn] = Field(min_length=1, max_length=moves.MAX_ITEMS)
    fields: dict[str, Any] = Field(default_factory=dict)


class UndoIn(Schema):
    key: UUID


class BlurIn(Schema):
    boxes: list[tuple[float, float, float, float]] = Field(min_length=1, max_length=40)
    reason: str = Field(max_length=40)
    version: int | None = Field(None, ge=0)
    """Of the case as the moderator saw it; another one is refused as stale."""


class SeenIn(Schema):
    code: str = Field(max_length=16)


class FilterIn(Schema):
    name: str = Field(min_length=1, max_length=60)
    query: dict[str, str | bool | None]


def staff(request: HttpRequest) -> Any:
    """The member of staff who asks. Raises PermissionError for everybody else."""
    user = request.user
    if not (user.has_perm(WORK) or user.has_perm(FULL_VIEW)):
        raise PermissionError
    return user


def case_of(user: Any, code: str) -> Report:
    """A case that this person works on. Raises Http404 alike for unknown and not theirs."""
    rows = Report.objects.worked_by(user).with_code(code)
    report = rows.select_related(
        "category", "district", "agency", "officer", "terms", "parent", "duplicate_of"
    ).first()
    if report is None:
        raise Http404
    return report


@router.get("/home")
def home(request: HttpRequest) -> dict[str, Any]:
    """Who asks, what there is to choose from, and what each step needs."""
    user = staff(request)
    agencies = Agency.objects.filter(active=True)
    districts = District.objects.filter(retired_at=None)
    return {
        "me": {
            "name": str(user),
            "role": user.role,
            "agency": shown.named(user.agency),
            "centre": user.has_perm(FULL_VIEW),
            "may": {
                "act": user.has_perm(ACT) or user.has_perm(WORK),
                "moderate": user.has_perm("reports.moderate_report"),
                "set_up": user.has_perm("reports.set_up"),
            },
        },
        "states": [shown.state_out(state) for state in State],
        "moves": {name: _move_out(name) for name in DESK_MOVES},
        "reasons": {
            name: [{"code": code, "title": title.dict()} for code, title in reasons.items()]
            for name, reasons in REASONS.items()
        },
        "categories": [
            shown.category_out(category) for category in Category.objects.filter(active=True)
        ],
        "agencies": [shown.named(agency) for agency in agencies],
        "districts": [shown.named(district) for district in districts],
        "views": desk.view_counts(user),
        "filters": _filters(user),
    }


def _move_out(name: str) -> dict[str, Any]:
    move = MOVES[name]
    return {
        "title": move.title.dict(),
        "done": move.done.dict(),
        "tone": move.tone,
        "by": [str(part) for part in move.by],
        "bulk": move.bulk,
        "undoable": move.undoable,
        "needs": [
            {
                "name": need.name,
                "type": need.type,
                "title": need.title.dict(),
                "required": need.required,
            }
            for need in move.needs
        ],
    }


def asked_of(given: QueueIn) -> desk.Asked:
    names = ("view", "band", "state", "category", "agency", "district", "emergency", "q")
    box = parse_bbox(given.bbox) if given.bbox else None
    return desk.Asked(box=box, **{name: getattr(given, name) for name in names})


@router.get("/queue")
def queue(request: HttpRequest, given: Query[QueueIn]) -> dict[str, Any]:
    """One page of the queue, with how many cases are in each clock band."""
    user, asked, now = staff(request), asked_of(given), timezone.now()
    rows, following = desk.page(
        user, asked, order=given.order, cursor=given.cursor, limit=given.limit
    )
    counted = desk.bands(user, asked)
    return {
        "items": [casefile.item_out(row, now) for row in rows],
        "next": following,
        "bands": {band: counted[band] for band in desk.BANDS},
        "total": counted["total"],
        "total_capped": counted["total"] == desk.COUNTED,
        "now": now,
    }


@router.get("/cases/{code}")
def case(request: HttpRequest, code: str) -> dict[str, Any]:
    user = staff(request)
    return casefile.case_out(user, case_of(user, code))


@router.get("/cases/{code}/dossier.pdf")
def dossier(request: HttpRequest, code: str, lang: Literal["vi", "en"] = "vi") -> HttpResponse:
    """The case on paper, for those who work on it."""
    user = staff(request)
    report = case_of(user, code)
    # Loaded when first asked for: the writer of PDFs is large, and few ask.
    from ioc.reports.paper import dossier_of

    answer = HttpResponse(dossier_of(user, report, lang), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{report.code}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@router.post("/moves")
def move(request: HttpRequest, given: MoveIn) -> dict[str, Any]:
    """What became of each case, and until when it may be taken back."""
    user = staff(request)
    items = [moves.Item(item.code, item.version) for item in given.items]
    results = moves.perform(user, given.move, items, given.key, given.fields)
    events = ReportEvent.objects.filter(key=given.key, by=user)
    until = moves.undo_until(list(events))
    return {
        "results": [_result_out(result) for result in results],
        "undo": {"key": given.key, "until": until} if until else None,
    }


def _result_out(result: moves.Result) -> dict[str, Any]:
    said: dict[str, Any] = {"code": result.code, "ok": result.error is None}
    if result.error is None:
        return said | {"version": result.version, "state": result.state}
    error = {"code": result.error.code, "message": str(result.error.message)}
    return said | {"error": error | result.error.details}


@router.post("/undo")
def undo(request: HttpRequest, given: UndoIn) -> dict[str, Any]:
    return {"results": [_result_out(one) for one in moves.undo(staff(request), given.key)]}


@router.post("/cases/{code}/photos")
@decorate_view(limits.small_form)
def add_photos(
    request: HttpRequest,
    code: str,
    photo: File[list[UploadedFile]],
) -> list[dict[str, Any]]:
    """Photos of the result, to be named in the step that they belong to."""
    user = staff(request)
    report = case_of(user, code)
    if moves.part_of(user, report) is None:
        raise PermissionError
    if len(photo) > limits.MAX_PHOTOS:
        raise Refused("too-many-photos", "at most three photos at once")
    clean = [photos.clean(one.read()) for one in photo]
    kept = keep_photos(report, clean, kind=Photo.Kind.RESULT)
    return [shown.photo_out(one) for one in kept]


@router.post("/cases/{code}/photos/{name}/blur")
def blur(request: HttpRequest, code: str, name: str, given: BlurIn) -> dict[str, Any]:
    """The photo with parts of it unreadable, in place of the first one."""
    user = staff(request)
    if not user.has_perm("reports.moderate_report"):
        raise PermissionError
    report = case_of(user, code)
    photo = Photo.objects.filter(report=report, name=name).first()
    if photo is None:
        raise Http404
    if given.reason not in REASONS["blur"]:
        raise Refused("invalid-input", "choose one of the reasons", status=422)
    new = moderation.blur(user, photo, given.boxes, given.reason, given.version)
    return shown.photo_out(new)


@router.post("/seen")
def seen(request: HttpRequest, given: SeenIn) -> dict[str, Any]:
    """The case is read as far as it goes now."""
    user = staff(request)
    report = case_of(user, given.code)
    Seen.objects.update_or_create(user=user, report=report, defaults={"seq": report.version})
    return {"seq": report.version}


def _filters(user: Any) -> list[dict[str, Any]]:
    return list(SavedFilter.objects.filter(user=user).values("id", "name", "query"))


@router.get("/filters")
def filters(request: HttpRequest) -> list[dict[str, Any]]:
    return _filters(staff(request))


@router.post("/filters")
def save_filter(request: HttpRequest, given: FilterIn) -> list[dict[str, Any]]:
    """The person's filters; one of the same name is replaced."""
    user = staff(request)
    known = SavedFilter.objects.filter(user=user)
    if known.exclude(name=given.name).count() >= MAX_FILTERS:
        raise Refused("too-many-filters", "thirty filters are kept; remove one first", status=409)
    if len(str(given.query)) > 2000:
        raise Refused("invalid-input", "the filter is too long", status=422)
    known.update_or_create(user=user, name=given.name, defaults={"query": given.query})
    return _filters(user)


@router.delete("/filters/{filter_id}")
def drop_filter(request: HttpRequest, filter_id: int) -> list[dict[str, Any]]:
    user = staff(request)
    SavedFilter.objects.filter(user=user, pk=filter_id).delete()
    return _filters(user)
