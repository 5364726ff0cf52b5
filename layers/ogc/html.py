"""The same documents as pages for people: links to click, a table to read, no script."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from layers.questions.views import View


def _page(base: str, title: str, **more: Any) -> str:
    crumbs = [{"href": f"{base}/?f=html", "title": _("Start")}, *more.pop("crumbs", [])]
    given = {"title": title, "crumbs": crumbs, "language": get_language(), **more}
    return render_to_string("layers/ogc.html", given)


def _links(links: list[dict[str, str]]) -> list[dict[str, str]]:
    """Links that lead a person somewhere: to pages, where a page exists."""
    shown = [link for link in links if link["rel"] not in {"self", "alternate"}]
    return [
        {
            "href": link["href"] if "f=html" in link["href"] else f"{link['href']}?f=html",
            "title": link.get("title") or link["rel"],
        }
        for link in shown
    ]


def document(base: str, body: dict[str, Any]) -> str:
    """Landing page, conformance, collections, one collection, queryables or the description."""
    listed = [
        {
            "href": f"{base}/collections/{one['id']}?f=html",
            "title": one["title"],
            "words": one["description"],
        }
        for one in body.get("collections", [])
    ]
    listed += [{"href": uri, "title": uri} for uri in body.get("conformsTo", [])]
    listed += [
        {"href": f"{base}{path}?f=html" if "{" not in path else "", "title": path}
        for path in body.get("paths", {})
    ]
    properties = body.get("properties", {}) if body.get("type") == "object" else {}
    rows = [
        [
            name, one.get("title", ""), one.get("type") or one.get("format", ""),
            ", ".join(map(str, one.get("enum", []))),
        ]
        for name, one in properties.items()
    ]  # fmt: skip
    info = body.get("info", {})
    return _page(
        base,
        body.get("title") or info.get("title") or _title(body),
        words=body.get("description") or info.get("description") or "",
        links=_links(body.get("links", [])),
        listed=listed,
        head=[_("Name"), _("Title"), _("Kind"), _("Values")] if rows else [],
        rows=rows,
        crumbs=[{"href": f"{base}/collections?f=html", "title": _("Collections")}],
    )


def _title(body: dict[str, Any]) -> str:
    return _("What it conforms to") if "conformsTo" in body else _("Collections")


def items(
    base: str, view: View, features: list[dict[str, Any]], matched: dict[str, Any],
    links: list[dict[str, str]],
) -> str:  # fmt: skip
    """A page of features as a table."""
    here = f"{base}/collections/{view.layer.slug}"
    onward = next((link["href"] for link in links if link["rel"] == "next"), "")
    rows = [
        [feature["id"], *(feature["properties"].get(name) for name in view.fields)]
        for feature in features
    ]
    count = matched["count"]
    known = {
        "exact": _("%(count)s in all") % {"count": count},
        "estimated": _("about %(count)s in all") % {"count": count},
        "at least": _("at least %(count)s in all") % {"count": count},
        "not counted": _("more on the next pages"),
    }
    return _page(
        base,
        str(view.layer.title),
        words=known[matched["kind"]],
        head=["id", *(str(field.title) for field in view.fields.values())],
        rows=rows,
        item=f"{here}/items",
        links=[{"href": f"{onward}&f=html", "title": _("Next page")}] if onward else [],
        crumbs=_crumbs(base, view),
    )


def item(base: str, view: View, feature: dict[str, Any]) -> str:
    """One feature, field by field."""
    rows = [
        [str(view.fields[name].title) if name in view.fields else name, value]
        for name, value in feature["properties"].items()
    ]
    geometry = feature["geometry"] or {}
    if geometry.get("type") == "Point":
        rows.append([_("Geometry"), ", ".join(map(str, geometry["coordinates"]))])
    title = f"{view.layer.title} {feature['id']}"
    head = [_("Field"), _("Value")]
    return _page(base, title, head=head, rows=rows, links=[], crumbs=_crumbs(base, view))


def _crumbs(base: str, view: View) -> list[dict[str, str]]:
    here = f"{base}/collections/{view.layer.slug}"
    return [
        {"href": f"{base}/collections?f=html", "title": _("Collections")},
        {"href": f"{here}?f=html", "title": str(view.layer.title)},
        {"href": f"{here}/items?f=html", "title": _("Features")},
    ]
