"""`bench terrain`: fill to HAND, stage to polygons and exposure, beside pyflwdir and pysheds.

Seconds are CPU seconds, so that other work on the machine counts little; kernels are compiled
before. pyflwdir's `hand` is compiled too, which it is not as shipped. pysheds is GPL and runs in
this process of the bench alone; it needs a name that numpy 2.4 no longer has.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ioc.ops.bench import Context, Figure

CELL_M, LEAST = 30.0, 1000
LARGE, MIDDLE, SMALL = 5000, 2000, 200
WARDS = 40


def run(ctx: Context) -> list[Figure]:
    """The figures; nothing is kept."""
    for peer in ("pyflwdir", "pysheds"):
        ctx.peer(peer)
    figures = [*_fill_to_hand(LARGE), *_stages(ctx)]
    return figures + _pysheds(MIDDLE)


def rough(side: int) -> np.ndarray:
    """Hills, hollows and noise on a slope (float32 m), the same each time."""
    from scipy.ndimage import zoom

    rng = np.random.default_rng(1)
    z = np.linspace(0, 120, side, dtype=np.float32)[:, None] * np.ones(side, np.float32)
    for parts, height in ((8, 60.0), (32, 20.0), (128, 6.0), (side // 4, 1.0), (side, 0.3)):
        parts = min(parts + 2, side)
        hills = rng.standard_normal((parts, parts)).astype(np.float32)
        z += height * zoom(hills, side / parts + 1e-9, order=1)[:side, :side]
    return z


def cpu(work: Callable[..., Any], *args: Any) -> tuple[float, Any]:
    began = time.process_time()
    found = work(*args)
    return time.process_time() - began, found


def _ours(z: np.ndarray) -> Any:
    from environment.terrain import conditioning, flow, hand

    kind = np.ones(z.shape, np.uint8)
    filled = conditioning.fill_depressions(z.copy(), kind)
    d8 = flow.directions(filled, kind, np.full(z.shape[0], CELL_M), CELL_M)
    total = flow.accumulate(d8)
    drain = flow.drains(total, d8, kind, np.zeros(z.shape, np.uint8), LEAST)
    return d8, total, hand.above_drains(filled, d8, drain, kind)[0]


def _pyflwdir(z: np.ndarray, compiled: Any) -> Any:
    import pyflwdir

    filled, d8 = pyflwdir.dem.fill_depressions(z)
    network = pyflwdir.from_array(d8, ftype="d8")
    drain = network.upstream_area() > LEAST
    return compiled(network.idxs_ds, network.idxs_seq, drain.ravel(), filled.ravel())


def _memory_gb(name: str) -> float:
    """This process's memory: VmRSS now, VmHWM its highest since that was last reset."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1e6


def _fill_to_hand(side: int) -> list[Figure]:
    _ours(rough(SMALL))
    z = rough(side)
    Path("/proc/self/clear_refs").write_text("5")  # the highest is from here on
    before = _memory_gb("VmRSS")
    seconds, (d8, total, _hand) = cpu(_ours, z)
    extra = _memory_gb("VmHWM") - before
    balanced = float(total[d8 == 0].sum()) / z.size
    figures = [
        Figure(f"fill → HAND, {side}²", seconds, "CPU s", target="≤ 10"),
        Figure(f"memory beside the terrain, {side}²", extra, "GB", target="≤ 0.7"),
        Figure("cells that reach an outlet", balanced, "share", target="≥ 1"),
    ]
    try:
        import pyflwdir
        from numba import njit
    except ImportError:
        return figures
    compiled = njit(pyflwdir.dem.height_above_nearest_drain)
    _pyflwdir(rough(SMALL), compiled)
    theirs, _ = cpu(_pyflwdir, z, compiled)
    figures.append(
        Figure(f"cells a CPU second, {side}²", z.size / seconds, "cells/s",
               "pyflwdir, hand compiled", z.size / theirs, "≥ 1.4 ×")
    )  # fmt: skip
    return figures


