"""`up`: one process that prepares the installation, watches its parts and takes them down."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from ioc.ops import processes
from ioc.ops.child import Child, spawn_command
from ioc.ops.cluster import NEEDED_MB, Cluster, free_mb, full_disk
from ioc.ops.environment import environment
from ioc.ops.errors import Stop
from ioc.ops.parts import Part, chosen, parts
from ioc.ops.paths import LOGS, ROOT, VAR, private_text

TICK_S = 0.1
REPORT_EVERY_S = 1.0
TROUBLED = 3  # restarts after which a part is named
STATE = VAR / "up.json"
LOCK = VAR / "up.lock"


@dataclass(frozen=True)
class Options:
    """What `up` was asked for."""

    port: int = 8000
    host: str = "127.0.0.1"
    pack: str = ""
    demo: bool = True
    only: tuple[str, ...] = ()  # the parts to run here, all when empty


class Supervisor:
    """Runs the parts until it is told to stop; ``say`` shows a line to who started it."""

    def __init__(self, options: Options, say: Callable[[str], None]) -> None:
        self.options, self.say = options, say
        self.children: list[Child] = []
        self.stopping = False
        self.phase = "starting"
        self.began = time.monotonic()
        self.ready_after_s: float | None = None
        self.reported = 0.0
        self.lock: IO[str] | None = None

    # -- life --------------------------------------------------------------------------------
    def run(self) -> int:
        """Start everything, watch it, stop it. The exit code is 0 after an asked-for stop."""
        self._take_lock()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._asked_to_stop)
        try:
            self._end_leftovers()
            self._check()
            running, env = self._plan(self._database())
            self._start([part for part in running if part.early], env)
            self._prepare(env)
            self._start([part for part in running if not part.early], env)
            self._watch()
        except Stop as stop:
            self.phase = "failed"
            self.say(f"  ✗ {stop}")
            return 1
        finally:
            self._stop_all()
            STATE.unlink(missing_ok=True)
        return 0

    def _asked_to_stop(self, *_: Any) -> None:
        if self.stopping:  # a second Ctrl-C does not wait
            for child in self.children:
                child.kill()
        self.stopping = True

    def _take_lock(self) -> None:
        VAR.mkdir(parents=True, exist_ok=True)
        self.lock = LOCK.open("a+")
        for _ in range(10):  # `status` looks at the lock by taking it for an instant
            with suppress(OSError):
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(0.05)
        else:
            raise already_up()
        self.lock.seek(0)
        self.lock.truncate()
        self.lock.write(f"{os.getpid()}\n")
        self.lock.flush()

    def _end_leftovers(self) -> None:
        """End what a killed supervisor left; a start time tells its processes from later ones."""
        for child in read_state().get("children", []):
            pid = child.get("pid")
            if pid and child.get("started") and processes.started_at(pid) == child["started"]:
                if child["name"] == "postgres":
                    continue  # a running database is taken over, not ended
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)

    def _check(self) -> None:
        self._chosen("")  # a wrong name is said before anything starts
        if free_mb(VAR) < NEEDED_MB:
            raise full_disk(VAR)
        if not 1 <= self.options.port <= 65535:
            raise Stop(f"{self.options.port} is no port: give one from 1 to 65535.")
        family = socket.AF_INET6 if ":" in self.options.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.options.host, self.options.port))
            except OSError as error:
                port = self.options.port
                raise Stop(
                    f"Port {port} cannot be used ({(error.strerror or '').lower()}). Stop what "
                    f"uses it, or choose another: python3 -m ioc up --port {port + 1}"
                ) from None

    # -- starting ----------------------------------------------------------------------------
    def _database(self) -> dict[str, str]:
        """Start our own database unless another is named; the environment of every part."""
        if os.environ.get("DATABASE_URL"):
            return environment(os.environ["DATABASE_URL"])
        self._step("database")
        cluster = Cluster()
        cluster.prepare()
        database = Child("postgres", cluster.spawn, LOGS / "postgres.log", grace_s=30)
        self.children.append(database)
        give_up = time.monotonic() + 60
        while not cluster.answers():
            self._pulse()
            if time.monotonic() > give_up:
                raise Stop(f"The database did not start within a minute: see {LOGS}/postgres.log")
        return environment(cluster.url())

    def _prepare(self, env: dict[str, str]) -> None:
        """Bring the database up to date, showing what ``ioc.ops.prepare`` says it does."""
        command = [sys.executable, "-m", "ioc.ops.prepare"]
        command += ["--pack", self.options.pack] if self.options.pack else []
        command += ["--demo"] if self.options.demo else []
        with (LOGS / "prepare.log").open("ab") as log:
            work = subprocess.Popen(
                command, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=log, text=True, start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),
            )  # fmt: skip
            lines: SimpleQueue[str] = SimpleQueue()
            Thread(target=lambda: [lines.put(line) for line in work.stdout or ()]).start()
            last = ""
            while work.poll() is None:
                while not lines.empty():
                    last = lines.get().strip()
                    self._step(last)
                try:
                    self._pulse()
                except Stop:
                    work.terminate()
                    raise
        if work.returncode:
            raise Stop(f"{last or 'Preparing'} failed: {last_line(LOGS / 'prepare.log')}")

    def _plan(self, env: dict[str, str]) -> tuple[list[Part], dict[str, str]]:
        """The parts that run here, and what they are told of each other."""
        if "IOC_AIS_UDP" not in os.environ:
            env["IOC_AIS_UDP"] = self._ais_address(env["IOC_AIS_UDP"])
        running = self._chosen(env["IOC_AIS_UDP"])
        expected = ",".join(beat for part in running for beat in part.beats)
        env = {
            "IOC_BASE_URL": self.url,
            **env,
            "IOC_PARTS": os.environ.get("IOC_PARTS") or expected,
        }
        return running, env

    def _start(self, running: list[Part], env: dict[str, str]) -> None:
        if running:
            self._step("parts: " + ", ".join(part.name for part in running))
            self.children += [self._child(part, env) for part in running]

    def _ais_address(self, usual: str) -> str:
        """The usual address, or one with a free port where another clone has it."""
        host, port = usual.rsplit(":", 1)
        with socket.socket(type=socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((host, int(port)))
            except OSError:
                probe.bind((host, 0))
                self.say(f"  ! UDP {usual} is taken: AIS comes in on port {probe.getsockname()[1]}")
            return f"{host}:{probe.getsockname()[1]}"

    def _chosen(self, ais_udp: str) -> list[Part]:
        options = self.options
        every = parts(port=options.port, host=options.host, ais_udp=ais_udp)
        return chosen(every, demo=options.demo, only=options.only)

    def _child(self, part: Part, env: dict[str, str]) -> Child:
        spawn = spawn_command(part.argv, {**part.env, **env}, ROOT)
        return Child(part.name, spawn, LOGS / f"{part.name}.log", part.grace_s)

    def _step(self, name: str) -> None:
        self.phase = name
        self.say(f"  [{time.monotonic() - self.began:5.1f} s] {name}")
        self._report()

    # -- watching ----------------------------------------------------------------------------
    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.options.host, self.options.host)
        return f"http://{host}:{self.options.port}"

    def _pulse(self) -> None:
        """One turn of the watch. Raises: Stop once a stop was asked for."""
        for child in self.children:
            child.tick()
        if time.monotonic() - self.reported > REPORT_EVERY_S:
            self._report()
        if self.stopping:
            raise Stop("Stopped before it was ready.")
        time.sleep(TICK_S)

    def _watch(self) -> None:
        asked, complained = 0.0, set()
        with suppress(Stop):
            while True:
                self._pulse()
                for child in self.children:
                    if child.restarts >= TROUBLED and child.name not in complained:
                        complained.add(child.name)
                        self.say(f"  ! {child.name} keeps ending: {last_line(child.log.path)}")
                if self.ready_after_s is None and time.monotonic() - asked > 0.3:
                    asked = time.monotonic()
                    if ready(self.url)[0]:
                        self.ready_after_s = time.monotonic() - self.began
                        self.phase = "ready"
                        self._report()
                        self.say(f"  [{self.ready_after_s:5.1f} s] ready: {self.url}/")

    def _report(self) -> None:
        self.reported = time.monotonic()
        state = {
            "pid": os.getpid(),
            "url": self.url,
            "phase": self.phase,
            "up_s": round(time.monotonic() - self.began, 1),
            "ready_after_s": self.ready_after_s,
            "children": [child.report() for child in self.children],
        }
        with suppress(OSError):  # a full disk stops the report, not the platform
            private_text(STATE, json.dumps(state, indent=1))

    # -- stopping ----------------------------------------------------------------------------
    def _stop_all(self) -> None:
        """Parts first and together, the database last, so that nobody loses it at work."""
        database = [child for child in self.children if child.name == "postgres"]
        self._stop([child for child in self.children if child not in database], signal.SIGTERM)
        self._stop(database, signal.SIGINT)

    def _stop(self, children: list[Child], sign: signal.Signals) -> None:
        began = time.monotonic()
        for child in children:
            child.signal(sign)
        while left := [child for child in children if child.running]:
            for child in left:
                if time.monotonic() - began > child.grace_s:
                    child.kill()
            time.sleep(0.05)
        for child in children:
            child.kill()


def already_up() -> Stop:
    """The line for a second `up` beside the first."""
    state = read_state()
    return Stop(
        f"It is up already (process {state.get('pid', '?')}) at {state.get('url', '?')}. To see "
        "how it does: python3 -m ioc status; to stop it: python3 -m ioc down"
    )


def read_state() -> dict[str, Any]:
    """What the running supervisor last reported, or {}."""
    try:
        return json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}


def supervisor_pid() -> int | None:
    """The process that holds the lock, or None when nothing is up."""
    try:
        with LOCK.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return int(file.read() or 0) or None
    except (OSError, ValueError):
        return None
    return None


def ready(url: str, timeout_s: float = 3) -> tuple[bool, dict[str, Any]]:
    """Whether /readyz answers 200, and what it says of each part."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/readyz", timeout=timeout_s) as answer:
            return True, json.load(answer)
    except urllib.error.HTTPError as answer:
        with suppress(ValueError):
            return False, json.load(answer)
    except (OSError, ValueError):
        pass
    return False, {}


def last_line(path: Path) -> str:
    with suppress(OSError, IndexError):
        return path.read_text(errors="replace").strip().splitlines()[-1][:300] + f" ({path})"
    return f"see {path}"
