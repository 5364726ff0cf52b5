"""An area from a file that a person uploads: read by a process that can do little else."""

import contextlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import orjson
import shapely
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.planning.answers import area_km2
from layers.questions import shapes

MAX_BYTES = 20_000_000
WALL_S = 10
ROOT = Path(__file__).resolve().parents[2]
START = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from ioc.planning.area_worker import serve; serve(sys.argv[2])"
)
ENDINGS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_room = threading.BoundedSemaphore(2)


def read(file: Any) -> dict[str, Any]:
    """The area of a file: one valid geometry in EPSG:4326, and what was done to it.

    Raises:
        Refused: for a file too large, of another kind, without a coordinate system, or broken.
    """
    if file.size is None or file.size > MAX_BYTES:
        raise Refused("too-large", _("The file is larger than 20 MB."), status=413)
    data = file.read()
    kind = kind_of(data)
    if kind == "zip":
        kind, data = _unpacked(data)
    found = _asked(kind, data)
    if "refused" in found:
        raise refusal(found["refused"])
    shape = shapely.from_wkb(bytes.fromhex(found["wkb"]))
    if max(map(abs, shape.bounds)) > 180:
        raise refusal("metres")
    before = int(shapely.get_num_coordinates(shape))
    shape = shapes.settle(shape)
    area = shapes.area_from(shape)
    return {
        "geometry": orjson.loads(shapely.to_geojson(shape)),
        "km2": round(area_km2(shape), 4),
        "bbox": list(area.box),
        "features": found["features"],
        "vertices": area.vertices,
        "vertices_read": before,
        "simplified": area.vertices < before,
        "crs_read": found["crs"],
    }


def kind_of(data: bytes) -> str:
    """What a file is by its first bytes: geojson, gpkg, zip or kml. Raises Refused."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"SQLite format 3\0"):
        return "gpkg"
    if start.startswith(b"PK\x03\x04"):
        return "zip"
    if start.startswith((b"{", b"[")):
        return "geojson"
    for mark in ("kml", "gpx"):
        if start.startswith(b"<") and f"<{mark}".encode() in start:
            return mark
    raise refusal("unreadable")


def refusal(code: str) -> Refused:
    words = {
        "unreadable": _("Send GeoJSON, GeoPackage, KML, KMZ, GPX, or a Shapefile in a zip."),
        "no-crs": _("The file does not say its coordinate system; add the .prj file."),
        "metres": _(
            "These coordinates are no degrees but look like metres. Save the file together with "
            "its coordinate system, such as VN-2000 / TM-3."
        ),
        "no-features": _("The file holds no areas, lines or points."),
        "too-tangled": _("The shapes of the file cross themselves too often. Make them simpler."),
        "too-slow": _("The file took too long to read. Make it simpler and try again."),
    }
    return Refused(code, words.get(code, words["unreadable"]))


def _unpacked(data: bytes) -> tuple[str, bytes]:
    """A zip's kind and content: its one KML (KMZ), or nothing but its one Shapefile, made anew."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as sent:
            infos = [i for i in sent.infolist() if not Path(i.filename).name.startswith("._")]
            texts = [i for i in infos if i.filename.lower().endswith(".kml")]
            parts = _parts(infos)
            if not parts and len(texts) != 1:
                raise refusal("unreadable")
            if sum(i.file_size for i in parts or texts) > 4 * MAX_BYTES:
                raise Refused("too-large", _("The file is larger than 20 MB."), status=413)
            if not parts:
                return "kml", sent.read(texts[0])
            clean = io.BytesIO()
            with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as made:
                for info in parts:
                    made.writestr(f"area{info.filename[-4:].lower()}", sent.read(info))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise refusal("unreadable") from None
    return "zip", clean.getvalue()


def _parts(infos: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The files of the one Shapefile; none where there is none. Raises Refused for several."""
    ours = [i for i in infos if i.filename.lower().endswith(ENDINGS)]
    stems = {i.filename[:-4] for i in ours if i.filename.lower().endswith(".shp")}
    if len(stems) > 1:
        raise refusal("unreadable")
    return [i for i in ours if i.filename[:-4] in stems]


def _asked(kind: str, data: bytes) -> dict[str, Any]:
    """What the worker says of the file; a worker that crashed or hung says nothing."""
    if not _room.acquire(timeout=5):
        message = _("Very many are asking at this moment. Please try again shortly.")
        raise Refused("busy", message, status=503, retry_after_s=5)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", START, str(ROOT), kind],
            input=data, capture_output=True, timeout=WALL_S, check=False,
            env={"PATH": "/usr/bin:/bin"}, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise refusal("too-slow") from None
    finally:
        _room.release()
    with contextlib.suppress(ValueError):
        return dict(json.loads(done.stdout))
    raise refusal("too-slow" if done.returncode < 0 else "unreadable")
