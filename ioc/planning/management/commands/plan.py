import json
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.management.base import BaseCommand, CommandError, CommandParser

from geo.errors import Refused
from ioc.accounts.models import User
from ioc.planning import partitions
from layers.questions import reading
from layers.questions.views import view_of


class Command(BaseCommand):
    help = "Write the rows of a question as GeoParquet in parts by H3 cell and month."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        exporting = verbs.add_parser("export", help="write a layer's rows into a new folder")
        exporting.add_argument("folder", type=Path, help="empty or new")
        exporting.add_argument("--layer", required=True)
        exporting.add_argument("--where", default="", help="a condition as JSON, as the desk asks")
        exporting.add_argument("--user", default="", help="with whose rights; default: the public")
        exporting.add_argument("--resolution", type=int, default=5, help="of the cells, 0 to 9")

    def handle(self, *args: Any, **options: Any) -> None:
        user: Any = AnonymousUser()
        if options["user"]:
            user = User.objects.filter(username=options["user"]).first()
            if user is None:
                raise CommandError(f"there is no person {options['user']!r}")
        if not 0 <= options["resolution"] <= 9:
            raise CommandError("--resolution is from 0 to 9")
        try:
            where = json.loads(options["where"]) if options["where"] else None
            view = view_of(user, options["layer"])
            term = reading.term_of(view, where)
            written = partitions.write(view, term, options["folder"], res=options["resolution"])
        except Refused as refused:
            raise CommandError(str(refused.message)) from None
        except ValueError as problem:  # no JSON; a folder that is not empty
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{written} rows in {options['folder']}")
