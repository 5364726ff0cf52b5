"""Which tests stay together and which come first, so that the processes end about together."""

from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

# Seconds on a quiet machine, whole files; of a browser's file what one test takes. Who is not
# named takes little. A wrong number costs some balance and nothing else.
TAKES = {
    "ops/test_up.py": 60, "geo/test_packs_basemap.py": 18, "environment/flood/test_api.py": 14,
    "planning/test_analyses.py": 13, "planning/test_answers.py": 12,
    "vision/test_conversion.py": 12, "vision/test_worker.py": 10, "vessels/test_ingest.py": 10,
    "planning/test_report.py": 10, "reports/test_hostile.py": 10, "geo/test_packs_import.py": 10,
    "ops/test_queue.py": 9, "ops/test_cluster.py": 8, "reports/test_photo_pool.py": 8,
    "layers/ogc/test_ogc.py": 7, "planning/test_rights.py": 7, "layers/test_catalogue.py": 7,
    "environment/test_mqtt.py": 7, "environment/test_screens.py": 7, "reports/test_demo.py": 6,
    "environment/test_sta.py": 6, "vision/test_access.py": 6, "layers/test_tiles.py": 6,
    "layers/test_counts.py": 6, "reports/test_rights.py": 6, "vessels/test_events.py": 6,
    "reports/test_api.py": 5, "vision/test_desk_rights.py": 5, "vision/test_junction.py": 4,
    "geo/test_packs_fetch.py": 4, "vision/test_sources.py": 4, "layers/test_live.py": 4,
    "vision/test_health.py": 4, "reports/test_slow_mail.py": 4, "reports/test_setup.py": 4,
    "browser/test_environment.py": 14, "browser/test_desk.py": 7, "browser/test_citizen.py": 7,
    "browser/test_setup.py": 6, "browser/test_cameras.py": 6, "browser/test_wall.py": 5,
    "browser/test_plan.py": 5, "browser/test_fleet.py": 4,
}  # fmt: skip


def turn(path: Path) -> tuple[bool, float, str]:
    """A file's place: browsers last, for their driver holds a process's one loop; the longest
    first, for a short one fills a gap."""
    name = path.as_posix().rpartition("tests/")[2]
    return "browser" in path.parts, -TAKES.get(name, 0), name


BROWSERS = 2  # at once: on two cores a third makes all of them wait


class Turns(LoadFileScheduling):
    """A file's tests in one process, in their order; each browser test where there is room.

    Only two processes drive browsers. The others end when nothing else is left.
    """

    def __init__(self, config: pytest.Config, log: object = None) -> None:
        super().__init__(config, log)  # type: ignore[arg-type]
        self.drivers: set[WorkerController] = set()

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if _in_browser(nodeid) else super()._split_scope(nodeid)

    def schedule(self) -> None:
        late = self.collection is not None
        super().schedule()
        if late:  # a process waits with its last test until it knows of another, or that none comes
            for node in self.nodes:
                self._reschedule(node)

    def remove_node(self, node: WorkerController) -> str | None:
        """What a process that crashed had before it goes to the others, less the test that it
        crashed in: xdist's own hands out again what was done, and whoever gets nothing but that
        waits for ever; and it tries the test again, which may take the next process with it."""
        units = self.assigned_work.pop(node)
        left = {
            scope: {test: done for test, done in unit.items() if not done}
            for scope, unit in units.items()
        }
        crashed = next((test for unit in left.values() for test in unit), None)
        if crashed is None:
            return None
        del left[self._split_scope(crashed)][crashed]
        self.workqueue.update({scope: unit for scope, unit in left.items() if unit})
        for other in self.nodes:
            self._reschedule(other)
        return crashed

    def _reschedule(self, node: WorkerController) -> None:
        self.drivers &= set(self.nodes)  # one that crashed makes room
        full = len(self.drivers) >= BROWSERS and node not in self.drivers
        if full and not node.shutting_down and _in_browser(next(iter(self.workqueue), "")):
            node.shutdown()  # after what it has
        else:
            super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if _in_browser(next(iter(self.workqueue))):
            self.drivers.add(node)
        super()._assign_work_unit(node)


def _in_browser(nodeid: str) -> bool:
    return "tests/browser/" in nodeid
