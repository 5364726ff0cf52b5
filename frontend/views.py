"""The pages. What stands on them comes over HTTP; here is only who may come in."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie


@login_required
@ensure_csrf_cookie
def wall(request: HttpRequest) -> HttpResponse:
    """The operators' wall. Raises PermissionDenied for roles that have no seat in the centre."""
    user = request.user
    if not user.has_perm("layers.view_wall"):
        raise PermissionDenied
    context = {"viewer_name": str(user), "viewer_role": getattr(user, "role", "")}
    return render(request, "frontend/wall.html", context)


@login_required
@ensure_csrf_cookie
def desk(request: HttpRequest) -> HttpResponse:
    """Where reports are handled. Raises PermissionDenied for who neither works nor reads them."""
    user = request.user
    if not (user.has_perm("reports.work_report") or user.has_perm("reports.view_report")):
        raise PermissionDenied
    return render(request, "frontend/desk.html")


@login_required
@ensure_csrf_cookie
def setup(request: HttpRequest) -> HttpResponse:
    """What the centre sets up. Raises PermissionDenied for who may not."""
    if not request.user.has_perm("reports.set_up"):
        raise PermissionDenied
    return render(request, "frontend/setup.html")


@login_required
@ensure_csrf_cookie
def cameras(request: HttpRequest) -> HttpResponse:
    """Cameras, their rules and the review queue. Raises PermissionDenied for who sees no camera."""
    if not request.user.has_perm("vision.view_camera"):
        raise PermissionDenied
    return render(request, "frontend/cameras.html")


@login_required
@ensure_csrf_cookie
def fleet(request: HttpRequest) -> HttpResponse:
    """Where fisheries officers watch the fleet. Raises PermissionDenied for who may not see it."""
    if not request.user.has_perm("vessels.view_vessel"):
        raise PermissionDenied
    return render(request, "frontend/fleet.html")


@login_required
@ensure_csrf_cookie
def plan(request: HttpRequest) -> HttpResponse:
    """Where planners ask questions of space. Raises PermissionDenied for who has no such desk."""
    if not request.user.has_perm("planning.use_plan"):
        raise PermissionDenied
    return render(request, "frontend/plan.html")


@login_required
def welcome(request: HttpRequest) -> HttpResponse:
    """Where signing in leads: fisheries to the fleet, planners to their desk, the centre to the
    wall, agencies' officers to the desk of reports, others to the map."""
    user = request.user
    if getattr(user, "role", "") == "fisheries_officer":
        return redirect("fleet")
    if getattr(user, "role", "") == "planner":
        return redirect("plan")
    if user.has_perm("layers.view_wall"):
        return redirect("wall")
    return redirect("desk" if user.has_perm("reports.work_report") else "citizen")


def bench(request: HttpRequest) -> HttpResponse:
    """The page on which ``ioc bench`` measures the drawing; there only where IOC_BENCH is set."""
    if not settings.IOC_BENCH:
        raise Http404
    return render(request, "frontend/bench.html")


@ensure_csrf_cookie
def citizen(request: HttpRequest) -> HttpResponse:
    """The public map and reporting. The same for everybody: the installed app keeps a copy."""
    return render(request, "frontend/citizen.html")


@ensure_csrf_cookie
def report(request: HttpRequest, code: str) -> HttpResponse:
    """The page that follows one report; whether there is such a report the API says."""
    return render(request, "frontend/report.html", {"code": code.upper()})


def service_worker(request: HttpRequest) -> HttpResponse:
    """The installed app's worker, from the root so that it may serve every page."""
    return _built_file("sw.js", "text/javascript")


def manifest(request: HttpRequest) -> HttpResponse:
    """What the installed app is called and looks like."""
    return _built_file("manifest.webmanifest", "application/manifest+json")


def _built_file(name: str, content_type: str) -> HttpResponse:
    try:
        data = (settings.FRONTEND_DIST / name).read_bytes()
    except FileNotFoundError as error:
        raise Http404 from error
    response = HttpResponse(data, content_type=f"{content_type}; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
