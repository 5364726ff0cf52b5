"""Compiled loops of the density clusters; imported only where they run.

All take positions sorted by the key of their grid cell: ``first`` has the start of each cell and
the end of the last, ``keys`` the cells' keys, rising.
"""

import numpy as np
from numba import njit


@njit(cache=True)
def root(parent, k):
    """The representative of a set, with the path to it halved."""
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = parent[k]
    return k


@njit(cache=True)
def lower(values, begin, end, wanted):
    """The first place between begin and end whose value is not below; numpy's takes long to
    compile."""
    while begin < end:
        middle = (begin + end) // 2
        if values[middle] < wanted:
            begin = middle + 1
        else:
            end = middle
    return begin


@njit(cache=True)
def cores(x, y, first, keys, stride, reach, eps2, least):
    """Which points have at least so many within reach, themselves among them.

    Cells so small that all their points are within reach of each other need no distances when
    they hold enough (``reach`` 2); with larger ones (``reach`` 1) that does not hold.
    """
    core = np.zeros(len(x), np.bool_)
    for cell in range(len(keys)):
        begin, end = first[cell], first[cell + 1]
        if reach == 2 and end - begin >= least:
            core[begin:end] = True
            continue
        low, high = ranges(keys, keys[cell], stride, reach)
        for p in range(begin, end):
            count = 0
            for row in range(len(low)):
                for q in range(first[low[row]], first[high[row]]):
                    dx, dy = x[p] - x[q], y[p] - y[q]
                    count += dx * dx + dy * dy <= eps2
                    if count >= least:
                        break
                if count >= least:
                    break
            core[p] = count >= least
    return core


@njit(cache=True)
def ranges(keys, key, stride, reach):
    """Ranges of cells next to one: for each of its rows, first and one past the last."""
    low = np.empty(2 * reach + 1, np.int64)
    high = np.empty(2 * reach + 1, np.int64)
    for row in range(-reach, reach + 1):
        middle = key + row * stride
        low[row + reach] = lower(keys, 0, len(keys), middle - reach)
        high[row + reach] = lower(keys, low[row + reach], len(keys), middle + reach + 1)
    return low, high


@njit(cache=True)
def joined(x, y, first, keys, stride, eps2, core):
    """The set of each cell, cells with core points within reach of each other being one."""
    parent = np.arange(len(keys))
    for cell in range(len(keys)):
        low, high = ranges(keys, keys[cell], stride, 2)
        for row in range(5):
            for other in range(low[row], high[row]):
                if other <= cell:
                    continue
                a, b = root(parent, cell), root(parent, other)
                if a != b and touch(x, y, first, cell, other, eps2, core):
                    parent[max(a, b)] = min(a, b)
    for cell in range(len(keys)):
        parent[cell] = root(parent, cell)
    return parent


@njit(cache=True)
def touch(x, y, first, cell, other, eps2, core):
    """Whether a core point of one cell reaches a core point of another."""
    west, east, south, north = np.inf, -np.inf, np.inf, -np.inf
    for q in range(first[other], first[other + 1]):
        if core[q]:
            west, east = min(west, x[q]), max(east, x[q])
            south, north = min(south, y[q]), max(north, y[q])
    for p in range(first[cell], first[cell + 1]):
        if not core[p]:
            continue
        dx = max(0.0, max(west - x[p], x[p] - east))
        dy = max(0.0, max(south - y[p], y[p] - north))
        if dx * dx + dy * dy > eps2:
            continue
        for q in range(first[other], first[other + 1]):
            if core[q]:
                dx, dy = x[p] - x[q], y[p] - y[q]
                if dx * dx + dy * dy <= eps2:
                    return True
    return False


@njit(cache=True)
def numbered(order, core, sets):
    """Labels in the points' own order: clusters by their first core point, −1 elsewhere.

    ``sets`` is the set of each sorted point, ``order`` the own index of each.
    """
    n = len(order)
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    name = np.full(n, -1, np.int64)
    labels = np.full(n, -1, np.int64)
    count = 0
    for own in range(n):
        at = place[own]
        if core[at]:
            if name[sets[at]] < 0:
                name[sets[at]] = count
                count += 1
            labels[at] = name[sets[at]]
    return labels


@njit(cache=True)
def with_borders(x, y, first, keys, stride, eps2, core, labels):
    """The labels, points at the border in the first cluster that has a core point near them."""
    for cell in range(len(keys)):
        asked = False
        for p in range(first[cell], first[cell + 1]):
            if core[p]:
                continue
            if not asked:
                low, high = ranges(keys, keys[cell], stride, 2)
                asked = True
            best = -1
            for row in range(5):
                for q in range(first[low[row]], first[high[row]]):
                    if core[q] and (best < 0 or labels[q] < best):
                        dx, dy = x[p] - x[q], y[p] - y[q]
                        if dx * dx + dy * dy <= eps2:
                            best = labels[q]
            labels[p] = best
    return labels


@njit(cache=True)
def space_time_cores(x, y, t, first, keys, stride, eps2, span, least):
    """As ``cores``, near in time too; cells of the reach's side, sorted by time within."""
    core = np.zeros(len(x), np.bool_)
    for cell in range(len(keys)):
        low, high = ranges(keys, keys[cell], stride, 1)
        for p in range(first[cell], first[cell + 1]):
            count = 0
            for row in range(3):
                for other in range(low[row], high[row]):
                    q, end = since(t, first, other, t[p] - span), first[other + 1]
                    while q < end and t[q] - t[p] <= span:
                        dx, dy = x[p] - x[q], y[p] - y[q]
                        count += dx * dx + dy * dy <= eps2
                        q += 1
            core[p] = count >= least
    return core


@njit(cache=True)
def since(t, first, cell, moment):
    """The first point of a cell that is not before a moment."""
    return lower(t, first[cell], first[cell + 1], moment)


@njit(cache=True)
def space_time_joined(x, y, t, first, keys, stride, eps2, span, core):
    """The set of each point, core points near each other being one."""
    parent = np.arange(len(x))
    for cell in range(len(keys)):
        low, high = ranges(keys, keys[cell], stride, 1)
        for p in range(first[cell], first[cell + 1]):
            if not core[p]:
                continue
            for row in range(3):
                for other in range(low[row], high[row]):
                    q, end = since(t, first, other, t[p] - span), first[other + 1]
                    while q < end and t[q] - t[p] <= span:
                        dx, dy = x[p] - x[q], y[p] - y[q]
                        if core[q] and dx * dx + dy * dy <= eps2:
                            a, b = root(parent, p), root(parent, q)
                            parent[max(a, b)] = min(a, b)
                        q += 1
    for p in range(len(x)):
        parent[p] = root(parent, p)
    return parent


@njit(cache=True)
def space_time_borders(x, y, t, first, keys, stride, eps2, span, core, labels):
    """As ``with_borders``, near in time too."""
    for cell in range(len(keys)):
        low, high = ranges(keys, keys[cell], stride, 1)
        for p in range(first[cell], first[cell + 1]):
            if core[p]:
                continue
            best = -1
            for row in range(3):
                for q in range(first[low[row]], first[high[row]]):
                    if core[q] and abs(t[q] - t[p]) <= span and (best < 0 or labels[q] < best):
                        dx, dy = x[p] - x[q], y[p] - y[q]
                        if dx * dx + dy * dy <= eps2:
                            best = labels[q]
            labels[p] = best
    return labels
