"""Compiled loops of the kernel density; imported only where it runs."""

import numpy as np
from numba import njit


@njit(cache=True)
def deposit(where, weight, land, west, north, cell):
    """(raster, points kept): each point's weight shared linearly among the centres around it.

    A point counts if its own cell is land; shares that would fall off the land or the raster go
    to the point's own cell, so the total of the points kept is kept.
    """
    height, width = land.shape
    raster = np.zeros((height, width))
    kept = 0
    for k in range(len(where)):
        x = (where[k, 0] - west) / cell
        y = (north - where[k, 1]) / cell
        column, line = int(np.floor(x)), int(np.floor(y))
        # the last edges belong to the raster
        if x == width:
            column -= 1
        if y == height:
            line -= 1
        if not (0 <= column < width and 0 <= line < height) or not land[line, column]:
            continue
        kept += 1
        left, top = int(np.floor(x - 0.5)), int(np.floor(y - 0.5))
        right_share, bottom_share = x - 0.5 - left, y - 0.5 - top
        for j in range(2):
            for i in range(2):
                share = (right_share if i else 1 - right_share) * (
                    bottom_share if j else 1 - bottom_share
                )
                at_line, at_column = top + j, left + i
                if 0 <= at_line < height and 0 <= at_column < width and land[at_line, at_column]:
                    raster[at_line, at_column] += weight[k] * share
                else:
                    raster[line, column] += weight[k] * share
    return raster, kept
