"""The same analyses over a frame in parts, on one machine or many.

A frame is a (geo)pandas frame or a Dask one (dask, dask-geopandas: optional). Parts are summed up
where they lie; only cells, rasters and distances travel. Which scheduler works is the caller's:
with a ``distributed.Client`` open it is that one. DBSCAN and HDBSCAN need all points in one place.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from geo.analytics import density, emerging, hotspots, lattice, moran, reach
from geo.analytics.checks import Floats, Ints
from geo.analytics.parameters import ParameterError
from geo.analytics.progress import Watch

Counted = tuple[Ints, Floats]


def over_parts(frame: Any, part: Callable[[Any], Any], merge: Callable[[Any, Any], Any]) -> Any:
    """``part`` of every part, merged by pairs; of the frame itself if it has no parts."""
    if not hasattr(frame, "to_delayed"):
        return part(frame)
    import dask

    left = [dask.delayed(part)(each) for each in frame.to_delayed()]
    while len(left) > 1:
        pairs = [dask.delayed(merge)(*left[k : k + 2]) for k in range(0, len(left) - 1, 2)]
        left = pairs + left[len(pairs) * 2 :]
    return left[0].compute()


def cell_counts(frame: Any, *, cell: str = "h3", res: int | None = None) -> Counted:
    """Distinct cells, sorted, and how many rows each has; at a coarser resolution if asked."""
    return over_parts(frame, partial(_counted, cell=cell, res=res), _added)


def cell_slices(
    frame: Any, edges: Any, *, cell: str = "h3", time: str = "t", res: int | None = None
) -> Counted:
    """Distinct cells and counts by slice, shape (n, len(edges) − 1).

    A slice holds its first edge, not its last; rows outside all slices are left out.
    """
    edges = np.asarray(edges, dtype="datetime64[us]")
    if len(edges) < 2 or (edges[1:] <= edges[:-1]).any():
        raise ParameterError("edges", "các mốc thời gian phải tăng dần", "the edges must rise")
    part = partial(_sliced, edges=edges, cell=cell, time=time, res=res)
    return over_parts(frame, part, _added)


def hot_spots(frame: Any, parameters: Any = None, **options: Any) -> hotspots.HotSpotResult:
    """``hotspots.hot_spots`` of a frame's rows; ``cell`` and ``res`` as in ``cell_counts``."""
    counted = cell_counts(frame, **_taken(options, "cell", "res"))
    return hotspots.hot_spots(*counted, parameters, **options)


def local_moran(frame: Any, parameters: Any = None, **options: Any) -> moran.MoranResult:
    """``moran.local_moran`` of a frame's rows; ``cell`` and ``res`` as in ``cell_counts``."""
    counted = cell_counts(frame, **_taken(options, "cell", "res"))
    return moran.local_moran(*counted, parameters, **options)


def emerging_hot_spots(
    frame: Any, edges: Any, parameters: Any = None, **options: Any
) -> emerging.EmergingResult:
    """``emerging.emerging_hot_spots`` of a frame's rows, as ``cell_slices`` counts them."""
    counted = cell_slices(frame, edges, **_taken(options, "cell", "time", "res"))
    return emerging.emerging_hot_spots(*counted, parameters, **options)


def kernel_density(
    frame: Any, bounds: Any, parameters: density.Density, *, mask: Any = None,
    columns: tuple[str, str] | None = None, progress: Any = None, cancelled: Any = None,
) -> density.DensityResult:  # fmt: skip
    """``density.kernel_density`` of a frame's positions in metres: two columns or its geometry."""
    watch = Watch(progress, cancelled)
    part = partial(_binned, bounds=bounds, told=parameters, mask=mask, columns=columns)
    binned, outside = over_parts(frame, part, _both_added)
    watch.at(0.5)
    return density.finished(binned, outside, bounds, parameters, mask, watch)


def coverage(
    frame: Any, facilities: Any, parameters: Any = None, *, weight: str | None = None,
    columns: tuple[str, str] | None = None,
) -> dict[str, Floats]:  # fmt: skip
    """Weight ``within`` each distance and its ``share``, as in ``reach.coverage``."""
    told = parameters or reach.Coverage()
    part = partial(_covered, facilities=facilities, told=told, weight=weight, columns=columns)
    within, total = over_parts(frame, part, _both_added)
    return {"within": within, "share": within / total}


def _taken(options: dict[str, Any], *names: str) -> dict[str, Any]:
    """The named options, taken out of the others."""
    return {name: options.pop(name) for name in names if name in options}


def _cells(frame: Any, cell: str, res: int | None) -> Ints:
    cells = frame[cell].to_numpy(dtype=np.int64)
    return cells if res is None or len(cells) == 0 else lattice.parents(cells, res)


def _counted(frame: Any, cell: str, res: int | None) -> Counted:
    cells, counts = np.unique(_cells(frame, cell, res), return_counts=True)
    return cells, counts.astype(np.float64)


def _sliced(frame: Any, edges: Any, cell: str, time: str, res: int | None) -> Counted:
    moments = frame[time]
    if getattr(moments.dt, "tz", None) is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    at = np.searchsorted(edges, moments.to_numpy(dtype="datetime64[us]"), "right") - 1
    kept = (at >= 0) & (at < len(edges) - 1)
    cells, of = np.unique(_cells(frame, cell, res)[kept], return_inverse=True)
    counts = np.zeros((len(cells), len(edges) - 1))
    np.add.at(counts, (of, at[kept]), 1)
    return cells, counts


def _added(one: Counted, two: Counted) -> Counted:
    cells, of = np.unique(np.concatenate([one[0], two[0]]), return_inverse=True)
    parts = np.concatenate([one[1], two[1]])
    counts = np.zeros((len(cells), *parts.shape[1:]))
    np.add.at(counts, of, parts)
    return cells, counts


def _both_added(one: tuple[Any, Any], two: tuple[Any, Any]) -> tuple[Any, Any]:
    return one[0] + two[0], one[1] + two[1]


def _positions(frame: Any, columns: tuple[str, str] | None) -> Floats:
    if columns is None:
        return np.column_stack([frame.geometry.x, frame.geometry.y])
    return frame[list(columns)].to_numpy(dtype=np.float64)


def _binned(frame: Any, bounds: Any, told: Any, mask: Any, columns: Any) -> tuple[Floats, int]:
    where = _positions(frame, columns)
    binned, kept = density.binned_points(where, bounds, told, None, mask)
    return binned, len(where) - kept


def _covered(frame: Any, facilities: Any, told: Any, weight: Any, columns: Any) -> Any:
    if len(frame) == 0:
        return np.zeros(len(told.distances_m)), 0.0
    weights = None if weight is None else frame[weight].to_numpy(dtype=np.float64)
    total = float(len(frame) if weights is None else weights.sum())
    if total == 0:
        return np.zeros(len(told.distances_m)), 0.0
    found = reach.coverage(_positions(frame, columns), facilities, told, weights=weights)
    return found.within, total