def _pysheds(side: int) -> list[Figure]:
    np.in1d = getattr(np, "in1d", np.isin)  # type: ignore[attr-defined]
    try:
        from affine import Affine
        from pysheds.sgrid import sGrid
        from pysheds.sview import Raster, ViewFinder
    except ImportError:
        return []

    def theirs(z: np.ndarray) -> Any:
        view = ViewFinder(
            affine=Affine(CELL_M, 0, 0, 0, -CELL_M, 0), shape=z.shape, nodata=np.float64(-9999)
        )
        grid = sGrid(viewfinder=view)
        raster = Raster(z.astype(np.float64), view)
        flat = grid.resolve_flats(grid.fill_depressions(grid.fill_pits(raster)))
        fdir = grid.flowdir(flat)
        return grid.compute_hand(fdir, flat, grid.accumulation(fdir) > LEAST)

    theirs(rough(SMALL))
    z = rough(side)
    ours_s, _ = cpu(_ours, z)
    theirs_s, _ = cpu(theirs, z)
    return [
        Figure(f"cells a CPU second, {side}²", z.size / ours_s, "cells/s", "pysheds",
               z.size / theirs_s, "≥ 5 ×")
    ]  # fmt: skip


def _stages(ctx: Context) -> list[Figure]:
    """A stage made a zone, found again, and counted by ward, over a terrain of MIDDLE²."""
    import os

    with tempfile.TemporaryDirectory() as folder, ctx.database():
        from django.conf import settings

        settings.IOC_VAR = Path(folder)
        gauge = _gauge(Path(folder), MIDDLE)
        from environment.flood import actions, summaries, water

        cold = [cpu(_polygons, water, gauge, stage)[0] for stage in (2.0, 3.0, 4.0)]
        whole = [cpu(lambda s: actions.zone(gauge=gauge, stage_m=s), s)[0] for s in (2.1, 3.1)]
        began = time.perf_counter()
        for _ in range(20):
            row = actions.zone(gauge=gauge, stage_m=3.1)
            water.geojson_path(row).read_bytes()
        cached = (time.perf_counter() - began) / 20
        other = actions.zone(gauge=gauge, stage_m=2.1)
        first, _ = cpu(summaries.of_zone, other)
        counted, table = cpu(summaries.of_zone, row)
        assert len(table["wards"]) > 0, os.getpid()
    return [
        Figure(f"stage → polygons, {MIDDLE}², cold", max(cold), "CPU s", target="≤ 0.5"),
        Figure(f"… with row, four depth classes and file, {MIDDLE}²", max(whole), "CPU s"),
        Figure("stage → polygons, kept", cached * 1000, "ms", target="≤ 30"),
        Figure(f"exposure of {WARDS} wards, first of a process: libraries load", first, "CPU s"),
        Figure(f"exposure of {WARDS} wards, another stage, {MIDDLE}²", counted, "CPU s",
               target="≤ 1"),
    ]  # fmt: skip


def _polygons(water: Any, gauge: Any, stage_m: float) -> Any:
    from environment.terrain import polygons

    state = water._reckon(gauge, stage_m, None, {})
    shapes = polygons.polygonise(state.depth > 0)
    return polygons.on_earth(shapes, state.basin.transform, state.basin.crs)


def _gauge(folder: Path, side: int) -> Any:
    """A gauge in the middle of the longest river of a terrain of flat land, and 40 wards."""
    import rasterio
    from django.contrib.gis.geos import MultiPolygon, Point, Polygon

    from environment import stations
    from environment.flood import actions, queries
    from environment.terrain import profile, stage
    from geo.models import District

    west, north, cell = 107.0, 17.0, 1 / 3600
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", width=side, height=side, count=1,
        dtype="float32", crs="EPSG:4326", transform=rasterio.Affine(cell, 0, west, 0, -cell, north),
    ) as target:  # fmt: skip
        target.write(rough(side) * 0.1, 1)
    row = actions.ask(name="bench", asked={"path": str(folder / "dem.tif")}, synthetic=True)
    row = actions.build(terrain=row)
    basin = stage.open_basin(Path(row.folder))
    net = basin.network
    place = int(np.argmax(net.total))
    main = profile.main_branches(net.down, net.total)
    for _ in range(side // 2):
        place = int(main[place]) if main[place] >= 0 else place
    r, c = divmod(int(net.cell[place]), side)
    stations.register(code="B1", name_vi="B1", kind="river", synthetic=True,
                      lon=west + (c + 0.5) * cell, lat=north - (r + 0.5) * cell)  # fmt: skip
    actions.place_gauges(terrain=row)
    wide, high = side * cell / 8, side * cell / 5
    for n in range(WARDS):
        x, y = west + n % 8 * wide, north - (n // 8 + 1) * high
        area = MultiPolygon(Polygon.from_bbox((x, y, x + wide, y + high)), srid=4326)
        District.objects.create(code=f"B{n}", name_vi=f"B{n}", geom=area, area_km2=100,
                                label_point=Point(x, y, srid=4326))  # fmt: skip
    return queries.gauge("B1")
