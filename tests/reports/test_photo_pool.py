import gc
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geo.errors import Refused
from ioc.reports import jail, photo_pool, photo_worker, photos
from ioc.reports.photo_forker import Child, Forker
from tests.reports.factories import make_photo

SMALL = make_photo((64, 48))
ROOT = Path(__file__).resolve().parents[2]


def until(true: Callable[[], bool], seconds: float = 60) -> bool:
    ends_at = time.monotonic() + seconds
    while not true() and time.monotonic() < ends_at:
        time.sleep(0.01)
    return true()


def pool_pid() -> int:
    photos.clean(SMALL)
    assert photo_pool.pool.pid is not None
    return photo_pool.pool.pid


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def open_files(pid: int | str = "self") -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_a_pool_that_is_killed_costs_no_photo():
    first = pool_pid()
    os.kill(first, signal.SIGKILL)
    assert photos.clean(SMALL).width == 64
    assert photo_pool.pool.pid not in {None, first} and not alive(first)


def test_a_pool_killed_while_photos_are_drawn_costs_no_photo():
    large = make_photo((3000, 2000), "PNG")
    pid = pool_pid()
    with ThreadPoolExecutor(3) as threads:
        drawn = [threads.submit(photos.clean, large) for _ in range(3)]
        assert until(lambda: len(children(pid)) > 0)
        os.kill(pid, signal.SIGKILL)
        assert {photo.result().width for photo in drawn} == {2048}


def test_a_worker_that_is_killed_takes_only_its_own_photo():
    pid = pool_pid()
    large, others = make_photo((4000, 3000), "PNG"), set(children(pid))
    with ThreadPoolExecutor(1) as threads:
        lost = threads.submit(photos.clean, large)
        assert until(lambda: bool(set(children(pid)) - others))
        os.kill((set(children(pid)) - others).pop(), signal.SIGSEGV)
        with pytest.raises(Refused) as refused:
            lost.result()
    assert refused.value.code == "photo-broken"
    assert pool_pid() == pid


def test_plain_photos_share_a_worker_for_a_while_and_others_never():
    pid = pool_pid()
    assert until(lambda: len(children(pid)) == 1)
    (first,) = children(pid)
    assert photos.clean(SMALL).width == 64 and children(pid) == [first]
    assert photos.clean(make_photo((64, 48), "PNG")).width == 64
    assert until(lambda: children(pid) == [first])
    for _ in range(photo_worker.PHOTOS):
        photos.clean(SMALL)
    assert until(lambda: first not in children(pid))


def test_a_worker_at_rest_holds_its_line_and_no_other_file():
    pid = pool_pid()
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(photos.clean, [make_photo((1600, 1200))] * 12))
    assert until(lambda: len(children(pid)) > 1)
    resting = children(pid)[-1]  # forked while others had their lines
    assert until(lambda: open_files(resting) == 4)  # the three that all have, and one


def test_a_resting_worker_that_is_killed_costs_no_photo():
    pid = pool_pid()
    for worker in children(pid):
        os.kill(worker, signal.SIGKILL)
    assert photos.clean(SMALL).width == 64 and pool_pid() == pid


