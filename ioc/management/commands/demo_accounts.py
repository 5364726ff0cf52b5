from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ioc.accounts.actions import ensure_demo_accounts


class Command(BaseCommand):
    help = "Make the demo accounts, one a role, with random passwords in var/demo-accounts.json."

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.IOC_VAR / "demo-accounts.json"
        accounts = ensure_demo_accounts(path)
        self.stdout.write(f"{len(accounts)} demo accounts in {path}")
