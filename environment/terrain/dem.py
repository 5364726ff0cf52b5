"""A terrain model as a file gives it: heights in metres, what each cell is, and metres per cell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from environment.terrain.conditioning import HOLE, LAND, OUTSIDE
from environment.words import counted

FEET = {"ft": 0.3048, "us-ft": 1200 / 3937}
LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Heights beyond these are no terrain: −9999 and the like where a file does not declare them."""
BYTES_A_CELL = 34
DEFAULT_MEMORY = 4 << 30


class BadTerrain(ValueError):
    """A terrain model that cannot be used, with what to do about it in one line."""


@dataclass
class Dem:
    """Heights (float32, m, NaN without data) with `kind` by cell and metres per cell by row."""

    z: np.ndarray
    kind: np.ndarray
    transform: Any
    crs: Any
    dx: np.ndarray
    dy: float
    digest: str
    notes: list[str] = field(default_factory=list)

    @property
    def cell_m(self) -> float:
        """The side of a square as large as a cell in the middle of the terrain."""
        return float(np.sqrt(self.dx[len(self.dx) // 2] * self.dy))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the terrain's own CRS."""
        rows, cols = self.z.shape
        west, north = self.transform @ (0, 0)
        east, south = self.transform @ (cols, rows)
        return west, south, east, north


def read(path: Path, *, units: str = "auto", memory: int = 0) -> Dem:
    """The terrain in a raster file; `units` m, ft, us-ft, or what the file says.

    A grid in degrees stays as it is: its metres per cell are reckoned by latitude, so no height is
    resampled. Raises BadTerrain where the file has no CRS, is turned, or is larger than memory.
    """
    import rasterio

    try:
        source = rasterio.open(path)
    except rasterio.errors.RasterioIOError as problem:
        raise BadTerrain(f"{path.name}: {problem}") from None
    with source:
        _check(source, path.name, memory)
        try:
            z = source.read(1, masked=True, out_dtype="float32")
        except rasterio.errors.RasterioIOError as problem:
            why = problem.__cause__ or problem
            raise BadTerrain(f"{path.name} breaks off or is damaged: {why}") from None
        notes: list[str] = []
        heights = np.ma.filled(z, np.float32(np.nan))
        transform, crs = source.transform, source.crs
        _unscale(heights, source.scales[0], source.offsets[0], notes)
        factor = _factor(units, (source.units or [None])[0], notes)
        if factor != 1.0:
            heights *= np.float32(factor)
        elif units == "auto" and not source.units[0] and _foot(crs):
            notes.append("the grid is in feet and the file does not say what its heights are in: "
                         "taken as metres; say --units ft where they are feet")  # fmt: skip
    odd = ~np.isnan(heights) & ~((heights > LOWEST_M) & (heights < HIGHEST_M))
    if odd.any():
        found = counted(int(odd.sum()), "cell")
        notes.append(f"no possible height in {found}: taken as no data")
        heights[odd] = np.nan
    if np.isnan(heights).all():
        raise BadTerrain(f"{path.name} holds no height at all")
    kind = kinds(heights)
    if holes := int((kind == HOLE).sum()):
        found = counted(holes, "cell")
        notes.append(f"{found} without data within the land; water goes round them")
    dx, dy = metres_per_cell(transform, crs, heights.shape[0], notes)
    return Dem(heights, kind, transform, crs, dx, dy, digest(path), notes)


def _check(source: Any, name: str, memory: int) -> None:
    if source.crs is None:
        raise BadTerrain(f"{name} states no CRS; give it one (gdal_edit.py -a_srs EPSG:… {name})")
    if not (source.crs.is_geographic or source.crs.is_projected):
        raise BadTerrain(f"{name} states a CRS that lies nowhere on earth; give it a real one "
                         f"(gdal_edit.py -a_srs EPSG:… {name})")  # fmt: skip
    turn = source.transform
    if turn.b or turn.d or turn.a <= 0 or turn.e >= 0:
        raise BadTerrain(f"{name} is turned or mirrored; warp it north-up (gdalwarp)")
    if source.crs.is_geographic and not _on_earth(source.bounds):
        raise BadTerrain(f"{name} states a CRS in degrees, but its corners are no degrees; give it "
                         f"the CRS it is in (gdal_edit.py -a_srs EPSG:… {name})")  # fmt: skip
    cells = source.width * source.height
    if source.width < 3 or source.height < 3:
        raise BadTerrain(f"{name} is {source.width} × {source.height} cells; terrain needs 3 × 3")
    need, have = cells * BYTES_A_CELL, memory or available_memory()
    if need > have or cells >= 2**31:
        raise BadTerrain(
            f"{name} has {source.width} × {source.height} cells and needs {need / 1e9:.0f} GB of "
            f"memory; {have / 1e9:.1f} GB may be used. Filling and accumulation look at the whole "
            "terrain at once and cannot go by windows: cut it along a watershed or give it larger "
            "cells (gdalwarp -tr)"
        )


def _on_earth(bounds: Any) -> bool:
    """Whether west, south, east, north can be degrees; half a cell may stick out at a pole."""
    west, south, east, north = bounds
    return -361 <= west < east <= 541 and -91 <= south < north <= 91


def available_memory() -> int:
    """Bytes that may be used: three fifths of what the machine has free."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(line for line in lines if line.startswith("MemAvailable"))
        return int(free.split()[1]) * 1024 * 3 // 5
    except (OSError, StopIteration):
        return DEFAULT_MEMORY


def _unscale(heights: np.ndarray, scale: float, offset: float, notes: list[str]) -> None:
    """Heights that a file keeps as whole steps become what they stand for."""
    if scale not in (0.0, 1.0) or offset:
        heights *= np.float32(scale or 1.0)
        heights += np.float32(offset)
        notes.append(f"the file keeps heights in steps of {scale:g} from {offset:g}; read so")


def _foot(crs: Any) -> bool:
    """Whether the grid is counted in feet."""
    return crs.is_projected and abs(crs.linear_units_factor[1] - FEET["ft"]) < 1e-5


def _factor(units: str, said: str | None, notes: list[str]) -> float:
    """Metres in one unit of the file's heights."""
    if units in FEET:
        notes.append(f"heights taken as feet ({units}) and turned to metres")
        return FEET[units]
    word = (said or "").strip().lower()
    if units == "auto" and word in {"ft", "foot", "feet", "us survey foot", "us-ft", "ftus"}:
        notes.append(f"the file says its heights are in {said}; turned to metres")
        return FEET["us-ft" if "us" in word else "ft"]
    if units not in {"auto", "m"}:
        raise BadTerrain(f"units {units!r} are not known; say m, ft or us-ft")
    return 1.0


def kinds(heights: np.ndarray) -> np.ndarray:
    """What each cell is (uint8): no data that joins the edge is OUTSIDE, other no data a HOLE."""
    from scipy import ndimage

    empty = np.isnan(heights)
    kind = np.full(heights.shape, LAND, np.uint8)
    if empty.any():
        parts, count = ndimage.label(empty, structure=np.ones((3, 3)))
        rims = [parts[0], parts[-1], parts[:, 0], parts[:, -1]]
        open_ = np.zeros(count + 1, bool)
        open_[np.unique(np.concatenate(rims))] = True
        kind[empty] = np.where(open_[parts[empty]], OUTSIDE, HOLE)
    return kind


def metres_per_cell(
    transform: Any, crs: Any, rows: int, notes: list[str]
) -> tuple[np.ndarray, float]:
    """Metres from west to east by row, and from north to south.

    In degrees: on the WGS 84 ellipsoid at each row's latitude (and the middle row's for dy).
    """
    east, south = float(transform.a), -float(transform.e)
    if not crs.is_geographic:
        factor = float(crs.linear_units_factor[1] or 1.0)
        return np.full(rows, east * factor), south * factor
    latitudes = np.radians(transform.f - south * (np.arange(rows) + 0.5))
    a, e2 = 6378137.0, 0.00669437999014
    bend = 1 - e2 * np.sin(latitudes) ** 2
    dx = np.radians(east) * a * np.cos(latitudes) / np.sqrt(bend)
    dy = np.radians(south) * a * (1 - e2) / bend[rows // 2] ** 1.5
    notes.append("the grid is in degrees; metres per cell are reckoned by latitude")
    return np.maximum(dx, 1e-6), float(dy)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
