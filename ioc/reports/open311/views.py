"""GeoReport v2 over HTTP."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from geo.crs import city
from geo.errors import Refused
from ioc.reports import questions
from ioc.reports.limits import small_form
from ioc.reports.models import Category
from ioc.reports.open311 import posting, queries
from ioc.reports.open311.wire import Wrong, answer, errors, form_of

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-21T00:00:00Z"
View = Callable[..., HttpResponse]


def georeport(*methods: str) -> Callable[[View], View]:
    """The view, given the form to answer in; what goes wrong is answered in that form too.

    Keys come in the call and no cookie counts, so there is nothing for CSRF to guard.
    """

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, form: str | None = None, **names: str) -> HttpResponse:
            chosen = "xml"
            try:
                chosen = form_of(request, form)
                if request.method not in methods:
                    raise Wrong(405, f"{request.method} is not answered here.")
                _check_jurisdiction(request)
                return view(request, chosen, **names)
            except Wrong as wrong:
                return errors(chosen, wrong)
            except Refused as refusal:
                return errors(chosen, _wrong(refusal))
            except (SuspiciousOperation, MultiPartParserError) as error:
                return errors(chosen, Wrong(400, error))

        return answered

    return wrap


def _wrong(refusal: Refused) -> Wrong:
    """The standard knows 400, 403 and 404; limits and a full disk keep their own status."""
    fields = refusal.details.get("fields") or {}
    said = dict.fromkeys(f"{name}: {message}" for name, message in fields.items())
    status = 400 if refusal.status in (409, 413, 415, 422) else refusal.status
    return Wrong(status, *(said or [refusal.message]))


def _check_jurisdiction(request: HttpRequest) -> None:
    here, asked = city(), request.GET.get("jurisdiction_id") or request.POST.get("jurisdiction_id")
    if asked and here is not None and asked.lower() not in (here.slug.lower(), _host(request)):
        raise Wrong(404, f"jurisdiction_id was not found: here is {here.slug}.")


def _host(request: HttpRequest) -> str:
    return request.get_host().partition(":")[0].lower()


def _base(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@georeport("GET", "HEAD")
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{_base(request)}/open311/v2",
        "changeset": CHANGESET,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    content = {
        "changeset": CHANGESET,
        "contact": settings.DEFAULT_FROM_EMAIL,
        "key_service": "An administrator of the centre makes a token for your software.",
        "endpoints": [endpoint],
    }
    return answer(form, "discovery", content)


@georeport("GET", "HEAD")
def services(request: HttpRequest, form: str) -> HttpResponse:
    rows = [_service(one) for one in Category.objects.filter(active=True)]
    return answer(form, "services", rows)


def _service(category: Category) -> dict[str, Any]:
    english = (get_language() or "vi").startswith("en")
    return {
        "service_code": category.pk,
        "service_name": category.name_en if english else category.name_vi,
        "description": category.description_en if english else category.description_vi,
        "metadata": bool(category.attributes),
        "type": "realtime",
        "keywords": ",".join(map(str, category.keywords)),
        "group": None,
    }


@georeport("GET", "HEAD")
def service(request: HttpRequest, form: str, code: str) -> HttpResponse:
    category = Category.objects.filter(pk=code, active=True).first()
    if category is None:
        raise Wrong(404, "service_code was not found.")
    content = {"service_code": category.pk, "attributes": questions.described(category)}
    return answer(form, "service_definition", content)


@csrf_exempt
@small_form
def requests(request: HttpRequest, **names: str) -> HttpResponse:
    return _requests(request, **names)


@georeport("GET", "HEAD", "POST")
def _requests(request: HttpRequest, form: str) -> HttpResponse:
    if request.method == "POST":
        report, notice, new = posting.post(request)
        taken = {
            "service_request_id": report.code,
            "service_notice": notice or None,
            "account_id": None,
        }
        return answer(form, "service_requests", [taken], 201 if new else 200)
    found = queries.requests(queries.listed(request.GET), _base(request))
    return answer(form, "service_requests", found)


@georeport("GET", "HEAD")
def request(request: HttpRequest, form: str, code: str) -> HttpResponse:
    found = queries.requests(queries.public().with_code(code), _base(request))
    if not found:
        raise Wrong(404, "service_request_id was not found.")
    return answer(form, "service_requests", found)


@georeport("GET", "HEAD")
def token(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """Requests are real at once here, so a token is the request's own id."""
    row = queries.public().with_code(code).values("code").first()
    if row is None:
        raise Wrong(404, "token was not found.")
    content = [{"token": row["code"], "service_request_id": row["code"]}]
    return answer(form, "service_requests", content)


@georeport("GET", "HEAD", "POST")
def nothing(request: HttpRequest, form: str) -> HttpResponse:
    raise Wrong(404, "There is nothing at this address.")
