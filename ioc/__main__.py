"""`python3 -m ioc <command>`: prepare what is missing, then hand over to the installed code.

The only file that runs before anything is installed, so it uses the standard library alone.
"""

from __future__ import annotations  # so that an old Python gets as far as our own words

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from subprocess import DEVNULL

ROOT = Path(__file__).resolve().parent.parent
VENV, PYTHON = ROOT / ".venv", ROOT / ".venv/bin/python"
LOGS, LOCKS = ROOT / "var/log", ROOT / "ioc/ops/locks"
STAMP = VENV / "ioc-stamp.json"
OLDEST_PYTHON, OLDEST_POSTGRES = (3, 11), 15
TORCH = ("torch==2.13.0", "torchvision==0.28.0")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SERVERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
FREE_GB = 4  # what packages, front end and a young database take, with room to breathe


class Stop(Exception):
    """What happened and what to do, in words for the person at the terminal."""


class Progress:
    """One live line on a terminal; a plain line at the start and end of each step elsewhere."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self.running: dict[str, float] = {}
        self.lock = threading.Lock()

    def say(self, line: str) -> None:
        with self.lock:
            print(("\r\x1b[K" if self.live else "") + line, file=sys.stderr, flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = self.running[name] = time.monotonic()
        if not self.live:
            self.say(f"  … {name}")
        mark = "✗"
        try:
            yield
            mark = "✓"
        finally:
            del self.running[name]
            self.say(f"  {mark} {name} ({time.monotonic() - begun:.1f} s)")

    def draw(self) -> None:
        now, running = time.monotonic(), list(self.running.items())
        if self.live and running:
            line = "  … " + " · ".join(f"{name} {now - since:.0f} s" for name, since in running)
            with self.lock:
                width = shutil.get_terminal_size().columns - 1
                print("\r\x1b[K" + line[:width], end="", file=sys.stderr, flush=True)


progress = Progress()


def run(log: str, *argv: str | Path, hint: str, cwd: Path = ROOT) -> None:
    """Run a command with its output in var/log/LOG.log. Raises: Stop with the log's last lines."""
    path = LOGS / f"{log}.log"
    env = {**os.environ, "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    with path.open("ab") as out:
        out.write(f"\n$ {' '.join(map(str, argv))}\n".encode())
        out.flush()
        try:
            code = subprocess.call(argv, stdin=DEVNULL, stdout=out, stderr=out, cwd=cwd, env=env)
        except OSError as error:
            raise Stop(f"{argv[0]} could not be run ({error.strerror}). {hint}") from None
    if code:
        tail = path.read_text(errors="replace").strip().splitlines()[-5:]
        said = "".join(f"\n      {line[:200]}" for line in tail)
        raise Stop(f"{Path(argv[0]).name} ended with code {code}. {hint}{said}\n    More: {path}")


def digest(*paths: Path) -> str:
    """A hash over names and contents."""
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()


class Stamps:
    """What was done, and for which contents; doing it again is skipped."""

    def __init__(self, path: Path) -> None:
        self.path, self.lock = path, threading.Lock()

    def read(self) -> dict[str, str]:
        try:
            return json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}

    def once(self, step: str, key: str, work: Callable[[], None]) -> None:
        if self.read().get(step) == key:
            return
        with progress.step(step):
            work()
        with self.lock:
            self.path.write_text(json.dumps({**self.read(), step: key}, indent=1))


stamps = Stamps(STAMP)


