"""A case on paper over HTTP."""

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router

from geo.models import District
from ioc.accounts.auth import session_or_token
from ioc.reports import casefile
from ioc.reports.api.desk import case_of, staff
from ioc.reports.models import Photo, Report

router = Router(tags=["desk"], auth=session_or_token)
SIMPLER_DEG = 0.0005
MAX_PHOTOS = 24


@router.get("/cases/{code}/dossier.pdf")
def dossier(request: HttpRequest, code: str, lang: Literal["vi", "en"] = "vi") -> HttpResponse:
    """The case as an A4 PDF, for those who work on it."""
    from ioc.reports import dossier as paper  # 20 MB of writer, for one request among thousands

    user = staff(request)
    report = case_of(user, code)
    data = paper.pdf(
        casefile.case_out(user, report),
        lang,
        pictures=pictures_of(report),
        rings=rings_of(report.district),
    )
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{report.code}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def pictures_of(report: Report) -> dict[str, bytes]:
    """The photos' files by name; one that is lost is left out, and the paper says so."""
    found = {}
    for photo in Photo.objects.filter(report=report, replaced_by=None)[:MAX_PHOTOS]:
        try:
            with photo.file.open("rb") as file:
                found[photo.name] = file.read()
        except OSError:
            continue
    return found


def rings_of(district: District | None) -> list[list[tuple[float, float]]]:
    """The ward's outer borders in degrees, simple enough for a sketch."""
    if district is None:
        return []
    outline = district.geom.simplify(SIMPLER_DEG, preserve_topology=True)
    parts = outline if outline.geom_type == "MultiPolygon" else [outline]
    return [[(x, y) for x, y in part[0].coords] for part in parts]
