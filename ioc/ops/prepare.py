"""`python -m ioc.ops.prepare`: bring the database up to date; one line on stdout per step."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection

LOCK = 0x10C  # one migrating process at a time, on however many hosts


@contextmanager
def alone() -> Iterator[None]:
    """Hold the installation's advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def say(step: str) -> None:
    print(step, flush=True)


def prepare(pack: str, demo: bool) -> None:
    """Migrate, import the pack if it is another than the last, make the demo accounts."""
    say("migrations")
    for folder in (settings.STATIC_ROOT, settings.MEDIA_ROOT):
        folder.mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
    call_command("createcachetable", verbosity=0, stdout=sys.stderr)
    known = get_commands()
    if "pack" in known:
        say("city pack")
        call_command("pack", "import", *([pack] if pack else []), "--if-changed", stdout=sys.stderr)
    if demo and "demo_accounts" in known:
        say("demo accounts")
        call_command("demo_accounts", stdout=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pack", default="")
    parser.add_argument("--demo", action="store_true")
    options = parser.parse_args()
    django.setup()
    with alone():
        prepare(options.pack, options.demo)


if __name__ == "__main__":
    main()
