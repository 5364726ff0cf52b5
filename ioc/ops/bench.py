"""`bench`: figures of ours beside a peer's, on the same input in one run.

A benchmark is a module ``ioc/bench/NAME.py`` with ``run(ctx) -> list[Figure]``. It makes its own
data and leaves none; the target stands beside the measurement.
"""

import argparse
import contextlib
import dataclasses
import json
import operator
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from ioc.ops.environment import environment
from ioc.ops.errors import Stop
from ioc.ops.paths import ROOT
from ioc.ops.testing import throwaway_database

COMPARE = {"≤": operator.le, "≥": operator.ge, "<": operator.lt, ">": operator.gt, "=": operator.eq}
PEERS = {
    "tipg": "tipg", "pyais": "pyais", "mapbox-vector-tile": "mapbox_vector_tile",
    "playwright": "playwright", "esda": "esda", "pyflwdir": "pyflwdir", "pysheds": "pysheds",
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One measured number. ``target`` is ``≤ 50`` on the value, or ``≥ 2 ×`` on the ratio."""

    figure: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    target: str = ""

    @property
    def ratio(self) -> float | None:
        """Our value by the peer's."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def ok(self) -> bool | None:
        """Whether the target is met; None without one."""
        if not self.target:
            return None
        parts = re.fullmatch(r"([≤≥<>=])\s*([\d.]+)\s*(×?)", self.target)
        if parts is None:
            raise ValueError(f"no target: {self.target!r}; write '≤ 50' or '≥ 2 ×'")
        measured = self.ratio if parts[3] else self.value
        return measured is not None and bool(COMPARE[parts[1]](measured, float(parts[2])))

    def row(self, bench: str) -> dict[str, object]:
        """The figure as ``--json`` writes it."""
        return {"bench": bench, **dataclasses.asdict(self), "ratio": self.ratio, "ok": self.ok}


class Context:
    """What a benchmark is given: a database of its own, and the peers on demand."""

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """The address of a migrated database that is gone afterwards; Django uses it meanwhile."""
        import psycopg

        with throwaway_database() as url:
            with psycopg.connect(url) as session:
                session.execute("ALTER ROLE ioc SET synchronous_commit = off")
            os.environ.update(environment(url))
            import django

            django.setup()
            from django.core.management import call_command
            from django.db import connections

            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            try:
                yield url
            finally:
                connections.close_all()

    def peer(self, name: str) -> None:
        """Make sure that a peer of the dependency group ``bench`` is importable."""
        if find_spec(PEERS[name]) is None:
            command = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet"]
            subprocess.run([*command, "-r", str(ROOT / "ioc/ops/locks/bench.txt")], check=True)

    def timed(self, work, *args, **kwargs) -> tuple[float, object]:
        """Seconds that a call took, and what it returned."""
        began = time.perf_counter()
        result = work(*args, **kwargs)
        return time.perf_counter() - began, result


def names() -> list[str]:
    """Every benchmark."""
    return sorted(path.stem for path in (ROOT / "ioc/bench").glob("[!_]*.py"))


def run_one(name: str, result: Path) -> None:
    """Run a benchmark here and write its rows; each has a process of its own."""
    figures = import_module(f"ioc.bench.{name}").run(Context())
    result.write_text(json.dumps([figure.row(name) for figure in figures]))


def table(rows: list[dict]) -> str:
    """The rows for a terminal."""
    head = ("bench", "figure", "value", "unit", "peer", "ratio", "target", "ok")
    mark = {True: "yes", False: "NO", None: ""}
    lines = [head]
    for row in rows:
        peer = f"{row['peer']} {row['peer_value']:.4g}" if row["peer_value"] is not None else ""
        ratio = f"{row['ratio']:.2f} ×" if row["ratio"] is not None else ""
        value = f"{row['value']:,.4g}" if abs(row["value"]) < 1e4 else f"{row['value']:,.0f}"
        lines.append((row["bench"], row["figure"], value, row["unit"], peer, ratio, row["target"],
                      mark[row["ok"]]))  # fmt: skip
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all; 1 if one failed, or with --check missed a target."""
    parser = argparse.ArgumentParser(prog="python3 -m ioc bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(names())}")
    parser.add_argument("--json", metavar="FILE", type=Path)
    parser.add_argument("--check", action="store_true", help="exit 1 where a target is missed")
    asked = parser.parse_args(arguments)
    if unknown := sorted(set(asked.names) - set(names())):
        raise Stop(f"No benchmark is called {unknown[0]}; there are: {', '.join(names())}")
    rows: list[dict] = []
    failed: list[str] = []
    for name in asked.names or names():
        print(f"  … {name}", file=sys.stderr, flush=True)
        found = run_apart(name)
        rows += found or []
        failed += [name] if found is None else []
    print(table(rows))
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    if failed:
        print(f"  ✗ failed: {', '.join(failed)}", file=sys.stderr)
    missed = asked.check and any(row["ok"] is False for row in rows)
    return 1 if failed or missed else 0


def run_apart(name: str) -> list[dict] | None:
    """The rows of one benchmark run in a process of its own, or None if it failed."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "rows.json"
        code = f"from ioc.ops.bench import run_one, Path; run_one({name!r}, Path({str(result)!r}))"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
        return json.loads(result.read_text()) if done.returncode == 0 else None
