"""How processes share the tests."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.turns import BROWSERS, Turns

OTHERS = [f"tests/geo/test_{name}.py::test_{n}" for name in "abcd" for n in range(3)]
BROWSING = [f"tests/browser/test_{name}.py::test_{n}" for name in "xy" for n in range(6)]
TESTS = OTHERS + BROWSING


class Process:
    """A process of xdist: it begins a test once it knows of another, or that none comes."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.queue: list[int] = []
        self.did: list[str] = []
        self.shutting_down = False

    @property
    def can(self) -> bool:
        return len(self.queue) > (not self.shutting_down)

    def send_runtest_some(self, indices: list[int]) -> None:
        assert not self.shutting_down
        self.queue += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def joined(turns: Any, name: str) -> Process:
    each = Process(name)
    turns.add_node(each)
    turns.add_node_collection(each, TESTS)
    return each


def shared(number: int, crash: str = "") -> list[Process]:
    """Processes that did all tests; the one that comes to `crash` is replaced by another."""
    config: Any = SimpleNamespace(
        option=SimpleNamespace(loadscopereorder=False, tx=["popen"] * number),
        getvalue=lambda name: ["popen"] * number,
    )
    turns: Any = Turns(config)
    processes = [joined(turns, str(n)) for n in range(number)]
    turns.schedule()
    while busy := [each for each in processes if each.can]:
        for each in busy:
            index = each.queue.pop(0)
            if TESTS[index] == crash:
                assert turns.remove_node(each) == crash
                each.queue.clear()
                each.shutting_down = True
                processes.append(joined(turns, "new"))
                turns.schedule()
            else:
                each.did.append(TESTS[index])
                turns.mark_test_complete(each, index)
    return processes


@pytest.mark.parametrize("crash", TESTS)
def test_a_crash_costs_the_test_it_came_with_and_no_other(crash: str) -> None:
    for number in (1, 2, 3):
        processes = shared(number, crash)
        assert sorted(t for each in processes for t in each.did) == sorted(set(TESTS) - {crash})
        assert all(each.shutting_down for each in processes)


def test_all_are_done_once_and_two_processes_drive_browsers() -> None:
    for number in (1, 2, 3, 4):
        processes = shared(number)
        assert sorted(t for each in processes for t in each.did) == sorted(TESTS)
        driving = [each for each in processes if set(each.did) & set(BROWSING)]
        assert len(driving) == min(number, BROWSERS)
        assert all(each.shutting_down for each in processes)


def test_a_file_stays_in_one_process() -> None:
    for each in shared(3):
        for name in {t.split("::")[0] for t in each.did} - {t.split("::")[0] for t in BROWSING}:
            assert sum(t.startswith(name) for t in each.did) == 3
