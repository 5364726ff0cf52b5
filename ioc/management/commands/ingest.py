from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from geo.errors import Refused

DOORS = {
    "ais": "vessels.ingest.command",
    "dangers": "vessels.ingest.dangers",
    "fleet": "vessels.ingest.registry",
    "mqtt": "environment.mqtt.command",
    "observations": "environment.ingest.command",
    "replay": "vessels.ingest.rebuild",
}


class Command(BaseCommand):
    help = (
        "Take in: ais PATH|tcp://HOST:PORT|udp://HOST:PORT|-; fleet, dangers or observations PATH; "
        "mqtt mqtts://HOST:PORT|-; replay FEED|all --from TIME --to TIME: make again from the "
        "lines as received."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(DOORS))
        parser.add_argument("source", help="a file, an address, or - for standard input")
        parser.add_argument("--name", default="", help="what to call this source in the records")
        parser.add_argument("--tz", default="", help="zone of local times, else the city's own")
        parser.add_argument(
            "--station",
            action="append",
            default=[],
            metavar="NAME=CODE",
            help="observations: which station a name in the file means; may be given again",
        )
        parser.add_argument("--from", dest="since", help="replay: from this time on, with zone")
        parser.add_argument("--to", dest="until", help="replay: until this time, with zone")
        parser.add_argument("--vessel", type=int, help="replay: this vessel's positions alone")
        parser.add_argument(
            "--provider", default="", help="observations: whose kept mapping reads the file"
        )
        parser.add_argument(
            "--synthetic", action="store_true", help="mark everything that comes in as synthetic"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        door = import_module(DOORS[options["kind"]])
        try:
            code = door.run(
                options["source"],
                stdout=self.stdout,
                name=options["name"],
                tz=options["tz"],
                synthetic=options["synthetic"],
                station=options["station"],
                since=options["since"],
                until=options["until"],
                vessel=options["vessel"],
                provider=options["provider"],
            )
        except (Refused, OSError) as refused:
            raise CommandError(str(refused)) from refused
        if code:
            raise SystemExit(code)
