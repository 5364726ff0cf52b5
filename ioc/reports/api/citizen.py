"""Reports over HTTP: sent without an account, followed by code, seen in full by few."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status, UploadedFile
from ninja.decorators import decorate_view
from pydantic import AwareDatetime, Field

from ioc.reports import actions, limits
from ioc.reports.models import Category, Photo, Report
from ioc.reports.queries import NEARBY_LIMIT, sees_all
from ioc.reports.tickets import opens, photo_address, ticketed_address
from ioc.reports.workflow import TITLES, State
from layers.viewers import viewer

router = Router(tags=["reports"])
KEY_HEADER = "X-Report-Key"


class Words(Schema):
    vi: str
    en: str


class CategoryOut(Schema):
    code: str
    title: Words
    icon: str
    color: str


class StateOut(Schema):
    value: str
    title: Words


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


class Taken(Schema):
    code: str
    url: str
    lon: float
    lat: float
    category: str
    state: str
    created_at: datetime


class Nearby(Schema):
    code: str
    url: str
    lon: float
    lat: float
    category: CategoryOut
    state: StateOut
    created_at: datetime


class Step(Schema):
    at: datetime
    state: str
    title: Words
    words: str


class PhotoOut(Schema):
    url: str
    thumb: str
    width: int
    height: int


class Followed(Nearby):
    district: Words | None
    steps: list[Step]
    mine: bool
    synthetic: bool
    emergency: bool | None
    words: str | None
    photos: list[PhotoOut]


def category_out(category: Category) -> dict[str, Any]:
    return {
        "code": category.pk,
        "title": {"vi": category.name_vi, "en": category.name_en},
        "icon": category.icon,
        "color": category.color,
    }


def state_out(state: str) -> dict[str, Any]:
    return {"value": state, "title": TITLES[State(state)].dict()}


def public_out(report: Report) -> dict[str, Any]:
    """What anybody may know of a report: its place on the grid, never its exact one."""
    return {
        "code": report.code,
        "url": f"/r/{report.code}",
        "lon": report.geom_public.x,
        "lat": report.geom_public.y,
        "category": category_out(report.category),
        "state": state_out(report.state),
        "created_at": report.received_at,
    }


@router.get("/categories", response=list[CategoryOut], auth=None)
def categories(request: HttpRequest) -> list[dict[str, Any]]:
    return [category_out(category) for category in Category.objects.filter(active=True)]


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
    draft = actions.Draft(
        **report.dict(), photos=tuple(one.read() for one in photo[: limits.MAX_PHOTOS + 1])
    )
    taken, _new = actions.submit(draft, user=user, address=limits.address_of(request))
    said = public_out(taken)
    return Status(201, {**said, "category": taken.category_id, "state": taken.state})


@router.get("/nearby", response=list[Nearby], auth=None)
def nearby(request: HttpRequest, lon: float, lat: float) -> list[dict[str, Any]]:
    """Open reports that may lie within 100 m, told from their public places alone."""
    actions.check_on_earth(lon, lat)
    near = Report.objects.visible_to(viewer(request)).open().publicly_near(lon, lat)
    return [public_out(one) for one in near.select_related("category")[:NEARBY_LIMIT]]


@router.get("/by-code/{code}", response=Followed, auth=None)
def by_code(request: HttpRequest, code: str) -> dict[str, Any]:
    """The public view of a report; words and photos too for its sender and the full view.

    The sender is known by the key their phone made, sent in the header X-Report-Key, or by
    being signed in. The code alone is short, so it opens nothing that is not public.
    """
    user = viewer(request)
    report = (
        Report.objects.visible_to(user).with_code(code).select_related("category", "district")
    ).first()
    if report is None:
        raise Http404
    mine = _is_sender(request, report)
    full = mine or sees_all(user)
    district = report.district
    return {
        **public_out(report),
        "district": {"vi": district.name_vi, "en": district.name_en} if district else None,
        "steps": [
            {
                "at": event.at,
                "state": event.state,
                "title": TITLES[State(event.state)].dict(),
                "words": event.public_words,
            }
            for event in report.events.all()
        ],
        "mine": mine,
        "synthetic": report.synthetic,
        "emergency": report.emergency if full else None,
        "words": report.words if full else None,
        "photos": [photo_out(photo, mine) for photo in report.photos.all()] if full else [],
    }


def photo_out(photo: Photo, ticketed: bool) -> dict[str, Any]:
    address = ticketed_address if ticketed else photo_address
    return {
        "url": address(photo.name, "photo"),
        "thumb": address(photo.name, "thumb"),
        "width": photo.width,
        "height": photo.height,
    }


def _is_sender(request: HttpRequest, report: Report) -> bool:
    try:
        key = UUID(request.headers.get(KEY_HEADER, ""))
    except ValueError:
        return _is_signed_in_sender(request, report)
    return actions.digest_of(key) == report.client_key or _is_signed_in_sender(request, report)


def _is_signed_in_sender(request: HttpRequest, report: Report) -> bool:
    user = request.user
    return user.is_authenticated and report.reporter.user_id == user.pk


@router.get("/photos/{name}/{size}.jpg", auth=None, include_in_schema=False)
def photo(
    request: HttpRequest, name: str, size: Literal["photo", "thumb"], ticket: str = ""
) -> HttpResponse:
    """A photo as drawn anew; 404 for whoever may not see it, as for one that is not there."""
    if not (opens(name, ticket) or sees_all(viewer(request))):
        raise Http404
    row = Photo.objects.filter(name=name).first()
    if row is None:
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
