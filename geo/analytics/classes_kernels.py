"""The compiled search for natural breaks; imported only where it runs."""

import numpy as np
from numba import njit


@njit(cache=True)
def optimal_cuts(value, weight, count):
    """Index of the last value of each class, shape (count,), for rising distinct values.

    Dynamic programme over classes; the best start of the last class never moves left as the end
    moves right, so each row is filled by halves in O(n log n).
    """
    n = len(value)
    w, s, q = np.zeros(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    for k in range(n):
        w[k + 1] = w[k] + weight[k]
        s[k + 1] = s[k] + weight[k] * value[k]
        q[k + 1] = q[k] + weight[k] * value[k] * value[k]
    before = np.empty(n)
    for k in range(n):
        before[k] = q[k + 1] - s[k + 1] * s[k + 1] / w[k + 1]
    start = np.zeros((count, n), np.int32)
    for level in range(1, count):
        now = np.full(n, np.inf)
        # ranges of ends still open, with the range of starts each may have
        stack = [(level, n - 1, level, n - 1)]
        while stack:
            low, high, first, last = stack.pop()
            end = (low + high) // 2
            best, at = np.inf, first
            for begin in range(first, min(last, end) + 1):
                weight_of, sum_of = w[end + 1] - w[begin], s[end + 1] - s[begin]
                cost = before[begin - 1] + q[end + 1] - q[begin] - sum_of * sum_of / weight_of
                if cost < best:
                    best, at = cost, begin
            now[end], start[level, end] = best, at
            if low < end:
                stack.append((low, end - 1, first, at))
            if end < high:
                stack.append((end + 1, high, at, last))
        before = now
    cuts = np.empty(count, np.int64)
    end = n - 1
    for level in range(count - 1, -1, -1):
        cuts[level] = end
        end = start[level, end] - 1
    return cuts
