"""The JSON API: assembles the apps' routers and turns exceptions into answers."""

from importlib import import_module
from typing import Any

import structlog
from django.apps import apps
from django.core.exceptions import BadRequest, SuspiciousOperation, ValidationError
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.errors import ValidationError as InputError
from psycopg_pool import PoolTimeout

from geo.errors import Refused

log = structlog.get_logger(__name__)

api = NinjaAPI(
    title="IOC", version="1", docs_url=None, openapi_url="/openapi.json", urls_namespace="api"
)

ROUTERS = {
    "": "layers.api",
    "/incidents": "ioc.incidents.api",
    "/reports": "ioc.reports.api",
    "/vessels": "vessels.api",
    "/environment": "environment.api",
    "/flood": "environment.flood.api",
    "/cameras": "vision.api",
    "/vision": "vision.api.desk",
    "/billboards": "ioc.billboards.api",
    "/plan": "ioc.planning.api",
}
for prefix, module in ROUTERS.items():
    if apps.is_installed(module.partition(".api")[0].removesuffix(".flood")):
        api.add_router(prefix, import_module(module).router)


def answer(
    request: HttpRequest, status: int, code: str, message: Any, **details: Any
) -> HttpResponse:
    """An error as every address of the API says it."""
    body = {"error": {"code": code, "message": str(message), **details}}
    response = api.create_response(request, body, status=status)
    if retry := details.get("retry_after_s"):
        response["Retry-After"] = str(retry)
    return response


@api.exception_handler(Refused)
def refused(request: HttpRequest, exc: Refused) -> HttpResponse:
    return answer(request, exc.status, exc.code, exc.message, **exc.details)


@api.exception_handler(InputError)
def invalid(request: HttpRequest, exc: InputError) -> HttpResponse:
    fields = {".".join(str(part) for part in e["loc"][1:]): e["msg"] for e in exc.errors}
    return answer(request, 422, "invalid-input", _("Some of the input is wrong."), fields=fields)


@api.exception_handler(DataError)
@api.exception_handler(UnicodeEncodeError)
def unstorable(request: HttpRequest, exc: Exception) -> HttpResponse:
    """What no column can hold, such as the sign NUL, or half of a sign that JSON can name."""
    log.warning("input-not-storable", path=request.path, reason=str(exc).splitlines()[0])
    return answer(request, 422, "invalid-input", _("Some of the input is wrong."))


@api.exception_handler(OperationalError)
def overloaded(request: HttpRequest, exc: OperationalError) -> HttpResponse:
    """No connection to the database came free in time. Anything else is ours to mend."""
    if not isinstance(exc.__cause__, PoolTimeout):
        raise exc
    log.warning("no-connection-free", path=request.path)
    message = _("Very many are asking at this moment. Please try again shortly.")
    return answer(request, 503, "busy", message, retry_after_s=5)


@api.exception_handler(BadRequest)
@api.exception_handler(SuspiciousOperation)
@api.exception_handler(MultiPartParserError)
def unreadable(request: HttpRequest, exc: Exception) -> HttpResponse:
    """A form that is cut off, names no border or has too many parts."""
    log.warning("input-not-readable", path=request.path, reason=type(exc).__name__)
    return answer(request, 400, "invalid-input", _("Some of the input is wrong."))


@api.exception_handler(ValidationError)
def invalid_model(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    fields = exc.message_dict if hasattr(exc, "error_dict") else {"": exc.messages}
    return answer(request, 422, "invalid-input", _("Some of the input is wrong."), fields=fields)


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
    return answer(request, 401, "sign-in", _("Sign in, or send a valid token."))


@api.exception_handler(PermissionError)
def forbidden(request: HttpRequest, exc: PermissionError) -> HttpResponse:
    return answer(request, 403, "forbidden", _("Your role may not do this."))


@api.exception_handler(Http404)
def missing(request: HttpRequest, exc: Http404) -> HttpResponse:
    return answer(request, 404, "not-found", _("There is nothing here that you may see."))
