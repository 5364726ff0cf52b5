"""`up`, `status` and `down` on a real installation, and what happens when its parts are killed."""

import json
import os
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from ioc.ops.processes import alive
from tests.ops.installation import Installation, free_port, wait_for


def answers(installation: Installation) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{installation.port}/readyz", timeout=10):
            return True
    except OSError:
        return False


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def test_it_is_ready_when_detach_returns(running: Installation) -> None:
    wait_for(lambda: answers(running))
    status = running.status()
    assert status["ready"]
    assert {child["name"] for child in status["children"]} >= {"postgres", "web", "worker"}
    assert all(child["state"] == "running" for child in status["children"])
    assert status["readyz"]["parts"]["worker"]["ok"]


def test_secrets_are_private(running: Installation) -> None:
    for name in ("secret-key", "pg/cluster.json"):
        assert (running.var / name).stat().st_mode & 0o077 == 0


def test_a_second_up_is_one_clear_line(running: Installation) -> None:
    for arguments in (["up"], ["up", "--detach"]):
        done = running.ioc(*arguments, "--port", str(free_port()))
        assert done.returncode == 1
        assert len(lines(done.stderr)) == 1
        assert "up already" in done.stderr and f":{running.port}" in done.stderr
    wait_for(lambda: answers(running))


def test_the_doctor_examines_a_running_installation(running: Installation) -> None:
    found = {each["what"]: each for each in json.loads(running.ioc("doctor", "--json").stdout)}
    for what in ("database", "postgres", "web", "worker", "var/secret-key", "/readyz"):
        assert found[what]["ok"], found[what]
    assert all(each["ok"] or each["mend"] for each in found.values())


def test_a_killed_worker_comes_back(running: Installation) -> None:
    before = running.child("worker")["pid"]
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: running.child("worker").get("pid") not in {None, before})
    assert wait_for(lambda: running.child("worker")["restarts"]) == 1


def test_a_killed_database_comes_back(running: Installation) -> None:
    before = running.child("postgres")["pid"]
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: running.child("postgres").get("pid") not in {None, before})
    wait_for(lambda: answers(running), within_s=30)


def test_killed_with_its_database_it_leaves_nothing_and_starts_again(running: Installation) -> None:
    pids = running.pids()
    assert len(pids) > 10
    for pid in (running.child("postgres")["pid"], pids[0]):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not any(map(alive, pids)), within_s=30)
    assert running.ioc("status").returncode == 3
    done = running.up()
    assert done.returncode == 0, done.stderr
    wait_for(lambda: answers(running))


def test_django_commands_pass_through(running: Installation) -> None:
    done = running.ioc("migrate", "--check")
    assert done.returncode == 0, done.stderr


def test_down_leaves_nothing(running: Installation) -> None:
    pids = running.pids()
    done = running.ioc("down")
    assert done.returncode == 0 and "Stopped" in done.stderr
    wait_for(lambda: not any(map(alive, pids)), within_s=5)
    assert running.ioc("down").returncode == 0
    assert running.ioc("status", "--json").returncode == 3


def test_a_taken_port_is_one_clear_line(installation: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for more in ([], ["--detach"]):
            done = installation.ioc("up", "--port", str(port), *more)
            assert done.returncode == 1
            assert len(lines(done.stderr)) == 1
            assert f"Port {port}" in done.stderr and f"--port {port + 1}" in done.stderr


@pytest.mark.parametrize("port", ["0", "70000", "-1"])
def test_a_number_that_is_no_port(installation: Installation, port: str) -> None:
    done = installation.ioc("up", "--port", port)
    assert done.returncode == 1
    assert len(lines(done.stderr)) == 1 and "1 to 65535" in done.stderr


def test_an_unknown_part_is_one_clear_line(installation: Installation) -> None:
    done = installation.ioc("up", "--parts", "web,nonesuch", "--port", str(free_port()))
    assert done.returncode == 1
    assert len(lines(done.stderr)) == 1 and "nonesuch" in done.stderr and "worker" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no mounting here")
    try:
        done = Installation(tmp_path, free_port()).ioc("up", "--port", str(free_port()))
        assert done.returncode == 1
        assert len(lines(done.stderr)) == 1 and "disk is full" in done.stderr
        assert not (tmp_path / "pg").exists()
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)
