"""The description of the interface as OpenAPI 3.0: one path a collection, with its own filters."""

from typing import Any

from django.utils.translation import gettext as _

from layers import registry
from layers.ogc import crs, documents
from layers.ogc.asking import COUNTS, LIMIT, MAX_LIMIT
from layers.questions.views import View


def query(name: str, schema: dict[str, Any], words: str = "") -> dict[str, Any]:
    return {
        "name": name, "in": "query", "required": False, "schema": schema,
        "style": "form", "explode": False, "description": words,
    }  # fmt: skip


def parameters(systems: list[str]) -> dict[str, Any]:
    """The parameters that every collection has."""
    box = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT}
    known = {"type": "string", "enum": systems}
    lang = {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}
    text = {"type": "string"}
    cursor = {"type": "string", "pattern": "^[0-9]{1,18}$"}
    count = {"type": "string", "enum": list(COUNTS), "default": "auto"}
    listed = [
        query("bbox", box, _("West, south, east, north; west > east crosses the antimeridian.")),
        query("bbox-crs", known),
        query("datetime", text, _("A time, or two with a slash between them; .. is open.")),
        query("limit", limit, _("How many features a page has at most.")),
        query("crs", known, _("The coordinate system of the answer.")),
        query("filter", text, _("A filter in CQL2.")),
        query("filter-lang", lang),
        query("filter-crs", known),
        query("q", {"type": "string", "minLength": 1, "maxLength": 80}, _("Text to look for.")),
        query("cursor", cursor, _("Where the page begins: follow the link next.")),
        query("count", count, _("How numberMatched is found.")),
        _format(),
    ]  # fmt: skip
    return {parameter["name"]: parameter for parameter in listed}


def _format() -> dict[str, Any]:
    return query(
        "f", {"type": "string", "enum": ["json", "html"]}, _("JSON, or a page for people.")
    )


def answers(mime: str, words: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    body = {"description": words, "content": {mime: {"schema": schema or {"type": "object"}}}}
    body["content"]["text/html"] = {"schema": {"type": "string"}}
    wrong = {"$ref": "#/components/responses/Wrong"}
    return {"200": body} | dict.fromkeys(("400", "404", "405", "503"), wrong)


def path(
    summary: str, mime: str, name: str, given: list[Any], schema: Any = None
) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary,
            "operationId": name,
            "parameters": given,
            "responses": answers(mime, summary, schema),
        }
    }


def _features() -> dict[str, Any]:
    feature = {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
        },
    }
    collection = {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
            "links": {"type": "array", "items": {"type": "object"}},
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
            "matched": {
                "type": "object",
                "description": _("How many match, and how that is known."),
                "properties": {
                    "count": {"type": "integer", "nullable": True},
                    "kind": {
                        "type": "string",
                        "enum": ["exact", "estimated", "at least", "not counted"],
                    },
                },
            },
        },
    }
    return {"Feature": feature, "FeatureCollection": collection}


def describe(base: str, user: Any) -> dict[str, Any]:
    """The description for this person: the collections that exist for them."""
    shared = parameters(crs.offered())
    f = {"$ref": "#/components/parameters/f"}
    refs = [{"$ref": f"#/components/parameters/{name}"} for name in shared]
    paths: dict[str, Any] = {
        "/": path(_("Landing page"), "application/json", "landing", [f]),
        "/conformance": path(_("Conformance"), "application/json", "conformance", [f]),
        "/collections": path(_("Collections"), "application/json", "collections", [f]),
        "/api": path(_("This description"), documents.OPENAPI, "api", [f]),
    }
    for layer, audience in registry.visible_layers(user):
        view, at = View(layer, audience, user), f"/collections/{layer.slug}"
        title, name = str(layer.title), layer.slug.replace("-", "_")
        own = [query(n, documents.schema_of(view, n)) for n in view.fields if n not in shared]
        key = {
            "name": "featureId", "in": "path", "required": True,
            "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
        }  # fmt: skip
        paths[at] = path(title, "application/json", f"{name}_collection", [f])
        many = {"$ref": "#/components/schemas/FeatureCollection"}
        paths[f"{at}/items"] = path(
            title, "application/geo+json", f"{name}_items", [*refs, *own], many
        )
        paths[f"{at}/items/{{featureId}}"] = path(
            title, "application/geo+json", f"{name}_item",
            [key, {"$ref": "#/components/parameters/crs"}, f],
            {"$ref": "#/components/schemas/Feature"},
        )  # fmt: skip
        paths[f"{at}/queryables"] = path(title, documents.SCHEMA, f"{name}_queryables", [f])
    landing = documents.landing(base)
    wrong = {"type": "object", "required": ["code"], "properties": {
        "code": {"type": "string"}, "description": {"type": "string"}}}  # fmt: skip
    return {
        "openapi": "3.0.3",
        "info": {"title": landing["title"], "description": landing["description"], "version": "1"},
        "servers": [{"url": base}],
        "paths": paths,
        "components": {
            "parameters": shared,
            "schemas": _features(),
            "responses": {
                "Wrong": {
                    "description": _("What is wrong, in words"),
                    "content": {"application/json": {"schema": wrong}},
                }
            },
        },
    }
