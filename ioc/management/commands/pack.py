from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from geo.packs import Pack, PackError, Report, basemap, fetch, find_pack
from geo.packs.load import import_pack


class Command(BaseCommand):
    """City packs: import one, build its basemap, or fetch its real sources."""

    help = "Import a city pack, build its basemap, or fetch its real sources."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        taking = verbs.add_parser("import", help="take a pack into the database")
        taking.add_argument("pack", nargs="?", default="", help="folder or name; default: found")
        taking.add_argument("--if-changed", action="store_true", help="skip what stands already")
        taking.add_argument("--strict", action="store_true", help="fail if anything was refused")
        building = verbs.add_parser("build", help="build the basemap of a pack")
        building.add_argument("pack", nargs="?", default="", help="folder or name")
        building.add_argument("--out", type=Path, help="write here; default: var/basemap")
        fetching = verbs.add_parser("fetch", help="download the real sources of a pack")
        fetching.add_argument("parts", nargs="*", help="osm, wards; default: all")
        fetching.add_argument("--to", type=Path, help="folder; default: var/packs/NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['verb']}")(options)
        except PackError as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:  # a full disk, a folder that may not be written
            raise CommandError(f"{problem.filename or 'disk'}: {problem.strerror}") from None

    def do_import(self, options: dict[str, Any]) -> None:
        report = Report(progress=self.stdout.write)
        import_pack(
            self.found(options),
            var=settings.IOC_VAR,
            report=report,
            if_changed=options["if_changed"],
        )
        self.tell(report)
        if options["strict"] and not report.ok:
            raise CommandError(f"{len(report.refusals)} things were refused; see above")

    def do_build(self, options: dict[str, Any]) -> None:
        report = Report(progress=self.stdout.write)
        pack = self.found(options)
        if options["out"]:
            basemap.build(pack, options["out"], report)
        else:
            basemap.ensure(pack, settings.IOC_VAR / "basemap", report)
        self.tell(report)

    def do_fetch(self, options: dict[str, Any]) -> None:
        report = Report(progress=self.stdout.write)
        pack = find_pack(settings.IOC_PACK, self.path)
        urls = {"osm": settings.IOC_PACK_URL_OSM, "wards": settings.IOC_PACK_URL_WARDS}
        folder = options["to"] or settings.IOC_VAR / "packs" / pack.slug
        fetch.fetch_pack(pack, folder, urls=urls, parts=options["parts"], report=report)
        self.tell(report)

    def found(self, options: dict[str, Any]) -> Pack:
        return find_pack(options["pack"] or settings.IOC_PACK or None, self.path)

    @property
    def path(self) -> list[Path]:
        """Fetched packs stand before those beside the project and the bundled ones."""
        return [settings.IOC_VAR / "packs", *settings.IOC_PACK_PATH]

    def tell(self, report: Report) -> None:
        for line in report.lines():
            self.stdout.write(line)
