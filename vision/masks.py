"""Parts of a camera's picture that nobody is to see, in fractions of its width and height."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

MOST, MOST_CORNERS = 20, 40


def checked(declared: Any) -> list[list[tuple[float, float]]]:
    """Polygons of (x, y), fractions. Raises ValueError, in words, for anything else."""
    if not isinstance(declared, list) or len(declared) > MOST:
        raise ValueError(_("Privacy masks are a list of at most %(most)s shapes.") % {"most": MOST})
    return [_polygon(shape) for shape in declared]


def _polygon(shape: Any) -> list[tuple[float, float]]:
    good = isinstance(shape, list | tuple) and 3 <= len(shape) <= MOST_CORNERS
    try:
        corners = [(float(x), float(y)) for x, y in shape] if good else []
    except (TypeError, ValueError):
        corners = []
    if not corners or not all(0 <= value <= 1 for corner in corners for value in corner):
        raise ValueError(_("A mask has three corners or more, each inside the picture."))
    return corners


def paint(
    picture: NDArray[np.uint8], shapes: Sequence[Sequence[tuple[float, float]]]
) -> NDArray[np.uint8]:
    """The picture (h, w, 3) with the shapes black; itself where there are none."""
    if not shapes:
        return picture
    import cv2

    height, width = picture.shape[:2]
    painted = picture.copy()
    for shape in shapes:
        corners = np.round(np.array(shape) * (width, height)).astype(np.int32)
        cv2.fillPoly(painted, [corners], (0, 0, 0))
    return painted
