"""Finding a city pack and its parts, its own or the bundled pack's."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas
import pyproj

from .report import Report
from .tables import COLUMNS, KEYS, Column, Table, read_table
from .vectors import FORMATS, Bounds, UnreadablePart, read_features

PROJECT = Path(__file__).resolve().parents[2]
BUNDLED = PROJECT / "fixtures" / "packs"
DEFAULT_DIRS = (PROJECT.parent / "shared" / "packs", BUNDLED)
VECTORS = ("wards", "coast", "rivers", "ports", "zones")
WIDE = ("coast", "rivers", "zones")  # these rightly reach beyond the city
TABLES = tuple(COLUMNS)
FILES = ("basemap.pmtiles", "dem.tif")
PARTS = (*VECTORS, "osm", *FILES, *TABLES)


class PackError(Exception):
    """A pack that cannot be used, with what to do about it in one line."""


@dataclass(frozen=True)
class Manifest:
    """What `pack.toml` says. Bounds are (west, south, east, north) in degrees."""

    slug: str
    name_vi: str
    name_en: str
    bounds: Bounds
    metric_crs: str
    time_zone: str
    languages: tuple[str, ...]
    schematic: frozenset[str] = frozenset()
    attributions: dict[str, str] = field(default_factory=dict)
    outside_attributions: dict[str, str] = field(default_factory=dict)
    fetch: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def metric_srid(self) -> int:
        return int(self.metric_crs.removeprefix("EPSG:"))


@dataclass(frozen=True)
class Pack:
    """A folder with parts of a city; what it lacks comes from `fallback`."""

    path: Path
    manifest: Manifest
    own_manifest: bool = True
    fallback: Pack | None = None

    @property
    def slug(self) -> str:
        return self.manifest.slug

    def part(self, name: str) -> Path | None:
        """The file of a part, its own or the bundled one; None where nobody has it."""
        own = self._own(name)
        return own or (self.fallback.part(name) if self.fallback else None)

    def _own(self, name: str) -> Path | None:
        if name == "osm":
            return next(iter(sorted(self.path.glob("*.osm.pbf"))), None)
        stem = name.removesuffix(".geojson")
        names = [stem + suffix for suffix in FORMATS] if stem in VECTORS else [name]
        return next((self.path / n for n in names if (self.path / n).is_file()), None)

    def is_own(self, name: str) -> bool:
        return self._own(name) is not None

    def features(self, name: str, report: Report | None = None) -> geopandas.GeoDataFrame | None:
        """The mended features of a vector part in EPSG:4326; None where the part is missing.

        A part that cannot be read is refused in the report and taken from the bundled pack.
        """
        path = self._own(name)
        if path is not None:
            try:
                return read_features(
                    path,
                    bounds=self.manifest.bounds,
                    metric_crs=self.manifest.metric_crs,
                    report=report,
                    only_within=name not in WIDE,
                )
            except UnreadablePart as problem:
                if report is None:
                    raise
                report.refused(path.name, "", str(problem))
        return self.fallback.features(name, report) if self.fallback else None

    def table(self, name: str, columns: dict[str, Column] | None = None) -> Table:
        """The typed rows of a CSV part with bad rows set aside; empty where it is missing."""
        path = self.part(name)
        if path is None:
            return Table(name)
        return read_table(
            path,
            columns or COLUMNS[name],
            key=KEYS.get(name, ("code",)),
            bounds=self.manifest.bounds,
        )

    @property
    def schematic(self) -> bool:
        """Whether the ward borders on the map are drawn by the schematic pack."""
        return "wards" in self._schematic_parts()

    def _schematic_parts(self) -> set[str]:
        known = self.manifest.schematic if self.own_manifest else frozenset()
        mine = {name for name in known if self.is_own(name)}
        theirs = self.fallback._schematic_parts() if self.fallback else set()
        return mine | {name for name in theirs if not self.is_own(name)}

    def attributions(self) -> list[str]:
        """The credits the map owes, one for each part in use, without repeats."""
        lines: list[str] = []
        for name in PARTS:
            text = self._attribution(name)
            if text and text not in lines:
                lines.append(text)
        return lines

    def _attribution(self, name: str) -> str:
        if not self.is_own(name):
            return self.fallback._attribution(name) if self.fallback else ""
        table = (
            self.manifest.attributions if self.own_manifest else self.manifest.outside_attributions
        )
        return table.get(name, "© OpenStreetMap contributors" if name == "osm" else "")

    def digest(self, names: Iterable[str] = PARTS) -> str:
        """A fingerprint of the manifest and the files in use; changes when any of them does."""
        # Sets have no order of their own: written as they come, each process would differ.
        manifest = json.dumps(asdict(self.manifest), sort_keys=True, default=sorted)
        total = hashlib.sha256(manifest.encode())
        for name in names:
            path = self.part(name)
            if path is None:
                continue
            for file in _with_sidecars(path):
                with file.open("rb") as stream:
                    total.update(f"{name}:".encode())
                    total.update(hashlib.file_digest(stream, "sha256").digest())
        return total.hexdigest()


def _with_sidecars(path: Path) -> list[Path]:
    """A file and, for a Shapefile, the files that belong to it."""
    if path.suffix != ".shp":
        return [path]
    return sorted(
        p for p in path.parent.glob(f"{path.stem}.*") if p.suffix in {".shp", ".dbf", ".prj"}
    )


def pack_dirs(path: Sequence[str | Path] | None = None) -> list[Path]:
    """The folders packs are looked for in: `path`, or those of the project."""
    return [Path(folder) for folder in (path or DEFAULT_DIRS)]


def bundled_pack(slug: str = "hue") -> Pack | None:
    """The pack that comes with the project, if there is one of that name."""
    folder = BUNDLED / slug
    return (
        Pack(folder, read_manifest(folder / "pack.toml"))
        if (folder / "pack.toml").is_file()
        else None
    )


def find_pack(name: str | Path | None = None, path: Sequence[str | Path] | None = None) -> Pack:
    """The pack in a folder, of a name, or the first one found on the search path.

    Folders of one name further along the path fill in what the first one lacks.
    Raises PackError when there is none or its `pack.toml` is wrong.
    """
    if name and Path(name).is_dir():
        return open_pack(Path(name))
    found: list[Path] = []
    for folder in pack_dirs(path):
        inside = _folders_in(folder)
        wanted = str(name) if name else (found[0].name if found else "")
        found += [p for p in inside if p.name == (wanted or p.name) and _holds_parts(p)][:1]
    if not found:
        what = f'pack "{name}"' if name else "city pack"
        places = ", ".join(map(str, pack_dirs(path)))
        raise PackError(f"no {what} in {places}; name a folder or set IOC_PACK_PATH")
    chain: Pack | None = None
    for folder in reversed(found):
        chain = open_pack(folder, chain)
    assert chain is not None
    return chain


def _folders_in(folder: Path) -> list[Path]:
    """Folders within a folder; none where it is missing or may not be entered."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def open_pack(folder: Path, behind: Pack | None = None) -> Pack:
    """The pack in a folder with another behind it; the bundled one of its city if none is given."""
    folder = folder.resolve()
    if not _holds_parts(folder):
        raise PackError(f"{folder} holds no part of a pack ({', '.join(PARTS[:6])}, …)")
    toml = folder / "pack.toml"
    manifest = read_manifest(toml) if toml.is_file() else None
    if behind is None:
        bundled = bundled_pack(manifest.slug if manifest else folder.name)
        bundled = bundled or (None if manifest else bundled_pack())
        behind = None if bundled and bundled.path.resolve() == folder else bundled
    if manifest is not None:
        # Another city's parts must never fill this one's gaps.
        return Pack(
            folder, manifest, fallback=behind if behind and behind.slug == manifest.slug else None
        )
    if behind is None:
        raise PackError(f"{folder} has no pack.toml and no bundled pack fills it in; write one")
    return Pack(folder, behind.manifest, own_manifest=False, fallback=behind)


