"""Who takes which part of a pack: apps above geo register here, geo knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from .pack import Pack
from .report import Report

Importer = Callable[[Pack, Report], None]

# Parts that others point to come first; what is not named here comes last, by name.
ORDER = (
    "agencies",
    "categories",
    "cameras",
    "billboards",
    "sensors",
    "thresholds",
    "ports",
    "zones",
    "dem",
)

_importers: dict[str, Importer] = {}


class DuplicateImporter(ValueError):
    """Two apps want the same part."""


def register(part: str, importer: Importer) -> None:
    """Call `importer(pack, report)` for this part in every `pack import`."""
    known = _importers.get(part)
    if known is not None and known is not importer:
        raise DuplicateImporter(f'part "{part}" is taken by {known.__module__}')
    _importers[part] = importer


def discover() -> list[tuple[str, Importer]]:
    """Importers of all installed apps, in the order they must run.

    `<app>/pack.py` may call `register` for each part, or define one `import_part(pack, report)`,
    which is then registered under the app's label.
    """
    from django.apps import apps

    for app in apps.get_app_configs():
        name = f"{app.name}.pack"
        if find_spec(name) is None:
            continue
        module = import_module(name)
        mine = any(importer.__module__ == name for importer in _importers.values())
        if not mine and hasattr(module, "import_part"):
            register(app.label, module.import_part)
    return sorted(_importers.items(), key=lambda item: (_rank(item[0]), item[0]))


def _rank(part: str) -> int:
    return ORDER.index(part) if part in ORDER else len(ORDER)
