"""Which terrain and which gauges floods are reckoned with now."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from environment.flood.models import FloodGauge, TerrainModel
from environment.models import Sensor, State
from geo.errors import Refused

MOST_TIDES = 3


def terrain_in_use() -> TerrainModel | None:
    return TerrainModel.objects.filter(active=True, state=TerrainModel.State.READY).first()


def gauges_in_use() -> list[FloodGauge]:
    """The gauges on the terrain in use, each with its station."""
    rows = FloodGauge.objects.filter(terrain__active=True).select_related("sensor", "terrain")
    return list(rows.order_by("sensor__code"))


def tide_gauges(user: Any, terrain: TerrainModel) -> list[Sensor]:
    """Tide gauges on the terrain that this person sees and that are heard; context, no input."""
    seen = Sensor.objects.visible_to(user).filter(
        kind=Sensor.Kind.TIDE, geom__intersects=terrain.geom, value__isnull=False
    )
    return list(seen.exclude(state=State.STALE).order_by("code")[:MOST_TIDES])


def gauge(code: str) -> FloodGauge:
    """A gauge on the terrain in use. Raises Refused 404 that says what is missing."""
    if terrain_in_use() is None:
        raise Refused("no-terrain", _("No terrain is built yet; see `terrain build`."), status=404)
    rows = FloodGauge.objects.filter(terrain__active=True, sensor__code=code)
    found = rows.select_related("sensor", "terrain").first()
    if found is None:
        raise Refused("no-gauge", _("This gauge does not stand on the terrain."), status=404)
    return found
