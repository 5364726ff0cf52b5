"""The private cluster: made, locked by a dead server, out of room, and out of its user's reach."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ioc.ops import cluster as cluster_module
from ioc.ops.cluster import Cluster
from ioc.ops.errors import Stop
from tests.ops.installation import wait_for


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that everyone may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="ioc-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def cluster(place: Path) -> Iterator[Cluster]:
    """One that is not made yet."""
    new = Cluster(place / "var/pg", durable=False)
    yield new
    new.remove()


@pytest.fixture(scope="module")
def kept() -> Iterator[Cluster]:
    """One that is made; each test leaves it stopped and whole."""
    with open_folder() as folder:
        made = Cluster(folder / "var/pg", durable=False)
        made.prepare()
        yield made
        made.remove()


@pytest.fixture
def made(kept: Cluster) -> Iterator[Cluster]:
    yield kept
    assert kept.running() is None
    kept.durable = False
    kept.prepare()


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as session:
        row = session.execute(question).fetchone()
        assert row is not None
        return row[0]


def test_it_is_private_and_plain(cluster: Cluster) -> None:
    cluster.prepare()
    with cluster.started() as url:
        assert ask(url, "SELECT postgis_lib_version()")
        assert not ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert ask(url, "SELECT current_setting('listen_addresses')") == "127.0.0.1"
        assert ask(url, "SELECT current_setting('jit')") == "off"
        port = cluster.facts["port"]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://ioc:wrong@127.0.0.1:{port}/ioc")
    assert (cluster.here / "cluster.json").stat().st_mode & 0o077 == 0
    assert Path(cluster.facts["sockets"]).stat().st_mode & 0o077 == 0
    assert cluster.running() is None


def test_killed_and_started_again(made: Cluster) -> None:
    made.durable = True
    made.prepare()
    assert made.data.is_relative_to(made.here)
    with made.started() as url:
        with psycopg.connect(url) as session:
            session.execute("CREATE TABLE kept AS SELECT 1 AS n")
        pid = made.running()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    assert (made.data / "postmaster.pid").exists()
    with made.started() as url:
        assert ask(url, "SELECT n FROM kept") == 1


def test_locks_that_name_a_living_stranger(made: Cluster) -> None:
    made.prepare()
    with subprocess.Popen(["sleep", "60"], cwd="/", **made.owner.switch) as stranger:
        lock = made.data / "postmaster.pid"
        lock.write_text(f"{stranger.pid}\n{made.data}\n")
        socket_lock = Path(made.facts["sockets"]) / f".s.PGSQL.{made.facts['port']}.lock"
        socket_lock.write_text(f"{stranger.pid}\n")
        with made.started() as url:
            assert ask(url, "SELECT 1") == 1
        stranger.kill()


def test_its_port_is_remembered_and_left_to_who_took_it(made: Cluster) -> None:
    made.prepare()
    before = made.facts["port"]
    made.prepare()
    assert made.facts["port"] == before
    with socket.socket() as other:
        # As servers do: connections that have just ended do not count.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", before))
        other.listen()
        made.prepare()
        assert made.facts["port"] != before
        with made.started() as url:
            assert ask(url, "SELECT 1") == 1


def test_a_lost_socket_folder_is_made_again(made: Cluster) -> None:
    made.prepare()
    Path(made.facts["sockets"]).rmdir()
    made.prepare()
    with made.started() as url:
        assert ask(url, "SELECT 1") == 1


def test_a_making_that_was_cut_short_is_begun_anew(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Cluster, "_furnish", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            cluster.prepare()
    assert cluster.running() is None
    cluster.prepare()
    with cluster.started() as url:
        assert ask(url, "SELECT postgis_lib_version()")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives the database another user")
def test_a_clone_where_the_database_user_may_not_enter(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "clone/var/pg", durable=False)
    try:
        cluster.prepare()
        assert cluster.data.is_relative_to("/var/lib")
        assert cluster.data.stat().st_uid != 0
        with cluster.started() as url:
            assert ask(url, "SELECT postgis_lib_version()")
    finally:
        cluster.remove()


def test_a_full_disk_is_one_clear_line(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "free_mb", lambda folder: 12.0)
    with pytest.raises(Stop, match="disk is full: 12 MB free.*start again") as told:
        cluster.prepare()
    assert "\n" not in str(told.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_really_full_disk(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = place / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", str(small)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("no mounting here")
    try:
        small.chmod(0o755)
        monkeypatch.setattr(cluster_module, "NEEDED_MB", 1)
        cluster = Cluster(small / "pg", durable=False)
        with pytest.raises(Stop, match="disk is full"):
            cluster.prepare()
        cluster.remove()
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_the_server_goes_with_its_starter(made: Cluster) -> None:
    made.prepare()
    code = (
        "import sys, time; from pathlib import Path; from ioc.ops.cluster import Cluster\n"
        f"with Cluster(Path({str(made.here)!r}), durable=False).started():\n"
        "    print('up', flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None and starter.stdout.readline() == "up\n"
    assert made.running()
    starter.kill()
    starter.wait()
    wait_for(lambda: made.running() is None, within_s=10)
