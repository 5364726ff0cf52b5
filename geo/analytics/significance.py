"""From a statistic to a verdict: p-values that hold in the tail, and many tests at once."""

from typing import Any

import numpy as np

from geo.analytics.checks import Bools, Floats

TILTS = 801
BINS = 1024
NEAR_MEAN = 0.3  # in standard deviations: there the normal value is right, the expansion is 0/0
FEWEST, LARGEST_SHARE = 50, 0.1


def normal_p(z: Floats) -> Floats:
    """Two-sided p-values of standard normal scores; 1 where the score is not a number."""
    from scipy.special import erfc

    return np.where(np.isfinite(z), erfc(np.abs(np.nan_to_num(z)) / np.sqrt(2)), 1.0)


def adjusted(p: Floats) -> Floats:
    """Benjamini–Hochberg adjusted p-values: those ≤ q are found at a false discovery rate of q.

    Source: Benjamini, Hochberg (1995), Journal of the Royal Statistical Society B 57, 289–300.
    """
    n = len(p)
    order = np.argsort(p)[::-1]
    stepped = np.minimum.accumulate(p[order] * n / np.arange(n, 0, -1)) if n else p
    found = np.empty(n)
    found[order] = np.minimum(1.0, stepped)
    return found


def adjusted_where(p: Floats, ranked: Bools) -> Floats:
    """The same among the ranked alone; 1 for the others, which are no tests at all."""
    found = np.ones(len(p))
    found[ranked] = adjusted(p[ranked])
    return found


def sum_p(values: Floats, sizes: Floats, sums: Floats, z: Floats) -> Floats:
    """Two-sided p-values of sums of ``sizes`` values drawn by chance from ``values``.

    The normal approximation says too often that a sum of few skewed counts is large. The
    saddlepoint keeps its relative error in the far tail, where corrections for many tests look.
    Whole numbers get the correction for a lattice. Falls back to the normal value near the mean,
    for fewer than 50 values, and where a neighbourhood is more than a tenth of all.

    Source: Lugannani, Rice (1980), Advances in Applied Probability 12, 475–490; Daniels (1987),
    International Statistical Review 55, 37–48, second continuity correction.
    """
    p = normal_p(z)
    n = len(values)
    fits = (np.abs(np.nan_to_num(z)) > NEAR_MEAN) & (sizes > 0) & (sizes <= LARGEST_SHARE * n)
    if n < FEWEST or not fits.any() or np.ptp(values) == 0:
        return p
    whole = bool((values == np.rint(values)).all())
    tilted = _tilts(values)
    side = np.sign(z[fits])
    shift = 0.5 * side if whole else 0.0
    p[fits] = np.minimum(1.0, 2 * _tail(tilted, sizes[fits], sums[fits] - shift, side, whole))
    return p


def _tilts(values: Floats) -> tuple[Floats, ...]:
    """Tilts of the empirical distribution with K, K′ and K″ of each, shapes (TILTS,)."""
    value, weight = _histogram(values)
    spread = np.sqrt(weight @ (value - weight @ value) ** 2)
    tilt = np.sinh(np.linspace(-7, 7, TILTS)) / np.sinh(7) * 60 / spread
    # a bound of the largest power is enough to keep e^x within range
    top = np.maximum(tilt * value[0], tilt * value[-1])
    power = tilt[:, None] * value
    power -= top[:, None]
    share = np.exp(power, out=power)
    moments = weight * value ** np.arange(3)[:, None]
    # no BLAS: its threads wait for one another longer than these sums take
    total, first, second = np.einsum("tv,mv->mt", share, moments)
    first, second = first / total, second / total
    second -= first**2
    return tilt, top + np.log(total), first, np.maximum(second, 0)


def _histogram(values: Floats) -> tuple[Floats, Floats]:
    """Distinct values with their shares; means of equal bins where there are too many."""
    value, count = np.unique(values, return_counts=True)
    if len(value) > BINS:
        edge = np.linspace(value[0], value[-1], BINS + 1)
        into = np.clip(np.searchsorted(edge, value, "right") - 1, 0, BINS - 1)
        weight = np.bincount(into, count, BINS)
        total = np.bincount(into, count * value, BINS)
        value, count = total[weight > 0] / weight[weight > 0], weight[weight > 0]
    return value, count / len(values)


def _tail(
    tilted: tuple[Floats, ...], sizes: Floats, sums: Floats, side: Floats, whole: bool
) -> Any:
    """P(sum ≥ x) where side is 1, P(sum ≤ x) where it is −1, by Lugannani and Rice.

    A sum outside the reachable range gets the last tilt's, which is too large rather than small.
    """
    from scipy.special import ndtr

    tilts, cumulants, firsts, seconds = tilted
    keep = np.r_[True, np.diff(firsts) > 0]
    tilts, cumulants, firsts, seconds = (part[keep] for part in (tilts, cumulants, firsts, seconds))
    mean = np.clip(sums / sizes, firsts[0], firsts[-1])
    at = np.clip(np.searchsorted(firsts, mean) - 1, 0, len(firsts) - 2)
    near = at + (mean - firsts[at] > firsts[at + 1] - mean)
    # one Newton step from the nearest tilt, in which K″ is taken as constant
    step = np.where(seconds[near] > 0, (mean - firsts[near]) / np.maximum(seconds[near], 1e-300), 0)
    gap = tilts[at + 1] - tilts[at]
    step = np.clip(step, -gap, gap)
    tilt = tilts[near] + step
    cumulant = cumulants[near] + firsts[near] * step + seconds[near] * step**2 / 2
    second = np.interp(mean, firsts, seconds)
    signed = np.sign(tilt) * np.sqrt(2 * sizes * np.maximum(tilt * mean - cumulant, 1e-300))
    width = np.sqrt(sizes * np.maximum(second, 1e-300))
    unit = 2 * np.sinh(tilt / 2) * width if whole else tilt * width
    density = np.exp(-(signed**2) / 2) / np.sqrt(2 * np.pi)
    unit = np.where(unit == 0, 1e-300, unit)
    return np.clip(ndtr(-side * signed) + side * density * (1 / unit - 1 / signed), 0, 1)
