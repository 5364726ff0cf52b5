"""Every method with its words: what a screen of analyses is built from."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from geo.analytics.parameters import Parameters, described
from geo.text import Text

MODULES = (
    "hotspots", "moran", "emerging", "density", "clusters", "reach", "siting", "change", "classes",
    "zonal", "exposure",
)  # fmt: skip


@dataclass(frozen=True)
class Input:
    """What a method must be given: points, cells, a raster; ``optional`` may be missing."""

    name: str
    title: Text
    explanation: Text
    optional: bool = False


@dataclass(frozen=True)
class Method:
    """One analysis: how it is called, explained, limited and cited."""

    slug: str
    run: Callable[..., Any]
    parameters: type[Parameters]
    title: Text
    explanation: Text
    inputs: tuple[Input, ...]
    references: tuple[str, ...]
    caveats: tuple[Text, ...] = ()

    def dict(self) -> dict[str, Any]:
        """The description as JSON."""
        return {
            "slug": self.slug,
            "title": self.title.dict(),
            "explanation": self.explanation.dict(),
            "inputs": [
                {"name": each.name, "title": each.title.dict(), "optional": each.optional,
                 "explanation": each.explanation.dict()}
                for each in self.inputs
            ],
            "parameters": described(self.parameters),
            "references": list(self.references),
            "caveats": [text.dict() for text in self.caveats],
        }  # fmt: skip


def methods() -> dict[str, Method]:
    """Every method by its slug, in the order of a menu. Raises RuntimeError on a duplicate."""
    found: dict[str, Method] = {}
    for module in MODULES:
        for method in import_module(f"geo.analytics.{module}").METHODS:
            if method.slug in found:
                raise RuntimeError(f"two analyses are called {method.slug}")
            found[method.slug] = method
    return found


POINTS = Input(
    "points",
    Text("Các điểm", "Points"),
    Text("Tọa độ mét trong hệ tọa độ phẳng của thành phố.",
         "Positions in metres of the city's metric CRS."),
)  # fmt: skip
CELLS = Input(
    "cells",
    Text("Các ô", "Cells"),
    Text("Ô lục giác H3 có sự việc, mỗi ô một lần.", "The H3 cells with events, each once."),
)
COUNTS = Input(
    "counts",
    Text("Số đếm", "Counts"),
    Text("Số sự việc trong từng ô.", "How many events each cell has."),
)
STUDY = Input(
    "study",
    Text("Vùng nghiên cứu", "Study area"),
    Text("Mọi ô có thể có sự việc, kể cả ô không có. Thiếu nó thì chỉ xét các ô có sự việc, và "
         "điểm lạnh thành vô nghĩa.",
         "Every cell that could have had events, also those with none. Without it only cells with "
         "events are looked at, and cold spots mean nothing."),
    optional=True,
)  # fmt: skip
DENOMINATOR = Input(
    "denominator",
    Text("Mẫu số", "Denominator"),
    Text("Số dân, km² đất liền hay lượt xe của từng ô. Có nó thì kết quả là tỷ suất; không có nó "
         "thì bản đồ chủ yếu cho thấy nơi đông người.",
         "People, km² of land or vehicles of each cell. With it the result is a rate; without it "
         "the map mostly shows where people are."),
    optional=True,
)  # fmt: skip
