"""The documents around the features: landing page, conformance, collections, queryables."""

from typing import Any

from django.utils.translation import gettext as _

from geo.crs import city
from layers import registry
from layers.ogc import crs
from layers.questions.views import TIME, View

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
SCHEMA, OPENAPI = "application/schema+json", "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
FEATURES = "http://www.opengis.net/spec/ogcapi-features-"
CONFORMANCE = [
    *(f"{FEATURES}1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
    f"{FEATURES}2/1.0/conf/crs",
    *(
        f"{FEATURES}3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"http://www.opengis.net/spec/cql2/1.0/conf/{name}"
        for name in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
            "case-insensitive-comparison", "accent-insensitive-comparison",
            "basic-spatial-functions", "basic-spatial-functions-plus", "property-property",
        )
    ),
]  # fmt: skip
JSON_TYPES = {"number": "number", "integer": "integer", "bool": "boolean"}
FORMATS = {"time": "date-time", "date": "date"}
GEOMETRIES = {
    "point": "geometry-point",
    "line": "geometry-linestring",
    "polygon": "geometry-polygon",
}


def link(href: str, rel: str, mime: str, title: str = "") -> dict[str, str]:
    return {"href": href, "rel": rel, "type": mime} | ({"title": title} if title else {})


def both(href: str, mime: str = JSON) -> list[dict[str, str]]:
    """The document itself and its page for people."""
    return [link(href, "self", mime), link(f"{href}?f=html", "alternate", HTML)]


def landing(base: str) -> dict[str, Any]:
    here = city()
    name = (here.name_vi if here else "") or "IOC"
    return {
        "title": _("%(city)s: features of the city") % {"city": name},
        "description": _(
            "Every layer that you may see, as OGC API – Features. QGIS, GDAL and OWSLib connect "
            "to this address; send a token as Authorization: Bearer to see what your role sees."
        ),
        "links": [
            *both(f"{base}/"),
            link(f"{base}/api", "service-desc", OPENAPI, _("The description of this interface")),
            link(f"{base}/api?f=html", "service-doc", HTML, _("The description, for people")),
            link(f"{base}/conformance", "conformance", JSON, _("What it conforms to")),
            link(f"{base}/collections", "data", JSON, _("The collections")),
        ],
    }


def conformance() -> dict[str, Any]:
    return {"conformsTo": CONFORMANCE}


def extent() -> dict[str, Any]:
    """The city's bounds; a time that is open at both ends."""
    here = city()
    box = list(here.bounds.extent) if here else [-180.0, -90.0, 180.0, 90.0]
    return {
        "spatial": {"bbox": [box], "crs": crs.CRS84},
        "temporal": {
            "interval": [[None, None]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        },
    }


def collection(base: str, view: View, within: dict[str, Any], systems: list[str]) -> dict[str, Any]:
    """A layer as a collection. ``within`` and ``systems`` are the same for all of them."""
    layer, href = view.layer, f"{base}/collections/{view.layer.slug}"
    seen = _("All that your role may see.") if view.audience == "full" else _("The public view.")
    extent = within if view.time else {"spatial": within["spatial"]}
    return {
        "id": layer.slug,
        "title": str(layer.title),
        "description": f"{layer.title.vi} · {layer.title.en}. {seen}",
        "attribution": layer.attribution,
        "itemType": "feature",
        "extent": extent,
        "crs": systems,
        "storageCrs": crs.CRS84,
        "links": [
            *both(href),
            link(f"{href}/items", "items", GEOJSON, str(layer.title)),
            link(f"{href}/items?f=html", "items", HTML, str(layer.title)),
            link(f"{href}/queryables", QUERYABLES, SCHEMA, _("What can be asked")),
        ],
    }


def collections(base: str, user: Any) -> dict[str, Any]:
    within, systems = extent(), crs.offered()
    views = [View(layer, audience, user) for layer, audience in registry.visible_layers(user)]
    return {
        "links": both(f"{base}/collections"),
        "crs": systems,
        "collections": [collection(base, view, within, systems) for view in views],
    }


def schema_of(view: View, name: str) -> dict[str, Any]:
    """JSON Schema of one field."""
    field, kind = view.fields[name], view.kind(name)
    schema: dict[str, Any] = {
        "title": str(field.title),
        "type": JSON_TYPES.get(kind, "string"),
    }
    if kind in FORMATS:
        schema["format"] = FORMATS[kind]
    if choices := list(field.choices):
        schema["enum"] = [str(choice.value) for choice in choices]
        schema["x-titles"] = {str(choice.value): str(choice.title) for choice in choices}
    if field.unit:
        schema["x-ogc-unit"] = field.unit
    return schema


def queryables(base: str, view: View) -> dict[str, Any]:
    """What filters may name: the fields this person sees, the geometry, the layer's time."""
    properties = {name: schema_of(view, name) for name in view.fields}
    place = {
        "title": _("Geometry"),
        "format": GEOMETRIES[view.layer.geometry],
        "x-ogc-role": "primary-geometry",
    }
    time = {
        "title": _("Time"), "type": "string", "format": "date-time",
        "x-ogc-role": "primary-instant",
    }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{view.layer.slug}/queryables",
        "type": "object",
        "title": str(view.layer.title),
        "properties": {"geometry": place} | ({TIME: time} if view.time else {}) | properties,
        "additionalProperties": False,
    }
