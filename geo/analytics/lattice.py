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


def resolution_of(cells: Ints) -> int:
    """The one resolution of these cells. Raises ParameterError if there are several or none."""
    if len(cells) == 0:
        raise ParameterError("cells", "không có ô nào", "there are no cells")
    found = np.unique((cells >> 52) & 15)
    if len(found) != 1:
        raise ParameterError("cells", f"các ô khác độ phân giải: {found.tolist()}",
                             f"cells of several resolutions: {found.tolist()}")  # fmt: skip
    return int(found[0])


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


def neighbours(cells: Ints, rings: int = 1, itself: bool = True) -> "csr_matrix":
    """Binary weights of distinct cells: 1 within so many rings, shape (n, n), float64.

    Cells that are not among those given have no weight; ``itself`` puts 1 on the diagonal.
    """
    from scipy import sparse

    n = len(cells)
    base = (cells >> 45) & 127
    a, b = lattice_of(cells)
    key = (base << (2 * SHIFT)) | ((a + MIDDLE) << SHIFT) | (b + MIDDLE)
    order = np.argsort(key)
    key = key[order]
    if n > 1 and (key[1:] == key[:-1]).any():
        raise ParameterError("cells", "có ô lặp lại", "the same cell twice")
    lines, columns = [], []
    for step in _half_disk(rings):
        wanted = key + (step[0] << SHIFT) + step[1]
        at = np.minimum(np.searchsorted(key, wanted), n - 1)
        found = np.flatnonzero(key[at] == wanted)
        lines.append(order[found])
        columns.append(order[at[found]])
    line, column = np.concatenate(lines), np.concatenate(columns)
    line, column = np.concatenate([line, column]), np.concatenate([column, line])
    if len(np.unique(base)) > 1 or base[0] in PENTAGONS:
        line, column = _with_seams(cells, rings, base, line, column)
    if itself:
        line = np.concatenate([line, np.arange(n)])
        column = np.concatenate([column, np.arange(n)])
    return sparse.csr_matrix((np.ones(len(line)), (line, column)), shape=(n, n))


def _half_disk(rings: int) -> list[tuple[int, int]]:
    """One step of each opposite pair within so many rings."""
    steps = [
        (a, b)
        for a in range(-rings, rings + 1)
        for b in range(-rings, rings + 1)
        if (max(abs(a), abs(b)) if a * b > 0 else abs(a) + abs(b)) <= rings
    ]
    return [step for step in steps if step > (0, 0)]


def _with_seams(cells: Ints, rings: int, base: Ints, line: Any, column: Any) -> tuple[Any, Any]:
    """The pairs, with those across base cells and around pentagons asked of the library."""
    import h3.api.numpy_int as h3

    full = 3 * rings * (rings + 1)
    asked = (np.bincount(line, minlength=len(cells)) < full) | np.isin(base, PENTAGONS)
    keep = ~(asked[line] | asked[column])
    order = np.argsort(cells)
    ordered = cells[order]
    lines, columns = [line[keep]], [column[keep]]
    for index in np.flatnonzero(asked):
        disk = h3.grid_disk(int(cells[index]), rings).astype(np.int64)
        at = np.minimum(np.searchsorted(ordered, disk), len(cells) - 1)
        found = order[at[(ordered[at] == disk) & (disk != cells[index])]]
        lines += [np.full(len(found), index), found[~asked[found]]]
        columns += [found, np.full(int((~asked[found]).sum()), index)]
    return np.concatenate(lines), np.concatenate(columns)


def cells_within(geometry: Any, res: int) -> Ints:
    """The cells whose centre lies in a polygon (shapely, lon/lat), sorted: a study area."""
    import h3.api.numpy_int as h3

    found = h3.geo_to_cells(geometry, res)
    return np.unique(np.asarray(found, dtype=np.uint64).astype(np.int64))
