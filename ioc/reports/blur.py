"""Hides a part of a picture for good: what was there cannot be computed back.

A plain blur can be undone, and so can a mosaic of small tiles when the font of the words is known.
So few, large tiles are kept, their colours coarsened, and the blur only softens those tiles.
"""

import math
import secrets

from PIL import Image, ImageFilter

Box = tuple[float, float, float, float]
Pixels = tuple[int, int, int, int]

TILES = 4  # along the longer side, at most
TILE_PX = 16  # a tile is never smaller
LEVELS = 16  # of each colour: 4 bits a tile and colour are all that is kept
JITTER = 10
BLOCK_PX = 16  # JPEG shares colour within such blocks, so a box grows to whole ones


def pixels_of(box: Box, size: tuple[int, int]) -> Pixels:
    """Left, top, right and bottom of a box of fractions, grown to whole JPEG blocks."""
    left, top, wide, high = box
    width, height = size
    return (
        max(0, math.floor(left * width / BLOCK_PX) * BLOCK_PX),
        max(0, math.floor(top * height / BLOCK_PX) * BLOCK_PX),
        min(width, math.ceil((left + wide) * width / BLOCK_PX) * BLOCK_PX),
        min(height, math.ceil((top + high) * height / BLOCK_PX) * BLOCK_PX),
    )


def hide(image: Image.Image, pixels: Pixels) -> None:
    """Draws over the pixels of an RGB image, in place."""
    left, top, right, bottom = pixels
    wide, high = right - left, bottom - top
    if wide < 1 or high < 1:
        return
    tile_px = max(TILE_PX, math.ceil(max(wide, high) / TILES))
    across, down = max(1, round(wide / tile_px)), max(1, round(high / tile_px))
    tiles = image.crop(pixels).resize((across, down), Image.Resampling.BOX)
    tiles = tiles.point([_coarse(value) for value in range(256)] * 3)
    for x in range(across):
        for y in range(down):
            colour = tiles.getpixel((x, y))
            assert isinstance(colour, tuple)
            tiles.putpixel((x, y), tuple(_shifted(value) for value in colour))
    mosaic = tiles.resize((wide, high), Image.Resampling.NEAREST)
    image.paste(mosaic.filter(ImageFilter.GaussianBlur(tile_px / 4)), (left, top))


def _coarse(value: int) -> int:
    step = 256 // LEVELS
    return value // step * step + step // 2


def _shifted(value: float) -> int:
    """The value a little off, so that no two tiles tell which was brighter within a level."""
    return min(255, max(0, int(value) + secrets.randbelow(2 * JITTER + 1) - JITTER))
