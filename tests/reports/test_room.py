import threading
import time

import pytest

from ioc.reports import room
from ioc.reports.room import Full, Room


class Rush:
    """Several who want in, one after the other, while somebody is inside."""

    def __init__(self, places: int) -> None:
        self.room, self.order, self.threads = Room(places), [], []
        self.inside, self.most = 0, 0

    def come(self, name: str) -> None:
        def use() -> None:
            with self.room.place(60):
                self.inside += 1
                self.most = max(self.most, self.inside)
                self.order.append(name)
                time.sleep(0.005)
                self.inside -= 1

        waiting = len(self.room._waiting)
        self.threads.append(threading.Thread(target=use))
        self.threads[-1].start()
        while len(self.room._waiting) == waiting:
            time.sleep(0.001)

    def end(self) -> list[str]:
        for thread in self.threads:
            thread.join()
        return self.order


def test_in_a_rush_the_newest_goes_first_and_never_more_than_there_is_room_for():
    rush = Rush(1)
    with rush.room.place(1):
        for name in "abcd":
            rush.come(name)
    assert rush.end() == list("dcba")
    assert rush.most == 1 and rush.room._free == 1


def test_who_has_waited_long_goes_before_all_others(monkeypatch):
    monkeypatch.setattr(room, "TIRED_S", 0.05)
    rush = Rush(1)
    with rush.room.place(1):
        rush.come("old")
        time.sleep(0.06)
        rush.come("new")
        rush.come("newest")
    assert rush.end()[0] == "old"


def test_who_gives_up_takes_nobodys_place():
    full = Room(1)
    with full.place(1), pytest.raises(Full), full.place(0.01):
        pass
    with full.place(0.01):
        assert full._free == 0
    assert full._free == 1 and not full._waiting


def test_a_place_is_free_again_after_a_fault():
    one = Room(1)
    with pytest.raises(ZeroDivisionError), one.place(0.01):
        raise ZeroDivisionError
    with one.place(0.01):
        pass
