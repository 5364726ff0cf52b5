"""The installed half of `python3 -m ioc`: our own commands, and Django's for everything else."""

import argparse
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

from ioc.ops import bench, doctor, lifecycle, testing
from ioc.ops.cluster import Cluster
from ioc.ops.environment import environment
from ioc.ops.errors import Stop
from ioc.ops.supervisor import Options

HELP = """\
python3 -m ioc COMMAND

  up [--port 8000] [--detach] [--pack DIR] [--no-demo]
                          install what is missing, start everything, open the map
  down                    stop it
  status [--json]         what runs and how it progresses
  doctor                  what is wrong and how to mend it
  test [PYTEST ARGUMENTS] run the tests; -m slow runs the long ones
  bench [NAME …] [--json FILE] [--check]
                          measure against peers on the same input

Every Django command works the same way, for example: python3 -m ioc migrate --plan
"""


def up_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m ioc up")
    parser.add_argument("--port", type=int, default=8000, help="HTTP port (8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--detach", action="store_true", help="return once it is ready")
    parser.add_argument("--pack", default="", metavar="DIR", help="the city pack to show")
    parser.add_argument("--no-demo", action="store_true", help="without simulated data")
    parser.add_argument("--parts", default="", metavar="NAMES", help="only these, by commas")
    parser.add_argument("--no-browser", action="store_true", help="do not open the map")
    return parser


def up(arguments: list[str]) -> int:
    asked = up_parser().parse_args(arguments)
    pack = (
        str(Path(asked.pack).resolve()) if asked.pack and Path(asked.pack).exists() else asked.pack
    )
    only = tuple(filter(None, asked.parts.split(",")))
    options = Options(asked.port, asked.host, pack, not asked.no_demo, only)
    start = lifecycle.up_detached if asked.detach else lifecycle.up
    return start(options, arguments, browser=not asked.no_browser)


def django_command(arguments: list[str]) -> int:
    """Any Django command, against the private cluster unless DATABASE_URL names another."""
    address = os.environ.get("DATABASE_URL")
    cluster = Cluster()
    if not address:
        cluster.prepare()
    with nullcontext(address) if address else cluster.started() as url:
        assert url is not None
        command = [sys.executable, "-m", "django", *arguments]
        with lifecycle.signals_left_to_child():
            return subprocess.call(command, env=environment(url))


COMMANDS = {
    "up": up,
    "down": lifecycle.down,
    "status": lifecycle.status,
    "doctor": doctor.main,
    "test": testing.main,
    "bench": bench.main,
}


def main() -> int:
    name, *arguments = sys.argv[1:] or ["help"]
    if name in {"help", "-h", "--help"}:
        print(HELP)
        return 0
    try:
        if name in COMMANDS:
            return COMMANDS[name](arguments)
        return django_command([name, *arguments])
    except Stop as stop:
        print(f"  ✗ {stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
