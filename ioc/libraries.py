"""GDAL and GEOS from the wheels of rasterio and shapely, so that no system GDAL is needed."""

import ctypes
from importlib.util import find_spec
from pathlib import Path


def bundled(package: str, stem: str) -> str | None:
    """Path of a shared library that a wheel carries, with what it needs loaded already.

    None where the package brings no such library (a source build): Django then looks for the
    system's own.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent.parent / f"{package}.libs"
    library = next(iter(sorted(folder.glob(f"{stem}-*.so*"))), None)
    if library is None:
        return None
    _load(folder, library)
    return str(library)


def _load(folder: Path, library: Path) -> None:
    """Load a wheel's library and its neighbours, each once all it needs is there.

    The wheel's own extension modules carry the search path; the library alone does not.
    """
    waiting = {path for path in folder.iterdir() if ".so" in path.name}
    while waiting and library in waiting:
        loaded = {path for path in waiting if _try(path)}
        if not loaded:
            return
        waiting -= loaded


def _try(path: Path) -> bool:
    try:
        ctypes.CDLL(str(path))
    except OSError:
        return False
    return True
