"""Downloading a pack's real sources: streamed, resumed, checked, and put in place in one step."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from geo.fold import folded

from .pack import Pack, PackError
from .report import Report
from .vectors import UnreadablePart, read_features

MAX_BYTES = 4 * 1024**3
TIMEOUT = httpx.Timeout(30, connect=15)
FILES = {"osm": "city.osm.pbf", "wards": "wards.geojson"}


def fetch_pack(
    pack: Pack, folder: Path, *, urls: Mapping[str, str], parts: Sequence[str], report: Report
) -> list[Path]:
    """The files now in `folder`, downloaded from `urls` or else the addresses in pack.toml.

    Raises PackError for an unknown part, and when a download fails or is not what it should be.
    """
    unknown = [part for part in parts if part not in FILES]
    if unknown:
        raise PackError(f"{unknown[0]} cannot be fetched; known are {', '.join(FILES)}")
    folder.mkdir(parents=True, exist_ok=True)
    done = []
    for part in parts or FILES:
        entry: dict[str, Any] = dict(pack.manifest.fetch.get(part, {}))
        if urls.get(part):  # another address has another checksum
            entry = {"url": urls[part]}
        if not entry.get("url"):
            report.note(part, f"no address; set IOC_PACK_URL_{part.upper()}")
            continue
        report.step(f"fetch {part}: {entry['url']}")
        target = folder / FILES[part]
        if "{" in entry["url"]:
            _fetch_wards(pack, entry["url"], target, report)
        else:
            check = check_extract if part == "osm" else lambda path: check_wards(path, pack)
            download(entry["url"], target, report=report, check=check, **_expected(entry))
        report.taken(part, 1)
        done.append(target)
    return done


def _expected(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"sha256": str(entry.get("sha256", "")), "size": int(entry.get("size", 0))}


def download(
    url: str,
    target: Path,
    *,
    report: Report,
    check: Callable[[Path], None] = lambda path: None,
    sha256: str = "",
    size: int = 0,
    max_bytes: int = MAX_BYTES,
) -> Path:
    """The file at an address, at `target` only once it is whole and passed every check.

    A download that broke off goes on where it stopped if the server has the same file still.
    Raises PackError with what went wrong in one line.
    """
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise PackError(f"{url}: only http and https addresses are fetched")
    partial, mark = (
        target.with_name(f".{target.name}.part"),
        target.with_name(f".{target.name}.tag"),
    )
    try:
        _stream(url, partial, mark, report, max_bytes)
    except httpx.HTTPStatusError as problem:
        raise PackError(f"{url}: the server answered {problem.response.status_code}") from None
    except httpx.HTTPError as problem:
        reason = str(problem) or type(problem).__name__
        raise PackError(f"{url}: {reason}; run again to go on from where it stopped") from None
    except OSError as problem:
        raise PackError(f"{partial.parent}: {problem.strerror or problem}") from None
    try:
        _verify(url, partial, sha256, size)
        check(partial)
    except PackError:
        partial.unlink(missing_ok=True)
        mark.unlink(missing_ok=True)
        raise
    partial.replace(target)
    mark.unlink(missing_ok=True)
    report.step(f"fetch: {target.name} {target.stat().st_size / 1e6:.1f} MB")
    return target


def _stream(url: str, partial: Path, mark: Path, report: Report, max_bytes: int) -> None:
    have = partial.stat().st_size if partial.is_file() and mark.is_file() else 0
    # Ranges count bytes as stored, so the transfer must not be compressed.
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": mark.read_text()}
    with httpx.stream(
        "GET", url, headers=headers, follow_redirects=True, timeout=TIMEOUT
    ) as response:
        if have and response.status_code == 416:
            partial.unlink()
            _stream(url, partial, mark, report, max_bytes)
            return
        response.raise_for_status()
        goes_on = response.status_code == 206
        have = have if goes_on else 0
        total = have + int(response.headers.get("Content-Length", 0))
        if total > max_bytes:
            raise PackError(f"{url}: {total:,} bytes, more than the {max_bytes:,} allowed")
        _remember(response, mark)
        with partial.open("ab" if goes_on else "wb") as file:
            shown = have
            for chunk in response.iter_bytes():
                have += len(chunk)
                if have > max_bytes:
                    raise PackError(f"{url}: more than the {max_bytes:,} bytes allowed")
                file.write(chunk)
                if have - shown > 25e6:
                    report.step(f"fetch: {have / 1e6:.0f} MB{_of(total)}")
                    shown = have
    if total and have < total and "Content-Length" in response.headers:
        raise httpx.ReadError(f"broke off after {have:,} of {total:,} bytes")


def _of(total: int) -> str:
    return f" of {total / 1e6:.0f}" if total else ""


def _remember(response: httpx.Response, mark: Path) -> None:
    """Keep what proves later that the server still has the same file."""
    tag = response.headers.get("ETag", "")
    tag = response.headers.get("Last-Modified", "") if tag.startswith("W/") or not tag else tag
    if tag:
        mark.write_text(tag)
    else:
        mark.unlink(missing_ok=True)


def _verify(url: str, path: Path, sha256: str, size: int) -> None:
    got = path.stat().st_size
    if not got:
        raise PackError(f"{url}: the server sent an empty file")
    if size and got != size:
        raise PackError(f"{url}: {got:,} bytes where {size:,} were expected")
    if sha256:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256.lower():
            raise PackError(f"{url}: sha256 is {found[:16]}…, expected {sha256[:16].lower()}…")


def check_extract(path: Path) -> None:
    """Raises PackError unless a file begins as an OpenStreetMap PBF does."""
    with path.open("rb") as file:
        head = file.read(32)
    if b"OSMHeader" not in head:
        raise PackError("what came is no OpenStreetMap extract (.osm.pbf); check the address")


def check_wards(path: Path, pack: Pack) -> None:
    """Raises PackError unless a file holds features in the city."""
    manifest = pack.manifest
    try:
        found = read_features(path, bounds=manifest.bounds, metric_crs=manifest.metric_crs)
    except UnreadablePart as problem:
        raise PackError(f"what came as wards cannot be used: {problem}") from None
    if found.empty:
        raise PackError("what came as wards holds nothing within the city")


def _fetch_wards(pack: Pack, url: str, target: Path, report: Report) -> None:
    """Wards from one file each: {code} and {key} are filled in from the pack's own wards."""
    wards = pack.features("wards", Report())
    if wards is None:
        raise PackError("an address with {code} needs a pack that names its wards")
    collected = []
    work = target.with_name(".wards")
    work.mkdir(exist_ok=True)
    facts = wards.drop(columns="geometry").to_dict("records")
    for number, row in enumerate(facts, 1):
        key = re.sub(r"[^a-z0-9]+", "_", folded(str(row["name"])))
        one = work / f"{row['code']}.geojson"
        address = url.replace("{code}", str(row["code"])).replace("{key}", key)
        if not one.is_file():
            quiet = Report()
            download(
                address, one, report=quiet, check=lambda p: check_wards(p, pack), max_bytes=64 << 20
            )
        collected += _features(one, row)
        if number % 10 == 0:
            report.step(f"fetch wards: {number} of {len(facts)}")
    whole = work / "wards.geojson"
    whole.write_text(
        json.dumps({"type": "FeatureCollection", "features": collected}, ensure_ascii=False)
    )
    check_wards(whole, pack)
    whole.replace(target)
    for leftover in work.iterdir():
        leftover.unlink()
    work.rmdir()


def _features(path: Path, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The areas in a ward's file under the ward's own facts."""
    data = json.loads(path.read_text("utf-8"))
    kind = data.get("type")
    shapes = (
        [f["geometry"] for f in data.get("features", [])] if kind == "FeatureCollection" else None
    )
    shapes = shapes or [data["geometry"] if kind == "Feature" else data]
    own_facts = {
        name: value for name, value in facts.items() if isinstance(value, str | int | float)
    }
    polygons: list[Any] = []
    for shape in shapes:
        if shape["type"] in {"Polygon", "MultiPolygon"}:
            coordinates = shape["coordinates"]
            polygons += [coordinates] if shape["type"] == "Polygon" else coordinates
    geometry = {"type": "MultiPolygon", "coordinates": polygons}
    return [{"type": "Feature", "properties": own_facts, "geometry": geometry}]
