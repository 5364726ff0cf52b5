from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ioc.reports.actions.log import locked, rebuild
from ioc.reports.models import Report

PAGE = 500


class Command(BaseCommand):
    help = "Make the rows of cases what their logs say, and name those that were not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only look; exit 1 if one differs")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        looked, wrong, last = 0, 0, 0
        while ids := list(
            Report.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PAGE]
        ):
            for pk in ids:
                with transaction.atomic():
                    report = locked(pk)
                    if names := rebuild(report):
                        wrong += 1
                        self.stdout.write(f"{report.code}: {', '.join(names)}")
                    if check:
                        transaction.set_rollback(True)
            looked, last = looked + len(ids), ids[-1]
            self.stderr.write(f"{looked} cases read, {wrong} differed")
        if check and wrong:
            raise CommandError(f"{wrong} of {looked} cases are not what their logs say")
