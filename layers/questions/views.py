"""What one person may ask of one layer: its rows, fields and place as that person sees them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from geo.errors import Refused
from layers import queries
from layers.registry import Audience, Field, Layer

Kind = Literal["text", "number", "integer", "time", "date", "bool"]
_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (models.BooleanField, "bool"),
    (models.DateTimeField, "time"),
    (models.DateField, "date"),
    (models.IntegerField, "integer"),
    (models.FloatField, "number"),
    (models.DecimalField, "number"),
)
TIME = "datetime"
"""The name under which every layer with a time has it."""


@dataclass(frozen=True)
class View:
    """A layer through the eyes of one person."""

    layer: Layer
    audience: Audience
    user: Any

    def rows(self) -> QuerySet[Any]:
        """The rows that exist for this person, in no order."""
        rows = self.layer.queryset(self.user).order_by()
        if self.audience == "public" and self.layer.public_when:
            rows = rows.filter(**{self.layer.public_when: True})
        return rows

    @cached_property
    def fields(self) -> dict[str, Field]:
        return {field.name: field for field in self.layer.visible_fields(self.audience)}

    @property
    def geom(self) -> str:
        return self.layer.geometry_field(self.audience)

    @cached_property
    def _columns(self) -> tuple[Any, dict[str, Any]]:
        rows = self.layer.queryset(self.user)
        return rows.model._meta, rows.query.annotations

    def column(self, name: str) -> Any:
        """The model's field behind a name, or None."""
        meta, annotations = self._columns
        if name in annotations:
            return annotations[name].output_field
        try:
            column = meta.get_field(name)
        except FieldDoesNotExist:
            return None
        return column.target_field if isinstance(column, models.ForeignKey) else column

    @cached_property
    def time(self) -> str:
        """The column of the layer's time, or nothing."""
        name = self.layer.time_field
        return name if isinstance(self.column(name), models.DateTimeField) else ""

    @property
    def synthetic(self) -> bool:
        """Whether rows say of themselves that they are made up."""
        return isinstance(self.column("synthetic"), models.BooleanField)

    @property
    def whole_ids(self) -> bool:
        return isinstance(self.column("pk") or self._columns[0].pk, models.IntegerField)

    def kind(self, name: str) -> Kind:
        """What the values of a field are. Raises Refused for one this person does not see."""
        if name == TIME and self.time:
            return "time"
        if name not in self.fields:
            known = ", ".join(sorted(self.fields))
            message = _("%(layer)s has no field %(name)s; there are: %(known)s")
            given = {"layer": self.layer.slug, "name": name[:60], "known": known}
            raise Refused("unknown-field", message % given)
        column = self.column(name)
        return next((kind for cls, kind in _KINDS if isinstance(column, cls)), "text")

    def name(self, name: str) -> str:
        """The column of a field that ``kind`` knows."""
        return self.time if name == TIME and name not in self.fields else name


def view_of(user: Any, slug: str) -> View:
    """A layer as this person sees it. Raises Refused 404 alike for unknown and hidden ones."""
    layer, audience = queries.visible(user, slug)
    return View(layer, audience, user)