def _holds_parts(folder: Path) -> bool:
    if (folder / "pack.toml").is_file() or any(folder.glob("*.osm.pbf")):
        return True
    names = [stem + suffix for stem in VECTORS for suffix in FORMATS] + [*FILES, *TABLES]
    return any((folder / name).is_file() for name in names)


def read_manifest(path: Path) -> Manifest:
    """What `pack.toml` says. Raises PackError naming the key that is missing or wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise PackError(f"{path}: not valid TOML: {problem}") from None
    needed = ("slug", "name", "bounds", "metric_crs", "time_zone", "languages")
    missing = [key for key in needed if key not in data]
    if missing:
        raise PackError(f"{path}: {', '.join(missing)} missing")
    try:
        return _manifest(data)
    except (ValueError, TypeError, KeyError, pyproj.exceptions.CRSError) as problem:
        raise PackError(f"{path}: {problem}") from None


def _manifest(data: dict[str, Any]) -> Manifest:
    west, south, east, north = bounds = tuple(float(number) for number in data["bounds"])
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError(f"bounds {bounds} are not west, south, east, north in degrees")
    crs = pyproj.CRS(data["metric_crs"])
    if not crs.is_projected or not str(data["metric_crs"]).startswith("EPSG:"):
        raise ValueError(f"metric_crs {data['metric_crs']} is not a projected EPSG:… system")
    try:
        ZoneInfo(data["time_zone"])
    except Exception:
        raise ValueError(f"time_zone {data['time_zone']} is not known") from None
    schematic = data.get("schematic", False)
    if isinstance(schematic, bool):
        schematic = PARTS if schematic else ()
    credits = dict(data.get("attributions", {}))
    outside = credits.pop("outside", {})
    return Manifest(
        slug=str(data["slug"]),
        name_vi=data["name"]["vi"],
        name_en=data["name"]["en"],
        bounds=(west, south, east, north),
        metric_crs=data["metric_crs"],
        time_zone=data["time_zone"],
        languages=tuple(data["languages"]),
        schematic=frozenset(schematic),
        attributions=credits,
        outside_attributions=outside,
        fetch=data.get("fetch", {}),
    )
