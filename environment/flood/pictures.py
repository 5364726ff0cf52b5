"""Pictures of a zone, and tiles of depth and contours, as PNG."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from environment.flood.water import COLORS, DEPTHS_M

TILE = 256
DEEP_M = 10.0
LINE = (120, 85, 60, 200)


def _rgb(color: str) -> tuple[int, int, int]:
    return tuple(int(color[n : n + 2], 16) for n in (1, 3, 5))  # type: ignore[return-value]


def _png(image: Any) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(image, "RGBA").save(out, "PNG", compress_level=3)
    return out.getvalue()


def _painted(depth: Any) -> Any:
    """Depth (m, NaN or 0 dry) in the colours of its classes (uint8 RGBA)."""
    import numpy as np

    image = np.zeros((*depth.shape, 4), np.uint8)
    for limit, color in zip(DEPTHS_M, COLORS, strict=True):
        image[np.nan_to_num(depth) > limit] = (*_rgb(color), 190)
    return image


def _read(path: Path, z: int, x: int, y: int, resampling: str, buffer: int = 0) -> Any:
    """A tile of a COG (rows × columns, NaN outside), or None where it lies beside the raster."""
    import numpy as np
    from rio_tiler.errors import TileOutsideBounds
    from rio_tiler.io import Reader

    try:
        with Reader(str(path)) as source:
            found = source.tile(
                x, y, z, tilesize=TILE, indexes=1, reproject_method=resampling,
                resampling_method=resampling, buffer=buffer or None,
            )  # fmt: skip
    except TileOutsideBounds:
        return None
    return np.where(found.mask == 0, np.nan, found.data[0])


def depth_tile(path: Path, z: int, x: int, y: int) -> bytes:
    """A tile of the depth, clear where it is dry."""
    import numpy as np

    depth = _read(path, z, x, y, "nearest")
    return _png(_painted(np.zeros((TILE, TILE), np.float32) if depth is None else depth))


def contour_tile(path: Path, z: int, x: int, y: int, every_m: float) -> bytes:
    """A tile of contour lines; a line runs where the step of height changes."""
    import numpy as np

    image = np.zeros((TILE, TILE, 4), np.uint8)
    height = _read(path, z, x, y, "bilinear", buffer=1)
    if height is not None:
        step = np.floor(height / every_m)
        here = step[1:-1, 1:-1]
        known = ~np.isnan(here)
        for other in (step[1:-1, 2:], step[2:, 1:-1]):
            image[known & ~np.isnan(other) & (here != other)] = LINE
    return _png(image)


def interval_of(z: int) -> float:
    """Metres between contours that a zoom can hold."""
    return 50.0 if z < 11 else 20.0 if z < 13 else 10.0 if z < 14 else 5.0 if z < 16 else 1.0


def picture(state: Any, width: int = 1200) -> bytes:
    """The zone on shaded terrain for print, north up, at most so many pixels wide."""
    import numpy as np

    basin = state.basin
    z = np.asarray(basin.z)
    step = max(1, z.shape[1] // width)
    z, depth = z[::step, ::step], state.depth[::step, ::step]
    kind = np.asarray(basin.kind)[::step, ::step]
    flat = np.nan_to_num(z, nan=0.0)
    south, east = np.gradient(flat, basin.dy * step, float(basin.dx[0]) * step)
    light = np.clip(0.75 + 1.2 * (south - east), 0.35, 1.0)
    tint = np.clip(flat / 300.0, 0, 1)[..., None]
    ground = np.array([226, 232, 214]) * (1 - tint) + np.array([190, 170, 140]) * tint
    rgb = (ground * light[..., None]).astype(np.uint8)
    rgb[kind == 0] = 255
    rgb[kind == 2] = (198, 219, 230)
    image = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    for limit, color in zip(DEPTHS_M, COLORS, strict=True):
        image[depth > limit, :3] = _rgb(color)
    return _png(image)
