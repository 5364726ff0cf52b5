"""Search over coordinates, wards, places and features, best first."""

import re
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q
from django.utils.translation import gettext as _

from geo.fold import folded
from geo.models import District, Place
from layers import filters, registry
from layers.changes import props_of

LIMIT = 12
PER_LAYER = 4
COORDINATES = re.compile(
    r"^\s*(-?\d{1,3}(?:[.,]\d+)?)\s*°?\s*([NSEW]?)[\s,;]+(-?\d{1,3}(?:[.,]\d+)?)\s*°?\s*([NSEW]?)\s*$",
    re.IGNORECASE,
)


def result(
    kind: str, title: str, subtitle: str, lon: float, lat: float, **more: Any
) -> dict[str, Any]:
    return {
        "kind": kind, "title": title, "subtitle": subtitle, "lon": lon, "lat": lat,
        "bbox": None, "layer": None, "id": None, **more,
    }  # fmt: skip


def coordinates(text: str) -> dict[str, Any] | None:
    """A position from two numbers: latitude first, unless letters or ranges say otherwise."""
    match = COORDINATES.match(text)
    if match is None:
        return None
    a, b = (float(match[n].replace(",", ".")) for n in (1, 3))
    first, second = match[2].upper(), match[4].upper()
    a = -a if first in {"S", "W"} else a
    b = -b if second in {"S", "W"} else b
    swapped = first in {"E", "W"} or (not first and abs(a) > 90)
    lat, lon = (b, a) if swapped else (a, b)
    if abs(lat) > 90 or abs(lon) > 180:
        return None
    return result("coordinate", f"{lat:.5f}, {lon:.5f}", _("Coordinates"), lon, lat)


def districts(text: str) -> list[dict[str, Any]]:
    found = District.objects.filter(retired_at=None).filter(
        Q(name_vi__unaccent__icontains=text) | Q(name_en__icontains=text)
    )[:PER_LAYER]
    return [
        result(
            "district", d.name_vi, str(d.get_kind_display()), d.label_point.x, d.label_point.y,
            bbox=list(d.geom.extent), layer="wards", id=str(d.pk),
        )
        for d in found
    ]  # fmt: skip


def places(text: str) -> list[dict[str, Any]]:
    found = (
        Place.objects.filter(Q(search__icontains=text) | Q(search__trigram_word_similar=text))
        .annotate(near=TrigramWordSimilarity(text, "search"))
        .order_by("-near", "rank")[:LIMIT]
    )
    return [result("place", p.name_vi, p.kind, p.geom.x, p.geom.y) for p in found]


def features(user: Any, text: str) -> list[dict[str, Any]]:
    """Features whose search fields hold the text, of the layers this person sees."""
    found = []
    for layer, audience in registry.visible_layers(user):
        if not layer.search_fields or layer.geometry != "point":
            continue
        for obj in filters.search(layer, audience, layer.queryset(user), text)[:PER_LAYER]:
            point = getattr(obj, layer.geometry_field(audience))
            if point is None:
                continue
            title = str(props_of(layer, obj, audience).get(layer.title_field) or obj.pk)
            where = {"layer": layer.slug, "id": str(obj.pk)}
            found.append(result("feature", title, str(layer.title), point.x, point.y, **where))
    return found


def search(user: Any, text: str) -> list[dict[str, Any]]:
    text = " ".join(text.split())[:80]
    if len(text) < 2:
        return []
    if (position := coordinates(text)) is not None:
        return [position]
    return [*districts(text), *features(user, text), *places(folded(text))][: LIMIT * 2]
