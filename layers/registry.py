"""What a map layer is. An app declares its layers in ``<app>/layers.py``; they are found at start.

Adding a kind of feature touches one folder: the front end draws whatever the catalogue names.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.db.models import QuerySet

from geo.text import Text

Audience = Literal["full", "public"]
SNAPSHOT_LIMIT = 20_000
"""Features that a browser holds and moves itself; larger layers are drawn from tiles."""


@dataclass(frozen=True)
class Choice:
    """One value of a field, with its words, colour (#rrggbb) and shape."""

    value: str
    title: Text
    color: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Field:
    """One attribute of a feature: a column of the layer's queryset, with words and unit."""

    name: str
    title: Text
    type: Literal["text", "number", "time", "choice", "bool", "day"] = "text"
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    filter: bool = False
    card: bool = True


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a layer is drawn. ``by`` names the field whose choices give colour and shape;
    the others name the fields that hold course (deg), speed (kn), bearing (deg) and so on."""

    kind: Literal[
        "report", "camera", "vessel", "sensor", "billboard",
        "incident", "district", "event", "line", "fill",
    ]  # fmt: skip
    color: str
    by: str | None = None
    course: str | None = None
    speed: str | None = None
    value: str | None = None
    label: str | None = None
    bearing: str | None = None
    fov: str | None = None
    range_m: str | None = None
    icon: str | None = None


@dataclass(frozen=True)
class Grid:
    """Figures on a grid, north up, NaN empty; ``bounds`` west, south, east, north in ``crs``
    (WKT or EPSG code)."""

    values: Any
    bounds: tuple[float, float, float, float]
    crs: Any
    unit: str = ""
    name: str = ""

    def from_degrees(self) -> Callable[[Any], Any]:
        """Turns coordinates (n, 2), longitude before latitude, into those of the grid."""
        import numpy as np
        from pyproj import Transformer

        turn = Transformer.from_crs(4326, self.crs, always_xy=True)
        return lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1]))

    def cell_m2(self) -> float:
        """The ground that a cell covers, m²; of a grid in degrees the mean of its cells."""
        from pyproj import CRS, Geod

        west, south, east, north = self.bounds
        rows, columns = self.values.shape
        if not CRS.from_user_input(self.crs).is_geographic:
            return (east - west) * (north - south) / (rows * columns)
        edges = [west, east, east, west], [south, south, north, north]
        return abs(Geod(ellps="WGS84").polygon_area_perimeter(*edges)[0]) / (rows * columns)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A kind of feature on the map, and who may see what of it."""

    slug: str
    title: Text
    geometry: Literal["point", "line", "polygon"]
    queryset: Callable[[Any], QuerySet[Any]]
    fields: tuple[Field, ...]
    permission: str
    """``app.codename`` that gives the full view; empty: everyone has it."""
    public_fields: tuple[str, ...] | None = None
    """Names of the fields in the public view; None: the public sees nothing of this layer."""
    public_when: str = ""
    """Name of a boolean column: rows where it is false do not exist for the public."""
    geom_field: str = "geom"
    public_geom_field: str = ""
    style: Style
    title_field: str
    time_field: str = "updated_at"
    order: int = 50
    live: bool = False
    grid: bool = False
    """Counts per cell are kept for low zooms (see ``layers.grid``): for layers of many points."""
    stale_after_s: int | None = None
    raw_zoom: int = 14
    default_visible: bool = True
    search_fields: tuple[str, ...] = ()
    find: Callable[[QuerySet[Any], str, Audience], QuerySet[Any]] | None = None
    """Rows that hold a text, where indexes know a better way than looking through the fields."""
    attribution: str = ""
    scope: Callable[[Any], str] | None = None
    """The scope of one feature; only viewers who hold it, or all scopes, hear of its changes."""
    scopes: Callable[[Any], frozenset[str] | None] | None = None
    """The scopes a viewer holds; None: all."""
    card: Callable[[Any, Any], dict[str, Any]] | None = None
    asked: Callable[[Any, Mapping[str, str]], QuerySet[Any]] | None = None
    """Rows for a viewer and their filters, where these change what a row says (a sum over days) or
    where no filter does not mean all; else the queryset is filtered by its columns."""
    drawn: Callable[[Any, Mapping[str, str], int], tuple[QuerySet[Any], str]] | None = None
    """Rows for a viewer and their filters as tiles of a zoom show them, and the geometry drawn:
    coarser at far zooms. The column ``geom_field`` still says which rows lie in a tile."""
    owner: Callable[[Any], bool] | None = None
    """Whether someone without the permission has rows of their own: they get the full view of
    these. Asked once a viewer, for tiles may not query; ``scopes`` must tell such viewers apart."""
    raster: str = ""
    """Address of picture tiles of each feature, with {id}, {z}, {x} and {y}; the features
    themselves are then only where pictures are."""
    grid_of: Callable[[QuerySet[Any]], Grid | None] | None = None
    """What a raster layer holds of these rows; None: nothing."""
    reach: str = ""
    """The layer that has, under the same keys, the ground each feature reaches: what it sees."""

    def audience(self, user: Any) -> Audience | None:
        """Which view of the layer this person gets; None: the layer does not exist for them."""
        if not self.permission or (user is not None and user.has_perm(self.permission)):
            return "full"
        if self.owner is not None and user is not None and self.owner(user):
            return "full"
        return "public" if self.public_fields is not None else None

    def visible_fields(self, audience: Audience) -> tuple[Field, ...]:
        if audience == "full":
            return self.fields
        return tuple(f for f in self.fields if f.name in (self.public_fields or ()))

    def geometry_field(self, audience: Audience) -> str:
        return (audience == "public" and self.public_geom_field) or self.geom_field

    def style_dict(self, audience: Audience) -> dict[str, Any]:
        """The style, less what refers to fields that this audience does not see."""
        seen = {field.name for field in self.visible_fields(audience)}
        style = asdict(self.style)
        return {
            key: value if key in {"kind", "color"} or value in seen else None
            for key, value in style.items()
        }


_layers: dict[str, Layer] = {}


class DuplicateLayer(Exception):
    """Two apps declare the same slug."""


def register(layer: Layer) -> Layer:
    """The layer, now in the catalogue. Raises DuplicateLayer if the slug is taken."""
    if layer.slug in _layers:
        raise DuplicateLayer(f"layer {layer.slug!r} is declared twice")
    names = {field.name for field in layer.fields}
    if unknown := set(layer.public_fields or ()) - names:
        raise ValueError(f"layer {layer.slug!r}: public fields {sorted(unknown)} are not fields")
    _layers[layer.slug] = layer
    return layer


@contextmanager
def registered(layer: Layer) -> Iterator[Layer]:
    """A layer that exists only within the block; for tests and benchmarks."""
    register(layer)
    try:
        yield layer
    finally:
        del _layers[layer.slug]


def get(slug: str) -> Layer | None:
    return _layers.get(slug)


def all_layers() -> list[Layer]:
    return sorted(_layers.values(), key=lambda layer: (layer.order, layer.slug))


def visible_layers(user: Any) -> list[tuple[Layer, Audience]]:
    """The layers that exist for this person, each with the view they get."""
    pairs = ((layer, layer.audience(user)) for layer in all_layers())
    return [(layer, audience) for layer, audience in pairs if audience]
