"""The processes of an installation, as data: a new part is a new line here."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ioc.ops.errors import Stop
from ioc.ops.paths import ROOT, VAR

DJANGO = (sys.executable, "-m", "ioc.ops.command")
CELERY = (sys.executable, "-m", "celery", "-A", "ioc.celery", "--quiet", "--skip-checks")
GUNICORN = (sys.executable, "-m", "gunicorn")


def limit(seconds: int) -> dict[str, str]:
    """What ends a statement that takes longer: a wrong plan is not waited for."""
    return {"IOC_STATEMENT_TIMEOUT_MS": str(seconds * 1000)}


# Of parts that ask again when the database fails them; each statement of theirs is a batch.
BATCH_S = 60
# Of workers: as long as their tasks may take (ioc.celery.LIMIT_S), so that what a task began ends
# with it.
FAST_S, SLOW_S = 10, {"slow": 300, "long": 900}
WORKER_GRACE_S = 15.0


@dataclass(frozen=True)
class Part:
    """One process. ``command`` is the Django command it needs: without it the part is left out."""

    name: str
    argv: tuple[str, ...]
    command: str = ""
    beats: tuple[str, ...] = ()  # the heartbeats that /readyz waits for
    demo: bool = False  # only with the demonstration
    needs: str = ""  # a setting without which the part is left out
    early: bool = False  # started while the database is brought up to date
    grace_s: float = 10  # from SIGTERM to SIGKILL
    env: Mapping[str, str] = field(default_factory=dict)  # defaults, under what the user set


def parts(*, port: int, host: str, ais_udp: str, web_workers: int = 2) -> list[Part]:
    """Every part, in the order of starting."""
    worker = ("worker", "--without-gossip", "--without-mingle", "--without-heartbeat")
    return [
        Part(
            "web",
            (
                *GUNICORN, "ioc.asgi:application", "--worker-class", "ioc.ops.web.Worker",
                "--workers", str(web_workers), "--bind", f"{host}:{port}", "--timeout", "60",
                "--graceful-timeout", "8", "--no-control-socket",
            ),
            early=True, env=limit(5),
        ),
        Part("publish", (*DJANGO, "publish"), "publish", ("publisher",), env=limit(BATCH_S)),
        Part(
            "worker",
            (
                *CELERY, *worker, "-n", "fast", "-Q", "fast", "-c", "2", "--prefetch-multiplier",
                "4", "-l", "WARNING", "--beat", "-s", str(VAR / "beat-schedule"),
            ),
            beats=("worker",), grace_s=WORKER_GRACE_S, env=limit(FAST_S),
        ),
        # What runs by the clock and takes its time, and what somebody asked for and may take long:
        # each one piece at a time; both give way to what answers people.
        *(
            Part(
                name,
                (
                    "nice", "-n", "10", *CELERY, *worker, "-n", name, "-Q", name, "-c", "1",
                    "--prefetch-multiplier", "1", "-l", "WARNING",
                ),
                grace_s=WORKER_GRACE_S, env=limit(limit_s),
            )
            for name, limit_s in SLOW_S.items()
        ),
        Part(
            "ingest", (*DJANGO, "ingest", "ais", f"udp://{ais_udp}"), "ingest", ("ingest",),
            env=limit(BATCH_S),
        ),
        Part(
            "mqtt", (*DJANGO, "ingest", "mqtt", "-"), "ingest", ("mqtt",), needs="IOC_MQTT_URL",
            env=limit(BATCH_S),
        ),
        # What watches and what plays give way to what answers people.
        Part(
            "vision",
            ("nice", "-n", "10", *DJANGO, "vision", "setup", "+", "vision", "work"),
            "vision", ("vision",), env=limit(BATCH_S),
        ),
        Part("demo", ("nice", "-n", "15", *DJANGO, "demo"), "demo", demo=True),
    ]  # fmt: skip


def has_command(name: str, root: Path = ROOT) -> bool:
    """Whether any app of the project brings this Django command."""
    pattern = f"management/commands/{name}.py"
    return any(next(root.glob(f"{depth}/{pattern}"), None) for depth in ("*", "ioc/*"))


def chosen(every: list[Part], *, demo: bool, only: tuple[str, ...] = ()) -> list[Part]:
    """The parts that run here. Raises: Stop for a name that no part has."""
    if unknown := sorted(set(only) - {part.name for part in every}):
        names = ", ".join(part.name for part in every)
        raise Stop(f"No part is called {unknown[0]}; there are: {names}.")
    return [
        part
        for part in every
        if (demo or not part.demo)
        and (not only or part.name in only)
        and (not part.command or has_command(part.command))
        and (not part.needs or bool(os.environ.get(part.needs)))
    ]
