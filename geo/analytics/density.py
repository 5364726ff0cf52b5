"""Kernel density of a million points on a raster, right up to the coast."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.analytics.catalogue import POINTS, Input, Method
from geo.analytics.checks import Floats, column, points
from geo.analytics.parameters import ParameterError, Parameters, choice, required
from geo.analytics.progress import Progress, Stopped, Watch
from geo.text import Text

MOST_CELLS = 16_000_000
REACH = 4  # bandwidths, beyond which a Gaussian is cut and its mass spread over the rest


@dataclass(frozen=True)
class Density(Parameters):
    """What the kernel density may be told."""

    bandwidth_m: float = required(
        Text("Bán kính", "Bandwidth"),
        Text("Mỗi điểm lan ra xa chừng này (Gauss: độ lệch chuẩn; bậc bốn: bán kính). Nhỏ thì lốm "
             "đốm, lớn thì mờ.",
             "How far each point spreads (Gaussian: standard deviation; quartic: radius). Small is "
             "spotty, large is blurred."),
        low=1, high=50_000, unit="m",
    )  # fmt: skip
    cell_m: float = required(
        Text("Cỡ ô", "Cell size"),
        Text("Cạnh của một điểm ảnh; nên nhỏ hơn bán kính ít nhất bốn lần.",
             "Side of a pixel; at most a quarter of the bandwidth is sensible."),
        low=0.1, high=10_000, unit="m",
    )  # fmt: skip
    kernel: str = choice(
        "quartic", Text("Hàm nhân", "Kernel"),
        Text("Hình của sự lan.", "The shape of the spread."),
        {"quartic": Text("bậc bốn, hết hẳn ở bán kính", "quartic, ends at the bandwidth"),
         "gaussian": Text("Gauss, cắt ở bốn lần bán kính", "Gaussian, cut at four bandwidths")},
    )  # fmt: skip
    edge: str = choice(
        "place", Text("Hiệu chỉnh ở bờ", "Correction at the edge"),
        Text("Gần bờ, một phần của sự lan rơi xuống biển; hiệu chỉnh trả phần đó lại cho đất liền.",
             "Near the coast part of the spread falls into the sea; the correction gives it back "
             "to the land."),
        {"place": Text("chia theo phần đất quanh từng nơi", "divide by the land around each place"),
         "point": Text("giữ đúng tổng số điểm", "keep the total of the points"),
         "none": Text("không hiệu chỉnh", "no correction")},
    )  # fmt: skip


@dataclass(frozen=True)
class DensityResult:
    """Events per km², shape (height, width), north up; NaN outside the mask.

    ``bounds`` west, south, east, north in metres of the points' CRS; ``outside`` the points that
    lie off the raster or off the mask and were left out.
    """

    density: Floats
    bounds: tuple[float, float, float, float]
    cell_m: float
    outside: int


def raster_of(bounds: Any, cell_m: float) -> tuple[int, int, tuple[float, float, float, float]]:
    """Height, width and true bounds of the raster that covers a box of metres from its north-west.

    Raises ParameterError: empty box, more than 16M cells.
    """
    west, south, east, north = (float(value) for value in bounds)
    if not (np.isfinite([west, south, east, north]).all() and west < east and south < north):
        raise ParameterError("bounds", "khung trống", "the box is empty")
    height = max(1, int(np.ceil((north - south) / cell_m - 1e-9)))
    width = max(1, int(np.ceil((east - west) / cell_m - 1e-9)))
    if height * width > MOST_CELLS:
        raise ParameterError("cell_m", f"{height} × {width} ô là quá nhiều; tăng cỡ ô",
                             f"{height} × {width} cells are too many; enlarge them")  # fmt: skip
    return height, width, (west, north - height * cell_m, west + width * cell_m, north)


def kernel_density(
    where: Any, bounds: Any, parameters: Density, *, weights: Any = None, mask: Any = None,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> DensityResult:  # fmt: skip
    """Density of points in metres, shape (n, 2), on the raster of ``raster_of(bounds, cell_m)``.

    Points are shared linearly among the four nearest cell centres, then convolved: exact for
    points at centres, else off by O(cell²/bandwidth²). ``mask`` shape (height, width), true on
    land. Raises ParameterError, Cancelled.

    Source: Silverman (1986), Density Estimation, 4.2; Diggle (1985), Applied Statistics 34,
    138–147, for the edge; Wand (1994), JCGS 3, 433–445, for binning with a Fourier transform.
    """
    watch = Watch(progress, cancelled)
    binned, kept = binned_points(where, bounds, parameters, weights, mask)
    watch.at(0.3)
    return finished(binned, len(where) - kept, bounds, parameters, mask, watch)


def binned_points(
    where: Any, bounds: Any, told: Density, weights: Any = None, mask: Any = None
) -> tuple[Floats, int]:
    """The points' weights on the raster, and how many points lie on it. Adds up over parts."""
    from geo.analytics.density_kernels import deposit

    where = points("points", where)
    weight = np.ones(len(where)) if weights is None else column("weights", weights, len(where))
    height, width, box = raster_of(bounds, told.cell_m)
    land = _land(mask, height, width)
    return deposit(where, weight, land, float(box[0]), float(box[3]), float(told.cell_m))


