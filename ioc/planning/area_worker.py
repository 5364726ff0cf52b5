"""The process that reads an uploaded file: no more memory, time or files than one area needs."""

import json
import resource
import sys
from typing import Any

MEMORY = 2 << 30
CPU_S = 8
MAX_FEATURES, MAX_LAYERS = 20_000, 50
GPX = ("tracks", "routes", "waypoints")


def serve(kind: str) -> None:
    """Read the file from standard input and write one JSON object: ``wkb`` or ``refused``."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    data = sys.stdin.buffer.read()
    # Tables are not needed here, and take longer to load than most files to read.
    sys.modules.update(dict.fromkeys(("geopandas", "pandas", "pyarrow")))  # type: ignore[arg-type]
    import pyogrio
    import shapely

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # from here on nothing is written to disk
    try:
        answer = _read(pyogrio, shapely, kind, data)
    except Exception as error:  # whatever a decoder says of hostile bytes
        answer = {"refused": "unreadable", "why": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


def _read(pyogrio: Any, shapely: Any, kind: str, data: bytes) -> dict[str, Any]:
    """The union of all features in EPSG:4326: of areas where there are any, else lines, points."""
    import numpy as np

    from layers.questions.crossings import MOST, crossings

    crs: Any = None
    found: list[bytes] = []
    features = 0
    for layer in _layers(pyogrio, kind, data):
        meta, _, wkb, _ = pyogrio.raw.read(
            data, layer=layer, columns=[], force_2d=True, max_features=MAX_FEATURES,
            read_geometry=True,
        )  # fmt: skip
        crs = meta["crs"]
        if crs is None:
            return {"refused": "no-crs"}
        found += [part for part in wkb if part is not None]
        features += len(wkb)
    shapes = shapely.from_wkb(np.array(found, object))
    shapes = shapes[~shapely.is_empty(shapes)]
    if not len(shapes):
        return {"refused": "no-features"}
    most = max(shapely.get_dimensions(shapes))
    shapes = shapes[shapely.get_dimensions(shapes) == most]
    if sum(crossings(shape) for shape in shapes[~shapely.is_valid(shapes)]) > MOST:
        return {"refused": "too-tangled"}
    shapes = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    shapes = shapes[~shapely.is_empty(shapes)]
    if not len(shapes):
        return {"refused": "no-features"}
    shape = shapely.union_all(shapes) if len(shapes) > 1 else shapes[0]
    if crs not in {"EPSG:4326", "OGC:CRS84"}:
        shape = shapely.transform(shape, _degrees(crs))
    return {
        "wkb": shapely.to_wkb(_coarse(shapely, shape), hex=True),
        "features": features,
        "crs": str(crs)[:200],
    }


def _layers(pyogrio: Any, kind: str, data: bytes) -> list[Any]:
    """What to read: every folder of KML, the ways and places of GPX, of others the first layer."""
    if kind not in {"kml", "gpx"}:
        return [0]
    names = [str(name) for name, _ in pyogrio.list_layers(data)]
    return names[:MAX_LAYERS] if kind == "kml" else [name for name in names if name in GPX]


def _coarse(shapely: Any, shape: Any) -> Any:
    """At most 100,000 vertices: what is left is made simpler by whoever asked."""
    tolerance = 1e-5
    while shapely.get_num_coordinates(shape) > 100_000 and tolerance < 1:
        shape, tolerance = (
            shapely.simplify(shape, tolerance, preserve_topology=False),
            tolerance * 3,
        )
    return shape


def _degrees(crs: str) -> Any:
    import numpy as np
    from pyproj import Transformer

    turn = Transformer.from_crs(crs, 4326, always_xy=True)
    return lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1]))
