"""Coordinate systems by the addresses that OGC gives them, each with its order of axes."""

from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from geo.crs import metric_srid
from geo.errors import Refused
from layers.questions.cql2 import Crs as FilterCrs

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
ALWAYS = (4326, 3857, 32648, 32649)


class Crs(NamedTuple):
    """An address, the EPSG number behind it, and whether y comes before x."""

    uri: str
    srid: int
    flip: bool

    @property
    def for_filter(self) -> FilterCrs:
        return FilterCrs(self.srid, self.flip)


DEFAULT = Crs(CRS84, 4326, False)


def offered() -> list[str]:
    """The addresses that every collection answers in, the stored one first."""
    return [CRS84, *(f"{EPSG}{srid}" for srid in dict.fromkeys([*ALWAYS, metric_srid()]))]


def read(uri: str, name: str) -> Crs:
    """The CRS of an address. Raises Refused for one that is not offered."""
    uri = uri.strip("[]")
    if uri in {CRS84, CRS84H, "OGC:CRS84"}:
        return DEFAULT
    number = uri.removeprefix(EPSG).removeprefix("EPSG:").removeprefix("urn:ogc:def:crs:EPSG::")
    full = f"{EPSG}{number}"
    if full not in offered():
        known = ", ".join(offered())
        raise Refused(
            "bad-crs", _("%(name)s is one of: %(known)s") % {"name": name, "known": known}
        )
    return Crs(full, int(number), _y_first(int(number)))


@lru_cache(maxsize=32)
def _y_first(srid: int) -> bool:
    from pyproj import CRS

    axes = CRS.from_epsg(srid).axis_info
    return bool(axes) and axes[0].direction.lower() in {"north", "south"}
