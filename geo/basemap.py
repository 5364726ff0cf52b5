"""The city's basemap as one PMTiles file, read in ranges."""

import re
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from geo.models import City

RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})$")
MAX_RANGE = 8 * 1024 * 1024


def serve(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The file, or the bytes that a Range header asks for (206, 416 past the end)."""
    city = City.objects.filter(slug=slug).first()
    path = Path((city.basemap or {}).get("file", "")) if city else Path()
    if not path.is_file():
        raise Http404
    size = path.stat().st_size
    etag = f'"{size:x}-{path.stat().st_mtime_ns:x}"'
    wanted = RANGE.match(request.headers.get("Range", ""))
    if wanted is None:
        response: HttpResponseBase = FileResponse(path.open("rb"))
    else:
        response = _part(path, size, int(wanted[1]), wanted[2])
    response["Content-Type"] = "application/vnd.pmtiles"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _part(path: Path, size: int, start: int, end_text: str) -> HttpResponse:
    end = min(int(end_text) if end_text else size - 1, size - 1, start + MAX_RANGE - 1)
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    with path.open("rb") as file:
        file.seek(start)
        body = file.read(end - start + 1)
    return HttpResponse(body, status=206, headers={"Content-Range": f"bytes {start}-{end}/{size}"})
