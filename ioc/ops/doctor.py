"""`doctor`: what is wrong with this machine or installation, and how to mend it."""

import argparse
import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from ioc.__main__ import CHROMIUMS, find_postgres
from ioc.ops.cluster import NEEDED_MB, Cluster, free_mb, port_is_free
from ioc.ops.paths import LOGS, ROOT, VAR
from ioc.ops.supervisor import last_line, read_state, ready, supervisor_pid


@dataclass(frozen=True)
class Finding:
    """One thing looked at; ``mend`` says what to do where it is not well."""

    what: str
    ok: bool
    found: str
    mend: str = ""


def main(arguments: list[str]) -> int:
    """Print every finding; 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python3 -m ioc doctor")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    findings = list(examine())
    if asked.json:
        print(json.dumps([vars(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            print(f"  {'✓' if finding.ok else '✗'} {finding.what}: {finding.found}")
            if not finding.ok:
                print(f"      → {finding.mend}")
    return 0 if all(finding.ok for finding in findings) else 1


def examine() -> Iterator[Finding]:
    """Everything that can keep an installation from working."""
    yield Finding("Python", True, sys.version.split()[0])
    room = free_mb(ROOT)
    yield Finding(
        "disk", room >= NEEDED_MB, f"{room / 1000:.1f} GB free",
        f"Free at least {NEEDED_MB} MB where {ROOT} lies.",
    )  # fmt: skip
    built = (ROOT / "frontend/dist/.built").exists()
    yield Finding(
        "front end", built, "built" if built else "not built",
        f"Run: python3 -m ioc up; if it fails, {LOGS}/npm.log says why.",
    )  # fmt: skip
    browser = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    yield Finding("browser for tests", True, browser or "none yet; `test` installs it")
    yield from examine_secrets()
    yield from examine_database()
    yield from examine_parts()


def examine_secrets() -> Iterator[Finding]:
    for name in ("secret-key", "demo-accounts.json", "pg/cluster.json"):
        path = VAR / name
        if path.exists():
            private = not stat.S_IMODE(path.stat().st_mode) & 0o077
            yield Finding(
                f"var/{name}", private, "private" if private else "others may read it",
                f"Run: chmod 600 {path}",
            )  # fmt: skip


def examine_database() -> Iterator[Finding]:
    address = os.environ.get("DATABASE_URL")
    if not address:
        programs = find_postgres()
        yield Finding(
            "PostgreSQL with PostGIS", programs is not None, str(programs or "not found"),
            "Install postgresql and postgresql-NN-postgis-3 (15 or newer), or set DATABASE_URL.",
        )  # fmt: skip
        cluster = Cluster()
        if programs is None or not cluster.facts.get("made"):
            yield Finding("database", True, "not made yet; `up` makes it")
            return
        if cluster.running() is None:
            yield Finding("database", True, "stopped; `up` starts it")
            return
        address = cluster.url()
    try:
        with psycopg.connect(address, connect_timeout=5) as session:
            row = session.execute(
                "SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension"
                " WHERE extname = 'postgis')"
            ).fetchone()
        server, postgis = row or ("", None)
        yield Finding(
            "database", postgis is not None, f"PostgreSQL {server}, PostGIS {postgis or 'missing'}",
            "Run in it as its superuser: CREATE EXTENSION postgis",
        )  # fmt: skip
    except psycopg.OperationalError as error:
        yield Finding(
            "database", False, str(error).strip().splitlines()[-1],
            "Is DATABASE_URL right, and the server up?",
        )  # fmt: skip


def examine_parts() -> Iterator[Finding]:
    if supervisor_pid() is None:
        free = port_is_free(8000)
        yield Finding(
            "port 8000", free, "free" if free else "taken by another program",
            "Stop that program, or choose another: python3 -m ioc up --port 8001",
        )  # fmt: skip
        return
    state = read_state()
    for child in state.get("children", []):
        well = child["state"] == "running" and child["restarts"] < 3
        log = LOGS / f"{child['name']}.log"
        yield Finding(
            child["name"], well, f"{child['state']}, restarted {child['restarts']}×",
            f"It ended with {child['last_exit']}: {last_line(log)}",
        )  # fmt: skip
    is_ready, answer = ready(state.get("url", ""))
    late = [name for name, part in answer.get("parts", {}).items() if not part["ok"]]
    yield Finding(
        "/readyz", is_ready, "ready" if is_ready else f"waiting for {', '.join(late) or 'web'}",
        f"The part's log in {LOGS} says why.",
    )  # fmt: skip
