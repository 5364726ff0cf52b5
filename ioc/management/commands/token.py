from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from geo.errors import Refused
from ioc.accounts.actions import make_token
from ioc.accounts.models import User
from ioc.accounts.roles import MACHINE_PERMISSIONS


class Command(BaseCommand):
    help = "Make a token for a person's programs. It is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("--name", default="command line", help="what the token is for")
        parser.add_argument("--days", type=int, default=365, help="valid for so many days")
        parser.add_argument(
            "--permission",
            action="append",
            choices=sorted(MACHINE_PERMISSIONS),
            help="a permission beyond the person's role; may be given again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            known = ", ".join(User.objects.values_list("username", flat=True)[:20])
            raise CommandError(f"there is no person {options['user']!r}; known: {known}")
        try:
            key = make_token(
                user=user,
                name=options["name"],
                days=options["days"],
                permissions=options["permission"],
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(key)
