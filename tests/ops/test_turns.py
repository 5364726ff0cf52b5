"""How processes share the tests."""

from types import SimpleNamespace
from typing import Any

from tests.turns import BROWSERS, Turns

OTHERS = [f"tests/geo/test_{name}.py::test_{n}" for name in "abcd" for n in range(3)]
BROWSING = [f"tests/browser/test_{name}.py::test_{n}" for name in "xy" for n in range(6)]


class Process:
    """A process of xdist that does what it is told, one test at a time."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.queue: list[int] = []
        self.did: list[str] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        assert not self.shutting_down
        self.queue += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def shared(number: int) -> list[Process]:
    """Processes that did all tests."""
    config: Any = SimpleNamespace(
        option=SimpleNamespace(loadscopereorder=False, tx=["popen"] * number),
        getvalue=lambda name: ["popen"] * number,
    )
    turns, processes = Turns(config), [Process(str(n)) for n in range(number)]
    tests = OTHERS + BROWSING
    for each in processes:
        turns.add_node(each)  # type: ignore[arg-type]
        turns.add_node_collection(each, tests)  # type: ignore[arg-type]
    turns.schedule()
    while busy := [each for each in processes if each.queue]:
        for each in busy:
            index = each.queue.pop(0)
            each.did.append(tests[index])
            turns.mark_test_complete(each, index)  # type: ignore[arg-type]
    return processes


def test_all_are_done_once_and_two_processes_drive_browsers() -> None:
    for number in (1, 2, 3, 4):
        processes = shared(number)
        assert sorted(t for each in processes for t in each.did) == sorted(OTHERS + BROWSING)
        driving = [each for each in processes if set(each.did) & set(BROWSING)]
        assert len(driving) == min(number, BROWSERS)
        assert all(each.shutting_down for each in processes)


def test_a_file_stays_in_one_process() -> None:
    for each in shared(3):
        for name in {t.split("::")[0] for t in each.did} - {t.split("::")[0] for t in BROWSING}:
            assert sum(t.startswith(name) for t in each.did) == 3
