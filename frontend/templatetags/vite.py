"""``{% vite "src/wall/main.ts" %}``: the built files of one front-end entry."""

import json
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@lru_cache(maxsize=4)
def _manifest(path: str, modified_ns: int) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        return dict(json.load(file))


def _built() -> dict[str, Any]:
    path = settings.FRONTEND_DIST / "manifest.json"
    try:
        return _manifest(str(path), path.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


def _parts(manifest: dict[str, Any], entry: str) -> tuple[list[str], list[str]]:
    """Style sheets and modules that the entry needs at once, each named once."""
    styles: dict[str, None] = {}
    modules: dict[str, None] = {}

    def take(name: str) -> None:
        chunk = manifest.get(name)
        if chunk is None or chunk["file"] in modules:
            return
        modules[chunk["file"]] = None
        for imported in chunk.get("imports", ()):
            take(imported)
        # After those of its imports: an entry's own rules refine what is shared.
        styles.update(dict.fromkeys(chunk.get("css", ())))

    take(entry)
    return list(styles), list(modules)


@register.simple_tag
def vite(entry: str) -> SafeString:
    """Link and script elements for the entry; nothing where the front end is not built.

    Addresses are plain, not through the static storage: Vite has hashed the names already, and
    the modules name each other by those.
    """
    styles, modules = _parts(_built(), entry)
    base = f"{settings.STATIC_URL}ioc/"
    links = format_html_join(
        "\n", '<link rel="stylesheet" href="{}{}">', ((base, s) for s in styles)
    )
    preloads = format_html_join(
        "\n", '<link rel="modulepreload" href="{}{}">', ((base, m) for m in modules[1:])
    )
    script = format_html_join(
        "\n", '<script type="module" src="{}{}"></script>', ((base, m) for m in modules[:1])
    )
    return mark_safe("\n".join(part for part in (links, preloads, script) if part))  # noqa: S308