def finished(
    binned: Floats, outside: int, bounds: Any, told: Density, mask: Any, watch: Watch
) -> DensityResult:
    """The density of points that are on the raster already."""
    height, width, box = raster_of(bounds, told.cell_m)
    land = _land(mask, height, width)
    convolve = Convolver(kernel_of(told), land.shape)
    mass = convolve(land.astype(np.float64)) if told.edge != "none" else np.ones_like(binned)
    watch.at(0.6)
    # no land within reach: nothing is there to be shared out
    mass = np.where(mass > 1e-9, mass, np.inf)
    density = convolve(binned / mass) if told.edge == "point" else convolve(binned) / mass
    watch.at(1)
    density *= 1e6 / told.cell_m**2
    density[~land] = np.nan
    return DensityResult(density, box, told.cell_m, outside)


def _land(mask: Any, height: int, width: int) -> Any:
    land = np.ones((height, width), bool) if mask is None else np.asarray(mask, dtype=bool)
    if land.shape != (height, width):
        raise ParameterError("mask", f"cần mặt nạ {height} × {width}",
                             f"a mask of {height} × {width} is needed")  # fmt: skip
    return land


def kernel_of(told: Density) -> Floats:
    """The kernel on the raster's cells, odd square shape, summing to 1."""
    radius = told.bandwidth_m * (1 if told.kernel == "quartic" else REACH)
    cells = int(np.ceil(radius / told.cell_m))
    if (2 * cells + 1) ** 2 > MOST_CELLS:
        raise ParameterError("cell_m", "bán kính gồm quá nhiều ô; tăng cỡ ô",
                             "the bandwidth spans too many cells; take larger ones")  # fmt: skip
    step = np.arange(-cells, cells + 1) * told.cell_m / told.bandwidth_m
    squared = step[:, None] ** 2 + step[None] ** 2
    if told.kernel == "quartic":
        kernel = np.maximum(0, 1 - squared) ** 2
    else:
        kernel = np.where(squared <= REACH**2, np.exp(-squared / 2), 0)
    return kernel / kernel.sum()


class Convolver:
    """Convolves rasters of one shape with one kernel, whose transform is made once."""

    def __init__(self, kernel: Floats, shape: tuple[int, int]) -> None:
        from scipy import fft

        self.half = kernel.shape[0] // 2
        self.shape = shape
        self.size = [fft.next_fast_len(side + self.half, real=True) for side in shape]
        padded = np.zeros([max(size, kernel.shape[0]) for size in self.size])
        self.size = list(padded.shape)
        padded[: kernel.shape[0], : kernel.shape[1]] = kernel
        self.transform = fft.rfft2(np.roll(padded, (-self.half, -self.half), (0, 1)), workers=-1)

    def __call__(self, raster: Floats) -> Floats:
        from scipy import fft

        product = fft.rfft2(raster, self.size, workers=-1) * self.transform
        found = fft.irfft2(product, self.size, workers=-1)[: self.shape[0], : self.shape[1]]
        return np.maximum(found, 0)


METHODS = (
    Method(
        "kernel-density", kernel_density, Density,
        Text("Mật độ", "Density"),
        Text("Số sự việc trên mỗi km² quanh từng nơi, làm trơn bằng hàm nhân; không tụt ở bờ biển.",
             "Events per km² around each place, smoothed with a kernel; without a drop at the "
             "coast."),
        (POINTS,
         Input("bounds", Text("Khung", "Box"),
               Text("Tây, nam, đông, bắc theo mét.", "West, south, east, north in metres.")),
         Input("mask", Text("Đất liền", "Land"),
               Text("Điểm ảnh nào là đất liền.", "Which pixels are land."), optional=True),
         Input("weights", Text("Trọng số", "Weights"),
               Text("Mỗi điểm đáng bao nhiêu.", "What each point is worth."), optional=True)),
        ("Silverman (1986), Density Estimation for Statistics and Data Analysis",
         "Diggle (1985), Applied Statistics 34, 138–147",
         "Wand (1994), J. Comput. Graph. Statist. 3, 433–445"),
        (Text("Mật độ không phải phép thử: chỗ đậm có thể là ngẫu nhiên.",
              "A density is no test: a dark place may be chance."),
         Text("Bán kính quyết định hình ảnh; hãy nói rõ nó dưới bản đồ.",
              "The bandwidth decides the picture; say it under the map.")),
    ),
)  # fmt: skip
