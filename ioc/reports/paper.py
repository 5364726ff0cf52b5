"""What a case's dossier is made from: the case as staff see it, its pictures, its ward's border."""

from typing import Any

from ioc.reports import casefile
from ioc.reports.dossier import pdf
from ioc.reports.models import Report

TOLERANCE_DEG = 0.0004
MOST_PICTURES = 24


def dossier_of(user: Any, report: Report, language: str) -> bytes:
    """The dossier of a report that `user` works on, as a PDF. Raises Refused: not-built."""
    case = casefile.case_out(user, report)
    return pdf(case, language, pictures=_pictures(report), rings=_rings(report))


def _pictures(report: Report) -> dict[str, bytes]:
    """The JPEGs that stand for the report now, by name; a blurred one in place of the first."""
    found = {}
    for photo in report.photos.filter(replaced_by=None).order_by("id")[:MOST_PICTURES]:
        try:
            with photo.file.open("rb") as file:
                found[photo.name] = file.read()
        except OSError:
            continue  # the dossier says that it cannot be opened
    return found


def _rings(report: Report) -> list[list[tuple[float, float]]]:
    if report.district is None:
        return []
    plain = report.district.geom.simplify(TOLERANCE_DEG, preserve_topology=True)
    polygons = plain if plain.geom_type == "MultiPolygon" else [plain]
    return [[(point[0], point[1]) for point in polygon[0]] for polygon in polygons]