# ---- Python packages -------------------------------------------------------------------------
def make_venv() -> None:
    """A .venv that works; a half-made or broken one is made again."""
    if STAMP.exists() and PYTHON.exists():
        return
    with progress.step("Python environment"):
        try:
            import ensurepip  # noqa: F401  (Debian and Ubuntu split it off)
        except ImportError:
            apt_install(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
        shutil.rmtree(VENV, ignore_errors=True)
        run("venv", sys.executable, "-m", "venv", VENV, hint="Is the folder writable?")
        STAMP.write_text("{}")


def pip(log: str, *args: str | Path) -> None:
    """Install without compiling: Python does that on first use, and only for what is used."""
    hint = "Is the package index reachable? pip's own settings (pip.conf, PIP_*) are honoured."
    quiet = ("--no-compile", "--progress-bar=off", "--disable-pip-version-check")
    run(log, PYTHON, "-m", "pip", "install", *quiet, *args, hint=hint)


def install_lock(name: str) -> None:
    lock = LOCKS / f"{name}.txt"
    work = partial(pip, f"pip-{name}", "--no-deps", "-r", lock)
    stamps.once(f"Python packages ({name})", digest(lock), work)


def install_torch() -> None:
    """The wheel alone, beside the other packages; its platform's own needs come in settle_torch."""
    stamps.once("PyTorch", " ".join(TORCH), partial(pip, "pip-torch", "--no-deps", *TORCH))


def settle_torch() -> None:
    # CPU and CUDA builds need different packages, so pip decides, held to the lock for the rest.
    work = partial(pip, "pip-torch", "-c", LOCKS / "main.txt", *TORCH)
    stamps.once("PyTorch's own needs", " ".join(TORCH), work)


# ---- front end and translations --------------------------------------------------------------
def frontend_sources() -> list[Path]:
    skip, found = {"node_modules", "dist", "__pycache__"}, []
    for folder, folders, files in os.walk(ROOT / "frontend"):
        folders[:] = [name for name in folders if name not in skip]
        found += [Path(folder, name) for name in files if not name.endswith((".py", ".pyc"))]
    return found


def build_frontend() -> None:
    here = ROOT / "frontend"
    lock, npm = here / "package-lock.json", PYTHON.parent / "npm"
    if not lock.exists():
        raise Stop(
            "frontend/package-lock.json is missing, so the clone is not complete: git status"
        )
    install_lock("node")
    reach = "Is the npm registry reachable? npm's own settings (.npmrc, npm_config_*) are honoured."
    fetch = partial(run, "npm", npm, "ci", "--no-audit", "--no-fund", cwd=here, hint=reach)
    build = partial(run, "npm", npm, "run", "build", cwd=here, hint="The front end does not build.")
    Stamps(here / "node_modules/.installed").once("front end packages", digest(lock), fetch)
    Stamps(here / "dist/.built").once("front end", digest(*frontend_sources()), build)


def compile_translations() -> None:
    sources = [
        path for path in ROOT.glob("**/locale/*/LC_MESSAGES/*.po") if VENV not in path.parents
    ]
    if all(_newer(path.with_suffix(".mo"), path) for path in sources):
        return
    with progress.step("translations"):
        hint = "A .po file has a mistake."
        run("babel", PYTHON, "-m", "ioc.ops.translations", *sources, hint=hint)


def _newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


# ---- system packages -------------------------------------------------------------------------
def rights() -> list[str] | None:
    """How to run a command as root: [] as root, a sudo prefix, or None when there is no way."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if subprocess.call(["sudo", "-n", "true"], stdout=DEVNULL, stderr=DEVNULL) == 0:
        return ["sudo", "-n"]
    if sys.stdin.isatty() and subprocess.call(["sudo", "-v"]) == 0:
        return ["sudo", "-n"]
    return None


apt_lock = threading.Lock()


def apt_install(*packages: str) -> None:
    """Install Debian or Ubuntu packages. Raises: Stop naming them when that is not possible."""
    by_hand = f"Install {' '.join(packages)} and start again"
    if not shutil.which("apt-get"):
        raise Stop(f"{by_hand} (this is not Debian or Ubuntu, so it is left to you).")
    prefix = rights()
    command = f"sudo apt-get install {' '.join(packages)}"
    if prefix is None:
        raise Stop(f"System packages are missing, and installing takes root. Run: {command}")
    apt = (*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qy")
    options = ("-o", "DPkg::Lock::Timeout=300", "--no-install-recommends")
    with apt_lock:
        try:
            run("apt", *apt, "install", *options, *packages, hint="")
        except Stop:
            run("apt", *apt, "update", hint="Are the package mirrors reachable?")
            run("apt", *apt, "install", *options, *packages, hint=f"Run by hand: {command}")


def has_postgis(folder: Path) -> bool:
    """Whether this folder holds the programs of a PostgreSQL that is new enough, with PostGIS."""
    asked = [folder / "pg_config", "--version", "--sharedir"]
    try:
        version, share = subprocess.check_output(asked, text=True, stderr=DEVNULL).splitlines()
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False
    major = re.search(r"\d+", version)
    new = major is not None and int(major[0]) >= OLDEST_POSTGRES
    return new and Path(share, "extension/postgis.control").exists()


def find_postgres() -> Path | None:
    """The program folder of the newest PostgreSQL with PostGIS, or None."""
    found = [path for pattern in SERVERS for path in Path("/").glob(pattern[1:])]
    found.sort(key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))], reverse=True)
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    return next((path for path in found if (path / "initdb").exists() and has_postgis(path)), None)


def offered_postgis() -> list[int]:
    """The PostgreSQL versions for which the system's packages bring PostGIS."""
    pattern = "^postgresql-[0-9]+-postgis-3$"
    try:
        found = subprocess.run(
            ["apt-cache", "search", "--names-only", pattern], text=True, capture_output=True
        ).stdout
    except OSError:
        return []
    return [int(number) for number in re.findall(r"^postgresql-(\d+)-postgis-3\b", found, re.M)]


def ensure_postgres() -> None:
    if os.environ.get("DATABASE_URL") or find_postgres():
        return
    with progress.step("PostgreSQL with PostGIS"):
        versions = offered_postgis()
        if shutil.which("apt-get") and not versions and (prefix := rights()) is not None:
            run("apt", *prefix, "apt-get", "-qy", "update", hint="Are the mirrors reachable?")
            versions = offered_postgis()
        version = max(versions, default=OLDEST_POSTGRES)
        apt_install(f"postgresql-{version}", f"postgresql-{version}-postgis-3")
        if not find_postgres():
            raise Stop(
                f"PostgreSQL {OLDEST_POSTGRES} or newer with PostGIS 3 is needed and not found. "
                "Install both, or set DATABASE_URL to a database that has PostGIS."
            )


def ensure_chromium() -> None:
    if not any(map(shutil.which, CHROMIUMS)):
        with progress.step("Chromium for the browser tests"):
            apt_install("chromium")


# ---- all of it -------------------------------------------------------------------------------
def together(*lines: tuple[Callable[[], None], ...]) -> None:
    """Run the lines side by side, each line's steps in order. Raises: the first Stop."""

    def follow(line: tuple[Callable[[], None], ...]) -> None:
        for work in line:
            work()

    with ThreadPoolExecutor(len(lines)) as pool:
        open_lines = {pool.submit(follow, line) for line in lines}
        failed: list[BaseException] = []
        while open_lines:
            done, open_lines = wait(open_lines, timeout=0.25)
            failed += [error for line in done if (error := line.exception())]
            progress.draw()
    if failed:
        raise failed[0]


def prepare(command: str) -> None:
    """Everything that the command needs, installed or built, or a Stop that says what is wrong."""
    try:
        LOGS.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(ROOT).free / 1e9
    except OSError as error:
        raise Stop(
            f"{LOGS} cannot be made: {error.strerror}. Use a clone you may write to."
        ) from None
    if not STAMP.exists() and free < FREE_GB:
        raise Stop(
            f"Only {free:.1f} GB are free where this clone lies; installing takes {FREE_GB} GB."
        )
    make_venv()
    system: list[Callable[[], None]] = [ensure_postgres]
    python = [partial(install_lock, "main")]
    if command == "test":
        system.append(ensure_chromium)
        python.append(partial(install_lock, "test"))
    together((build_frontend,), (install_torch,), tuple(python), tuple(system))
    together((settle_torch,), (compile_translations,))


def read_env_file() -> None:
    """Take settings from .env beside the project, under what the environment says."""
    try:
        lines = (ROOT / ".env").read_text().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def keep_bytecode() -> None:
    """Let what is started compile its code once, in var/ where none may lie beside sources.

    Packages are installed uncompiled: else each of the processes compiles them anew, 5 s apiece.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / "var/bytecode"))


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: python3.11 -m ioc"
        )
    read_env_file()
    own = os.environ.get("IOC_INSTALL", "yes") != "no"
    try:
        if own and command not in {"down", "status", "help", "-h", "--help"}:
            prepare(command)
        elif own and not STAMP.exists():
            raise Stop("Nothing is installed in this clone yet. Start with: python3 -m ioc up")
    except Stop as stop:
        progress.say(f"  ✗ {stop}")
        sys.exit(1)
    except KeyboardInterrupt:
        progress.say("  Interrupted. Start again and it goes on where it stopped.")
        sys.exit(130)
    if own:
        keep_bytecode()
    python = str(PYTHON) if own else sys.executable
    path = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{ROOT}{os.pathsep}{path}" if path else str(ROOT)
    os.execv(python, [python, "-m", "ioc.ops", *sys.argv[1:]])


if __name__ == "__main__":
    main()
