"""H3 cells as a lattice: parents and neighbours of a hundred thousand cells in milliseconds.

Inside one base cell H3's digits are the coordinates of a flat hexagonal lattice, so neighbours
are sums; only cells at the seam of two base cells, and the twelve base cells with a pentagon,
ask the library one by one.

Source: H3 core library, "Index" and "IJK coordinates" of https://h3geo.org/docs.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from geo.analytics.checks import Ints
from geo.analytics.parameters import ParameterError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PENTAGONS = (4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117)
# digit 0…6 as steps along the axes i − k and j − k
STEP_A = np.array([0, -1, 0, -1, 1, 0, 1, 0])
STEP_B = np.array([0, -1, 1, 0, 0, -1, 1, 0])
SHIFT, MIDDLE = 25, 1 << 24
DIGITS = 9  # bits of three digits


def resolution_of(cells: Ints) -> int:
    """The one resolution of these cells. Raises ParameterError if there are several or none."""
    if len(cells) == 0:
        raise ParameterError("cells", "không có ô nào", "there are no cells")
    each = (cells >> 52) & 15
    if (each != each[0]).any():
        found = np.unique(each).tolist()
        raise ParameterError("cells", f"các ô khác độ phân giải: {found}",
                             f"cells of several resolutions: {found}")  # fmt: skip
    return int(each[0])


def parents(cells: Ints, res: int) -> Ints:
    """The parents at a coarser resolution, shape (n,)."""
    have = resolution_of(cells)
    if res > have:
        raise ParameterError("res", f"ô được lưu ở độ phân giải {have}, không thể mịn hơn",
                             f"cells are stored at resolution {have}, none is finer")  # fmt: skip
    unused = (np.int64(1) << (3 * (15 - res))) - 1
    return (cells & ~(np.int64(15) << 52)) | (np.int64(res) << 52) | unused


def lattice_of(cells: Ints) -> tuple[Ints, Ints]:
    """Lattice coordinates of cells of one resolution, valid within their base cell."""
    a = np.zeros(len(cells), np.int64)
    b = np.zeros(len(cells), np.int64)
    for level in range(1, resolution_of(cells) + 1):
        digit = (cells >> (3 * (15 - level))) & 7
        # aperture-7 refinement turns counter-clockwise at odd levels, clockwise at even ones
        a, b = (2 * a + b, 3 * b - a) if level % 2 else (3 * a - b, a + 2 * b)
        a, b = a + STEP_A[digit], b + STEP_B[digit]
    return a, b


def _keys(cells: Ints, base: Ints) -> Ints:
    """One number a cell, in which a step on the lattice of its base cell is a sum.

    A coordinate is a sum over digits, so three digits at a time are looked up; bits of the base
    cell that come along with the first of them mean nothing to ``lattice_of``.
    """
    res = resolution_of(cells)
    key = (base << (2 * SHIFT)) + (MIDDLE << SHIFT) + MIDDLE
    for low in range(3 * (15 - res), 45, DIGITS):
        a, b = lattice_of((np.arange(1 << DIGITS) << low) | (res << 52))
        key += ((a << SHIFT) + b)[(cells >> low) & ((1 << DIGITS) - 1)]
    return key


def neighbours(cells: Ints, rings: int = 1, itself: bool = True) -> "csr_matrix":
    """Binary weights of distinct cells: 1 within so many rings, shape (n, n), float64.

    Cells that are not among those given have no weight; ``itself`` puts 1 on the diagonal.
    """
    from scipy import sparse

    n, steps = len(cells), _half_disk(rings)
    base = (cells >> 45) & 127
    key = _keys(cells, base)
    order = np.argsort(key)
    key = key[order]
    if (key[1:] == key[:-1]).any():
        raise ParameterError("cells", "có ô lặp lại", "the same cell twice")
    # a row holds the numbers of a cell's neighbours, −1 where there is none
    near = np.full((n, 2 * len(steps) + itself), -1, np.int32)
    for pair, (a, b) in enumerate(steps):
        wanted = key + (a << SHIFT) + b
        at = np.minimum(np.searchsorted(key, wanted), n - 1)
        found = np.flatnonzero(key[at] == wanted)
        one, other = order[found], order[at[found]]
        near[one, 2 * pair], near[other, 2 * pair + 1] = other, one
    if (base != base[0]).any() or base[0] in PENTAGONS:
        _mend_seams(near[:, : 2 * len(steps)], cells, rings, base)
    if itself:
        near[:, -1] = np.arange(n)
    there = near >= 0
    ends = np.r_[0, np.cumsum(there.sum(axis=1))]
    return sparse.csr_matrix((np.ones(ends[-1]), near[there], ends), shape=(n, n))


def _half_disk(rings: int) -> list[tuple[int, int]]:
    """One step of each opposite pair within so many rings."""
    steps = [
        (a, b)
        for a in range(-rings, rings + 1)
        for b in range(-rings, rings + 1)
        if (max(abs(a), abs(b)) if a * b > 0 else abs(a) + abs(b)) <= rings
    ]
    return [step for step in steps if step > (0, 0)]


def _mend_seams(near: Any, cells: Ints, rings: int, base: Ints) -> None:
    """Cells that lack neighbours inside their base cell, or lie around a pentagon, ask the library.

    A cell that has all of them there has no other: it lies away from every seam.
    """
    import h3.api.numpy_int as h3

    asked = (near < 0).any(axis=1) | np.isin(base, PENTAGONS)
    order = np.argsort(cells)
    ordered = cells[order]
    for index in np.flatnonzero(asked):
        disk = h3.grid_disk(int(cells[index]), rings).astype(np.int64)
        at = np.minimum(np.searchsorted(ordered, disk), len(cells) - 1)
        found = order[at[(ordered[at] == disk) & (disk != cells[index])]]
        near[index] = -1
        near[index, : len(found)] = found


def cells_within(geometry: Any, res: int) -> Ints:
    """The cells whose centre lies in a polygon (shapely, lon/lat), sorted: a study area."""
    import h3.api.numpy_int as h3

    found = h3.geo_to_cells(geometry, res)
    return np.unique(np.asarray(found, dtype=np.uint64).astype(np.int64))
