"""How often a shape crosses itself, told before anybody tries to mend it. No Django here: the
process that reads uploaded files asks it too."""

import numpy as np
import shapely

MOST = 5_000
"""To mend a shape takes some square of its crossings: for these, under a second."""
PAIRS = 100_000
CERTAIN = 3


def crossings(shape: shapely.Geometry) -> int:
    """How many pairs of a shape's edges meet but where one ends and the next begins.

    Of a shape with very many only about so many: edges are compared by chance first.
    """
    lines = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape
    xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    whole = line[1:] == line[:-1]
    start, end = xy[:-1][whole], xy[1:][whole]
    n = len(start)
    every = n * (n - 1) // 2
    if every > PAIRS:  # the same each time, so that an answer does not depend on chance
        some = np.random.default_rng(0).integers(0, n, (2, PAIRS))
        met = int(_meet(start, end, *some).sum())
        if met >= CERTAIN and (guess := met * every // PAIRS) > 10 * MOST:
            return guess
    edges = shapely.linestrings(np.stack([start, end], axis=1))
    one, two = shapely.STRtree(edges).query(edges)
    first = one < two
    return int(_meet(start, end, one[first], two[first]).sum())


def _meet(start: np.ndarray, end: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Whether edges i and j, that share no end, have a point in common."""
    a, b, c, d = start[i], end[i], start[j], end[j]
    apart = np.logical_and.reduce([(p != q).any(axis=1) for p in (a, b) for q in (c, d)])
    near = (np.maximum(a, b) >= np.minimum(c, d)) & (np.maximum(c, d) >= np.minimum(a, b))
    return apart & near.all(axis=1) & _sides(a, b, c, d) & _sides(c, d, a, b)


def _sides(a: np.ndarray, b: np.ndarray, *ends: np.ndarray) -> np.ndarray:
    """Whether both ends do not lie on one side of the line through a and b."""
    (x, y), (east, north) = a.T, (b - a).T
    one, two = (np.sign(east * (p[:, 1] - y) - north * (p[:, 0] - x)) for p in ends)
    return one * two <= 0
