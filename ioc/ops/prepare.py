"""`python -m ioc.ops.prepare`: bring the database up to date; one line on stdout per step."""

import argparse
import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection

from ioc.ops.paths import ROOT

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
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM geo_heartbeat")  # of those who ran before: they prove nothing
    known = get_commands()
    if "pack" in known:
        take_pack(pack)
    if demo and "demo_accounts" in known:
        say("demo accounts")
        call_command("demo_accounts", stdout=sys.stderr)


def take_pack(name: str) -> None:
    """Import the city pack unless its files are those of the last time.

    Sizes and times are looked at first: to read the files themselves takes two seconds of a start.
    """
    from geo.models import City  # models exist once Django is set up

    stamp, seen = settings.IOC_VAR / "pack-stamp", pack_files(name)
    city = City.objects.filter(active=True).values_list("pack_digest", flat=True).first()
    mark = f"{seen} {city}"
    if city and stamp.exists() and stamp.read_text() == mark:
        return
    say("city pack")
    call_command("pack", "import", *([name] if name else []), "--if-changed", stdout=sys.stderr)
    city = City.objects.filter(active=True).values_list("pack_digest", flat=True).first()
    stamp.write_text(f"{seen} {city}")


def pack_files(name: str) -> str:
    """A fingerprint of sizes and times: the packs' files, and the code that takes them in."""
    packs = [settings.IOC_VAR / "packs", *settings.IOC_PACK_PATH, *([Path(name)] if name else [])]
    files = {path for folder in packs for path in folder.rglob("*")}
    files |= {*ROOT.glob("geo/packs/*.py"), *ROOT.glob("*/pack.py"), *ROOT.glob("ioc/*/pack.py")}
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(files)]
    return hashlib.sha256(repr((name, facts)).encode()).hexdigest()


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
