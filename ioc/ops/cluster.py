"""The private PostGIS cluster: made on first use, one a clone, heard on loopback alone."""

import contextlib
import fcntl
import hashlib
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from ioc.__main__ import find_postgres
from ioc.ops import processes
from ioc.ops.errors import Stop
from ioc.ops.owner import Owner
from ioc.ops.paths import VAR, private_text

PORTS = range(15400, 16000)  # below the range from which systems lend ports to clients
START_WITHIN_S = 60
NEEDED_MB = 500
CONFIG = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = {shared_mb}MB
effective_cache_size = {cache_mb}MB
work_mem = 16MB
maintenance_work_mem = 256MB
random_page_cost = 1.1
effective_io_concurrency = 64
wal_compression = on
max_wal_size = 2GB
checkpoint_timeout = 15min
jit = off
timezone = 'UTC'
log_checkpoints = off
client_connection_check_interval = 10s
log_line_prefix = '%m [%p] '
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


class Cluster:
    """A cluster whose facts (data folder, port, password) live in HERE/cluster.json, mode 600.

    A throw-away one (``durable=False``) skips every flush to disk and is for tests.
    """

    def __init__(self, here: Path = VAR / "pg", durable: bool = True) -> None:
        self.here, self.durable = here, durable
        self.owner = Owner.of_database()

    # -- facts -------------------------------------------------------------------------------
    @property
    def facts(self) -> dict[str, Any]:
        try:
            return json.loads((self.here / "cluster.json").read_text())
        except FileNotFoundError:
            return {}

    def remember(self, **facts: Any) -> dict[str, Any]:
        facts = {**self.facts, **facts}
        private_text(self.here / "cluster.json", json.dumps(facts, indent=1))
        return facts

    @property
    def data(self) -> Path:
        return Path(self.facts["data"])

    def url(self, database: str = "ioc", role: str = "ioc") -> str:
        """Address of a database as the application's role, or as ``postgres`` for upkeep."""
        facts = self.facts
        return f"postgresql://{role}:{facts[role]}@127.0.0.1:{facts['port']}/{database}"

    def program(self, name: str) -> str:
        folder = find_postgres()
        if folder is None:
            raise Stop("PostgreSQL with PostGIS is not installed. Run: python3 -m ioc doctor")
        return str(folder / name)

    # -- making ------------------------------------------------------------------------------
    def prepare(self) -> None:
        """Make the cluster unless it stands; choose another port if its own is taken."""
        self.here.mkdir(parents=True, exist_ok=True)
        if not self.facts.get("made"):
            self._place()
            self._initdb()
        self._check_version()
        facts = self.facts
        sockets = Path(facts["sockets"])
        if not sockets.exists():  # a system may empty its folder of temporary files
            self.owner.own_folder(sockets)
        if self.running() is None and not port_is_free(facts["port"]):
            facts = self.remember(port=choose_port())
        self._write_config(facts)

    def _place(self) -> None:
        key = hashlib.sha256(str(self.here.resolve()).encode()).hexdigest()[:10]
        data = self.here / "data"
        if not self.owner.may_enter(self.here):
            data = Path("/var/lib") / f"ioc-{key}" / "data"
        shutil.rmtree(data, ignore_errors=True)  # of an attempt that was cut short
        data.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if free_mb(data.parent) < NEEDED_MB:
            raise full_disk(data.parent)
        self.owner.own_folder(data)
        sockets = Path("/tmp") / f"ioc-{key}"  # short: a socket's path has 107 characters
        if sockets.exists() and (sockets.is_symlink() or sockets.stat().st_uid != self.owner.uid):
            sockets = sockets.with_name(f"ioc-{secrets.token_hex(6)}")
        self.owner.own_folder(sockets)
        self.remember(
            data=str(data), sockets=str(sockets), port=choose_port(),
            ioc=secrets.token_urlsafe(24), postgres=secrets.token_urlsafe(24),
        )  # fmt: skip

    def _initdb(self) -> None:
        facts = self.facts
        password = Path(facts["sockets"]) / "password"
        private_text(password, facts["postgres"])
        os.chown(password, self.owner.uid, self.owner.gid)
        options = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        options += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        made = subprocess.run(
            [self.program("initdb"), "-D", facts["data"], *options],
            cwd="/", text=True, capture_output=True, check=False, **self.owner.switch,
        )  # fmt: skip
        password.unlink()
        if made.returncode:
            if "No space left" in made.stderr:
                raise full_disk(self.data)
            raise Stop(f"The database could not be made: {made.stderr.strip().splitlines()[-1]}")
        with (self.data / "postgresql.conf").open("a") as config:
            config.write("include_if_exists = 'ioc.conf'\n")
        self._write_config(facts)
        with self.started():
            self._furnish()
        self.remember(made=True)

    def _furnish(self) -> None:
        """PostGIS in the template, so that the application's role needs no superuser's rights."""
        with psycopg.connect(self.url("template1", "postgres"), autocommit=True) as upkeep:
            upkeep.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            upkeep.execute(
                sql.SQL("CREATE ROLE ioc LOGIN CREATEDB PASSWORD {}").format(self.facts["ioc"])
            )
            upkeep.execute("ALTER TABLE spatial_ref_sys OWNER TO ioc")
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as upkeep:
            upkeep.execute("CREATE DATABASE ioc OWNER ioc")

    def _check_version(self) -> None:
        try:
            made_by = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise Stop(
                f"The database is not at {self.data} any more. Put it back, or move "
                f"{self.here} away to begin anew."
            ) from None
        folder = subprocess.check_output([self.program("postgres"), "--version"], text=True)
        found = folder.split()[2].split(".")[0]
        if made_by != found:
            raise Stop(
                f"The database in {self.data} was made by PostgreSQL {made_by}, and {found} is "
                f"installed. Install postgresql-{made_by}-postgis-3, or move var/pg away to begin "
                "anew."
            )

    def _write_config(self, facts: dict[str, Any]) -> None:
        total_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        text = CONFIG.format(
            port=facts["port"],
            sockets=facts["sockets"],
            shared_mb=min(1024, max(128, total_mb // 8)),
            cache_mb=max(256, total_mb // 2),
            durable="on" if self.durable else "off",
        )
        path = self.data / "ioc.conf"
        path.write_text(text)
        os.chown(path, self.owner.uid, self.owner.gid)

    # -- running -----------------------------------------------------------------------------
    def running(self) -> int | None:
        """The postmaster's process id, or None. A number that someone else now has is no sign."""
        with contextlib.suppress(KeyError, OSError, ValueError):
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            if Path(f"/proc/{pid}").exists():
                here = Path(f"/proc/{pid}/cwd").resolve()
                return pid if here == self.data.resolve() and processes.alive(pid) else None
            return pid if processes.alive(pid) else None
        return None

    def clear_stale_locks(self) -> None:
        """Remove the lock files that a killed server left, which the next one would trip over."""
        facts = self.facts
        socket_path = Path(facts["sockets"]) / f".s.PGSQL.{facts['port']}"
        for path in (self.data / "postmaster.pid", socket_path, Path(f"{socket_path}.lock")):
            path.unlink(missing_ok=True)

    def spawn(self, output: int | IO[bytes]) -> subprocess.Popen[bytes] | processes.Adopted:
        """The server as a child of this process, or the one that is running already."""
        if (pid := self.running()) is not None:
            return processes.Adopted(pid)
        self.clear_stale_locks()
        command = [self.program("postgres"), "-D", str(self.data)]
        die = processes.die_with_parent(signal.SIGINT)
        return subprocess.Popen(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True, preexec_fn=die, **self.owner.switch,
        )  # fmt: skip

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self, output: int | IO[bytes]) -> subprocess.Popen[bytes] | processes.Adopted:
        """A server that answers. Retried, for what a crash left behind may hold on for a while."""
        give_up, pause = time.monotonic() + START_WITHIN_S, 0.25
        server = self.spawn(output)
        while not self.answers():
            if time.monotonic() > give_up:
                stop(server)
                raise Stop(f"The database did not start in {START_WITHIN_S} s: see {VAR}/log.")
            time.sleep(0.05)
            if server.poll() is not None:
                if free_mb(self.data) < 50:
                    raise full_disk(self.data)
                time.sleep(pause)
                pause = min(pause * 2, 4)
                server = self.spawn(output)
        return server

    @contextlib.contextmanager
    def started(self) -> Iterator[str]:
        """The cluster's address while the block runs; stopped after it if it was started for it."""
        log = self.here / "server.log"
        with log.open("ab") as output, held(self.here / "lock"):
            server = self.start(output)
        try:
            yield self.url()
        finally:
            if isinstance(server, subprocess.Popen):
                stop(server)

    def remove(self) -> None:
        """Delete a cluster made for a test, wherever it lies."""
        facts = self.facts
        data = Path(facts["data"]).parent if "data" in facts else self.here
        for folder in (data, Path(facts.get("sockets", self.here)), self.here):
            shutil.rmtree(folder, ignore_errors=True)


def stop(server: subprocess.Popen[bytes] | processes.Adopted) -> None:
    """Stop a server at once but cleanly (``fast``), and by force after half a minute."""
    for sign, patience_s in ((signal.SIGINT, 30), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            server.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(patience_s)
            return


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file lock, waiting for whoever has it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port() -> int:
    """A free loopback port, drawn by lot so that two clones seldom meet."""
    for port in random.sample(PORTS, len(PORTS)):
        if port_is_free(port):
            return port
    raise Stop(f"No loopback port between {PORTS.start} and {PORTS.stop} is free.")


def free_mb(folder: Path) -> float:
    return shutil.disk_usage(folder).free / 1e6


def full_disk(folder: Path) -> Stop:
    return Stop(
        f"The disk is full: {free_mb(folder):.0f} MB free at {folder}, and {NEEDED_MB} MB are "
        "needed. Free some space and start again; nothing was lost."
    )
