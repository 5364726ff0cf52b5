"""What every analysis asks of the arrays it is given."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.analytics.parameters import ParameterError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def column(name: str, values: Any, length: int | None = None, low: float | None = None) -> Floats:
    """The values as float64, shape (n,). Raises ParameterError: shape, NaN, below ``low``."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ParameterError(name, f"cần mảng một chiều, không phải {array.shape}",
                             f"a flat array, not shape {array.shape}")  # fmt: skip
    if length is not None and len(array) != length:
        raise ParameterError(name, f"cần {length} giá trị, có {len(array)}",
                             f"{length} values, not {len(array)}")  # fmt: skip
    if not np.isfinite(array).all():
        raise ParameterError(name, "có giá trị trống hoặc vô hạn", "has empty or infinite values")
    if low is not None and len(array) and array.min() < low:
        raise ParameterError(name, f"không được nhỏ hơn {low:g}", f"must not be below {low:g}")
    return array


def points(name: str, values: Any) -> Floats:
    """Positions in metres of a metric CRS as float64, shape (n, 2)."""
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ParameterError(name, f"cần mảng (n, 2), không phải {array.shape}",
                             f"an array (n, 2), not {array.shape}")  # fmt: skip
    if not np.isfinite(array).all():
        raise ParameterError(name, "có tọa độ trống hoặc vô hạn",
                             "has empty or infinite coordinates")  # fmt: skip
    return array
