"""Downloading over real HTTP from a server of our own. No database."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.management import CommandError, call_command

from geo.packs import PackError, Report, bundled_pack, find_pack
from geo.packs.fetch import download, fetch_pack
from geo.packs.pack import PROJECT

BODY = b"\x00\x00\x00\x0d\n\tOSMHeader\x18" + bytes(range(256)) * 4000


class Shelf(BaseHTTPRequestHandler):
    """Serves `files`; cuts the first answer of paths in `cut` short; knows ranges."""

    files: dict[str, bytes] = {}
    cut: dict[str, int] = {}
    asked: list[tuple[str, str]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.asked.append((self.path, wanted))
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
            return
        body = self.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        start = int(re.findall(r"\d+", wanted)[0]) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("ETag", f'"{hashlib.md5(body).hexdigest()}"')  # noqa: S324
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # the client may have had enough
            self.wfile.write(body[start : self.cut.pop(self.path, len(body))])

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def shelf() -> Iterator[str]:
    Shelf.files, Shelf.cut, Shelf.asked = {"/city.osm.pbf": BODY}, {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_comes_whole_and_checked(shelf: str, tmp_path: Path) -> None:
    target = tmp_path / "city.osm.pbf"
    digest = hashlib.sha256(BODY).hexdigest()
    report = Report()
    download(f"{shelf}/city.osm.pbf", target, report=report, sha256=digest, size=len(BODY))
    assert target.read_bytes() == BODY
    assert list(tmp_path.iterdir()) == [target]


def test_a_download_that_broke_off_goes_on(shelf: str, tmp_path: Path) -> None:
    target = tmp_path / "city.osm.pbf"
    Shelf.cut["/city.osm.pbf"] = 300_000
    with pytest.raises(PackError, match="run again to go on"):
        download(f"{shelf}/city.osm.pbf", target, report=Report())
    assert not target.exists()
    download(f"{shelf}/city.osm.pbf", target, report=Report())
    assert target.read_bytes() == BODY
    assert Shelf.asked[-1][1] == "bytes=300000-"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"sha256": "0" * 64}, "sha256 is"),
        ({"size": 5}, "5 were expected"),
        ({"max_bytes": 1000}, "more than the 1,000 allowed"),
    ],
)
def test_a_wrong_file_is_refused_and_the_old_one_stays(
    shelf: str, tmp_path: Path, options: dict[str, object], reason: str
) -> None:
    target = tmp_path / "city.osm.pbf"
    target.write_bytes(b"old")
    with pytest.raises(PackError, match=reason):
        download(f"{shelf}/city.osm.pbf", target, report=Report(), **options)  # type: ignore[arg-type]
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("path", "reason"), [("/none", "answered 404"), ("/away", "file|protocol|scheme")]
)
def test_a_server_that_does_not_deliver_is_named(
    shelf: str, tmp_path: Path, path: str, reason: str
) -> None:
    with pytest.raises(PackError, match=reason):
        download(shelf + path, tmp_path / "x", report=Report())


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "hue", "http://"])
def test_only_http_addresses_are_fetched(url: str, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="only http and https"):
        download(url, tmp_path / "x", report=Report())


def test_nobody_at_the_address_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        download("http://127.0.0.1:9/x", tmp_path / "x", report=Report())
    assert "\n" not in str(caught.value)


def test_pack_fetch_takes_the_addresses_that_are_set(shelf: str, tmp_path: Path) -> None:
    pack = bundled_pack()
    assert pack is not None
    ring = [list(point) for point in shapely.box(107.5, 16.4, 107.6, 16.5).exterior.coords]
    shape = {"type": "Polygon", "coordinates": [ring]}
    wards = pack.features("wards")
    assert wards is not None
    for code in wards["code"]:
        one = {"type": "Feature", "properties": {}, "geometry": shape}
        body = json.dumps({"type": "FeatureCollection", "features": [one]}).encode()
        Shelf.files[f"/wards/{code}.geojson"] = body
    urls = {"osm": f"{shelf}/city.osm.pbf", "wards": shelf + "/wards/{code}.geojson"}
    report = Report()
    done = fetch_pack(pack, tmp_path / "hue", urls=urls, parts=[], report=report)
    assert {path.name for path in done} == {"city.osm.pbf", "wards.geojson"}
    fetched = json.loads((tmp_path / "hue" / "wards.geojson").read_text())["features"]
    assert len(fetched) == 40
    assert fetched[0]["properties"]["fullName"].startswith(("Phường", "Xã"))
    assert sorted(p.name for p in (tmp_path / "hue").iterdir()) == ["city.osm.pbf", "wards.geojson"]


def test_what_is_no_extract_is_not_kept(shelf: str, tmp_path: Path) -> None:
    Shelf.files["/page"] = b"<html>please sign in</html>"
    pack = bundled_pack()
    assert pack is not None
    with pytest.raises(PackError, match="no OpenStreetMap extract"):
        fetch_pack(pack, tmp_path, urls={"osm": f"{shelf}/page"}, parts=["osm"], report=Report())
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_part_is_named(tmp_path: Path) -> None:
    pack = bundled_pack()
    assert pack is not None
    with pytest.raises(PackError, match="known are osm, wards"):
        fetch_pack(pack, tmp_path, urls={}, parts=["dem"], report=Report())


def test_the_command_takes_its_addresses_from_settings(
    shelf: str, tmp_path: Path, settings: Any
) -> None:
    settings.IOC_VAR = tmp_path
    settings.IOC_PACK_URL_OSM = f"{shelf}/city.osm.pbf"
    out = StringIO()
    call_command("pack", "fetch", "osm", stdout=out)
    assert "taken    osm: 1" in out.getvalue()
    fetched = tmp_path / "packs" / "hue"
    assert (fetched / "city.osm.pbf").read_bytes() == BODY
    # What was fetched stands before what lies beside the project; gaps are filled from there.
    pack = find_pack("hue", [tmp_path / "packs", PROJECT / "fixtures/packs"])
    assert pack.part("osm") == fetched / "city.osm.pbf"
    assert len(pack.table("cameras.csv").rows) == 24
    settings.IOC_PACK_URL_OSM = f"{shelf}/gone"
    with pytest.raises(CommandError, match="answered 404"):
        call_command("pack", "fetch", "osm", stdout=out)
