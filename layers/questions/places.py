"""Where a question lies: drawn, a ward, a feature of a layer, or a buffer around any of them."""

import re
from collections.abc import Iterable
from typing import Any

import shapely
from django.utils.translation import gettext as _

from geo.errors import Refused
from geo.models import District
from layers.questions import shapes
from layers.questions.terms import MAX_WITHIN_M, Area
from layers.questions.views import view_of

MAX_WARDS = 200
KEYS = frozenset({"geometry", "crs", "wards", "feature", "buffer_m"})


def only(given: dict[str, Any], known: Iterable[str]) -> None:
    """Raises Refused for a key that nobody would read: what was meant by it would be ignored."""
    known = sorted(known)
    for key in given:
        if key not in known:
            message = _("There is no key %(name)s here; there are: %(known)s")
            told = {"name": str(key)[:60], "known": ", ".join(known)}
            raise Refused("unknown-key", message % told)


def place_of(user: Any, given: dict[str, Any]) -> Area:
    """The area that JSON names by ``geometry`` (with ``crs``, an EPSG number), ``wards`` (ids)
    or ``feature`` ({layer, id}), each grown by ``buffer_m``.

    Raises:
        Refused: if it names none or several, or what it names is not there for this person.
    """
    named = [key for key in ("geometry", "wards", "feature") if given.get(key) is not None]
    if len(named) != 1:
        raise Refused("bad-area", _("An area is a geometry, wards or a feature: one of them."))
    area = {"geometry": _drawn, "wards": _wards, "feature": _feature}[named[0]](user, given)
    metres = given.get("buffer_m") or 0
    if (
        isinstance(metres, bool)
        or not isinstance(metres, int | float)
        or not 0 <= metres <= MAX_WITHIN_M
    ):
        message = _("buffer_m lies between 0 and %(limit)s metres.") % {"limit": MAX_WITHIN_M}
        raise Refused("bad-area", message)
    if not metres:
        return area
    shape = shapes.settle(shapes.buffered(area, float(metres)))
    return shapes.area_from(shape, name=area.name, name_en=area.name_en)


def _drawn(user: Any, given: dict[str, Any]) -> Area:
    srid = given.get("crs", 4326)
    if isinstance(srid, bool) or not isinstance(srid, int) or not 1024 <= srid <= 32767:
        raise Refused("bad-crs", _("crs is an EPSG number, such as 4326."))
    return shapes.area_of(given["geometry"], srid=srid)


def _wards(user: Any, given: dict[str, Any]) -> Area:
    ids = given["wards"]
    if not isinstance(ids, list) or not 1 <= len(ids) <= MAX_WARDS:
        raise Refused(
            "bad-area", _("wards is a list of 1 to %(limit)s ids.") % {"limit": MAX_WARDS}
        )
    wanted = {int(i) for i in ids if str(i).isascii() and str(i).isdigit() and len(str(i)) < 10}
    found = list(District.objects.filter(retired_at=None, pk__in=wanted))
    if len(found) != len({str(i) for i in ids}):
        raise Refused("not-found", _("There is no such ward."), status=404)
    borders = [shapely.from_wkb(bytes(ward.geom.wkb)) for ward in found]
    shape = shapely.union_all(borders) if len(borders) > 1 else borders[0]
    more = "…" if len(found) > 5 else ""
    names, in_english = (
        ", ".join(getattr(ward, name) for ward in found[:5]) + more
        for name in ("name_vi", "name_en")
    )
    # A ward's own border is not made simpler: its counts must be those of the ward.
    shape = shape if shape.is_valid else shapely.make_valid(shape)
    return shapes.area_from(shape, name=names, name_en=in_english)


def _feature(user: Any, given: dict[str, Any]) -> Area:
    feature = given["feature"]
    if isinstance(feature, dict):
        only(feature, ("layer", "id"))
    slug, key = (feature.get("layer"), feature.get("id")) if isinstance(feature, dict) else (0, 0)
    if (
        not isinstance(slug, str)
        or not str(key).isascii()
        or not str(key).isdigit()
        or len(str(key)) > 18
    ):
        raise Refused("bad-area", _("feature needs a layer and an id."))
    view = view_of(user, slug)
    found = view.rows().filter(pk=int(key)).first()
    place = found and getattr(found, view.geom)
    if not place:
        raise Refused("not-found", _("There is nothing here that you may see."), status=404)
    title = view.layer.title_field if view.layer.title_field in view.fields else ""
    name, in_english = (
        str(getattr(found, one, "") or "") if one else ""
        for one in (title, re.sub("_vi$", "_en", title))
    )
    shape = shapely.from_wkb(bytes(place.wkb))
    return shapes.area_from(shape, name=name or str(key), name_en=in_english)
