import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from environment.flood import actions, files, queries, summaries, tasks
from environment.flood.models import FloodMark, TerrainModel
from environment.terrain.dem import BadTerrain
from geo.errors import Refused
from geo.packs import PackError, find_pack


class Command(BaseCommand):
    """Terrain models: build one, make zones from it, compare it with floods of the past."""

    help = "Build a terrain model from a DEM; make, draw and check flood zones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        build = verbs.add_parser("build", help="take a DEM: any raster with a CRS, north up")
        build.add_argument("--dem", type=Path, required=True)
        for name, words in {
            "rivers": "lines or areas of rivers",
            "coast": "coast lines (lagoons too), or areas of sea",
            "walls": "levees and walls; `height_m` above ground, else 2 m",
            "people": "a raster of people per km²",
        }.items():
            build.add_argument(f"--{name}", type=Path, help=words)
        build.add_argument("--units", choices=["auto", "m", "ft", "us-ft"], default="auto")
        build.add_argument("--drain-km2", type=float, help="least catchment of a drain")
        build.add_argument("--name", default="")
        build.add_argument("--out", type=Path, help="only write the files here; no database")
        build.add_argument("--later", action="store_true", help="leave it to the task queue")
        build.add_argument("--synthetic", action="store_true", help="mark it as no real terrain")
        verbs.add_parser("list", help="the models and their states")
        stop = verbs.add_parser("stop", help="stop one that is being built")
        stop.add_argument("terrain", type=int)
        zone = verbs.add_parser("zone", help="the zone of a stage")
        zone.add_argument("--gauge", required=True)
        zone.add_argument("--stage-m", type=float, required=True, nargs="+")
        zone.add_argument("--tide-m", type=float)
        zone.add_argument("--out", type=Path, default=Path("."), help="folder")
        zone.add_argument("--as", dest="endings", nargs="+", default=["png"],
                          choices=sorted(files.MIMES))  # fmt: skip
        verbs.add_parser("check", help="zones against marks of past floods")
        assets = verbs.add_parser("assets", help="take buildings, roads, schools from the pack")
        assets.add_argument("pack", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['verb']}")(options)
        except (BadTerrain, Refused, PackError) as problem:
            raise CommandError(str(problem)) from None
        except actions.Stopped:
            raise CommandError("stopped when asked") from None
        except MemoryError:
            raise CommandError("memory ran out; cut the terrain along a watershed") from None
        except OSError as problem:
            raise CommandError(f"{problem.filename or 'disk'}: {problem.strerror}") from None

    def do_build(self, options: dict[str, Any]) -> None:
        asked = {"path": str(self.there(options["dem"])), "units": options["units"]}
        asked["memory"] = int(settings.IOC_TERRAIN_MEMORY_GB * 1e9)
        for name in ("rivers", "coast", "walls", "people"):
            if options[name]:
                asked[name] = str(self.there(options[name]))
        if options["drain_km2"]:
            asked["drain_km2"] = options["drain_km2"]
        if options["out"]:
            self.tell(actions.build_files(asked=asked, folder=options["out"], say=self.say))
            return
        name = options["name"] or options["dem"].name
        row = actions.ask(name=name, asked=asked, synthetic=options["synthetic"])
        if options["later"]:
            tasks.build_terrain.delay(row.pk)
            self.stdout.write(f"terrain {row.pk} waits for the task queue")
            return
        actions.build(terrain=row, say=self.say)
        self.tell(row.facts)
        self.stdout.write(f"terrain {row.pk} is in use; its files are in {row.folder}")
        gauges = ", ".join(g.sensor.code for g in queries.gauges_in_use()) or "none"
        self.stdout.write(f"river gauges on it: {gauges}")

    def there(self, path: Path) -> Path:
        if not path.is_file():
            raise BadTerrain(f"{path} is no file")
        return path.resolve()

    def say(self, line: str) -> None:
        self.stdout.write(line)

    def tell(self, facts: dict[str, Any]) -> None:
        for line in facts["notes"]:
            self.stdout.write(f"  {line}")
        rest = {key: value for key, value in facts.items() if key != "notes"}
        self.stdout.write(json.dumps(rest))

    def do_list(self, options: dict[str, Any]) -> None:
        for row in TerrainModel.objects.all():
            used = "in use" if row.active else ""
            self.stdout.write(f"{row.pk} {row.name} {row.state} {row.progress:.0%} {used}"
                              f" {row.message}".rstrip())  # fmt: skip

    def do_stop(self, options: dict[str, Any]) -> None:
        row = TerrainModel.objects.filter(pk=options["terrain"]).first()
        if row is None:
            raise CommandError(f"there is no terrain {options['terrain']}")
        actions.stop(terrain=row)

    def do_zone(self, options: dict[str, Any]) -> None:
        gauge = queries.gauge(options["gauge"])
        options["out"].mkdir(parents=True, exist_ok=True)
        for stage_m in options["stage_m"]:
            zone = actions.zone(gauge=gauge, stage_m=stage_m, tide_m=options["tide_m"])
            for ending in options["endings"]:
                name = f"flood-{gauge.sensor.code}-{round(zone.stage_m * 100)}.{ending}"
                body = files.content(zone, ending, summaries.centre())
                (options["out"] / name).write_bytes(body)
                self.stdout.write(f"{name}: {zone.area_km2:g} km², deepest {zone.deepest_m:g} m, "
                                  f"confidence {zone.confidence:.2f}")  # fmt: skip

    def do_check(self, options: dict[str, Any]) -> None:
        marks = FloodMark.objects.select_related("sensor")
        if not marks.exists():
            self.stdout.write("no marks of past floods are known; add them in the admin")
            return
        off = []
        for mark in marks:
            zone = actions.zone(gauge=queries.gauge(mark.sensor.code), stage_m=mark.stage_m)
            depth = summaries.depth_at(zone, mark.geom.x, mark.geom.y)
            off.append(depth - mark.depth_m)
            self.stdout.write(f"{mark.event}: marked {mark.depth_m:g} m, reckoned {depth:.2f} m")
        agree = sum((o + m.depth_m > 0) == (m.depth_m > 0) for o, m in zip(off, marks, strict=True))
        mean = sum(map(abs, off)) / len(off)
        self.stdout.write(f"{agree} of {len(off)} wet or dry alike; depth off by {mean:.2f} m")

    def do_assets(self, options: dict[str, Any]) -> None:
        path = [settings.IOC_VAR / "packs", *settings.IOC_PACK_PATH]
        pack = find_pack(options["pack"] or settings.IOC_PACK or None, path)
        count = actions.load_assets(pack=pack)
        self.stdout.write(f"{count} buildings, roads, schools and clinics taken")