def test_a_plain_photo_outlives_a_worker_that_another_may_have_spoilt():
    pid = pool_pid()
    (worker,) = children(pid)
    os.kill(worker, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        drawn = threads.submit(photos.clean, SMALL)
        time.sleep(0.2)  # it lies with the worker that stands still
        os.kill(worker, signal.SIGKILL)
        assert drawn.result().width == 64
    assert pool_pid() == pid


def test_a_worker_that_says_twice_that_it_is_done_is_let_go():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = Child(0, time.monotonic() + 60, ours)
    forker = object.__new__(Forker)  # one that handles no signals of this process
    forker.children, forker.lines, forker.resting = {0: child}, {ours.fileno(): child}, []
    forker.poll = select.poll()
    forker.poll.register(ours)
    with theirs:
        theirs.send(b"1")
        forker.hear(child)
        assert forker.resting == [child]
        theirs.send(b"1")
        forker.hear(child)
        assert forker.resting == [] and child.line is None
        assert child.ends_at < time.monotonic() + 2 and theirs.recv(1) == b""


def test_a_pool_that_hangs_is_replaced(monkeypatch):
    pid = pool_pid()
    started = photo_pool._started

    def patient() -> object:
        """The next pool may take its time to start."""
        monkeypatch.setattr(photo_pool, "GRACE_S", 20)
        return started()

    monkeypatch.setattr(photos, "WALL_TIME_S", 1)
    monkeypatch.setattr(photo_pool, "GRACE_S", 0.2)
    monkeypatch.setattr(photo_pool, "_started", patient)
    os.kill(pid, signal.SIGSTOP)
    assert photos.clean(SMALL).width == 64
    assert not alive(pid)


def test_a_pool_that_cannot_start_is_said_to_be_busy(monkeypatch):
    monkeypatch.setattr(photo_pool, "START", "raise SystemExit(3)")
    photo_pool.pool.close()
    with pytest.raises(Refused) as refused:
        photos.clean(SMALL)
    assert (refused.value.code, refused.value.status) == ("busy", 503)


def test_a_forked_child_starts_a_pool_of_its_own():
    theirs = pool_pid()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            own = pool_pid()
            photo_pool.pool.close()
            code = 0 if own != theirs and alive(theirs) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pool_pid() == theirs


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_pool_ends_with_its_process(end):
    code = (
        "import sys; from ioc.reports.photo_pool import pool; "
        "pool.ask(sys.stdin.buffer.read(), wall_s=9, work='clean', plain=True, max_pixels=10**6, "
        "side=99, thumb_side=9); print(pool.pid, flush=True); import time; time.sleep(60)"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert run.stdin and run.stdout
    with run:
        run.stdin.write(SMALL)
        run.stdin.close()
        pid = int(run.stdout.readline())
        assert alive(pid)
        run.send_signal(end)
        run.wait()
    assert until(lambda: not alive(pid))


def test_many_threads_share_one_pool_and_leave_nothing_open():
    pid = pool_pid()
    gc.collect()  # what earlier tests let go of
    before = open_files(), open_files(pid) - len(children(pid))  # a line to each that rests
    with ThreadPoolExecutor(16) as threads:
        widths = list(threads.map(lambda n: photos.clean(make_photo((n, 9))).width, range(16, 80)))
    assert widths == list(range(16, 80))
    assert photo_pool.pool.pid == pid and until(lambda: not children(pid))
    # Fewer is right as well: somebody else's file may have been closed meanwhile.
    assert until(lambda: open_files() <= before[0] and open_files(pid) == before[1])


def test_only_so_many_work_at_once(monkeypatch):
    inside, most, lock, real = 0, 0, threading.Lock(), photo_pool.pool.ask

    def counted(*given: object, **named: object) -> bytes:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        try:
            return real(*given, **named)
        finally:
            with lock:
                inside -= 1

    monkeypatch.setattr(photo_pool.pool, "ask", counted)
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(photos.clean, [make_photo((900, 900), "PNG")] * 24))
    assert 1 <= most <= photos.AT_ONCE


TRIES = """
import os, socket, sys
from ioc.reports import jail
closed = jail.close_doors()
def refused(work):
    try:
        work()
    except PermissionError:
        return True
    return False
print(closed, *(refused(work) for work in (
    lambda: open("/etc/passwd"), lambda: os.listdir("/"), lambda: socket.socket(),
    lambda: os.execv("/bin/true", ["true"]), os.fork, lambda: os.kill(os.getppid(), 0),
)), flush=True)
"""


@pytest.mark.skipif(os.uname().machine not in jail.CALLS, reason="no filter for this machine")
def test_a_worker_can_open_nothing_start_nothing_and_reach_nobody():
    run = subprocess.run([sys.executable, "-c", TRIES], cwd=ROOT, capture_output=True, check=True)
    assert run.stdout.split() == [b"True"] * 7


@pytest.mark.slow
def test_ten_thousand_photos_leave_no_process_no_file_and_no_memory():
    pid = pool_pid()

    def kilobytes(number: int | str) -> int:
        status = Path(f"/proc/{number}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(photos.clean, [SMALL] * 200))
        before = open_files(), open_files(pid) - len(children(pid))
        memory = kilobytes("self"), kilobytes(pid)
        for _ in range(100):
            list(threads.map(photos.clean, [SMALL] * 100))
    assert photo_pool.pool.pid == pid and until(lambda: not children(pid))
    assert (open_files(), open_files(pid)) == before
    assert kilobytes("self") - memory[0] < 20_000 and kilobytes(pid) - memory[1] < 2_000
