"""Which tests stay together and which come first, so that the processes end about together."""

from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

# Seconds on a quiet machine, whole files; of a browser's file what one test takes. Who is not
# named takes little. A wrong number costs some balance and nothing else.
TAKES = {
    "ops/test_up.py": 100, "planning/test_analyses.py": 40, "environment/flood/test_api.py": 36,
    "vision/test_worker.py": 36, "geo/test_packs_basemap.py": 34, "ops/test_cluster.py": 34,
    "vessels/test_ingest.py": 32, "geo/test_packs_import.py": 30, "vision/test_truth.py": 28,
    "layers/test_counts.py": 26, "layers/test_catalogue.py": 26, "planning/test_report.py": 24,
    "ops/test_queue.py": 24, "vision/test_evaluate.py": 22, "vision/test_conversion.py": 20,
    "geo/test_packs.py": 20, "layers/test_live.py": 18, "reports/test_hostile.py": 14,
    "planning/test_rights.py": 14, "planning/test_answers.py": 14, "reports/test_api.py": 12,
    "vision/test_sources.py": 12, "environment/test_mqtt.py": 10, "vision/test_access.py": 10,
    "browser/test_environment.py": 14, "browser/test_desk.py": 9, "browser/test_citizen.py": 9,
    "browser/test_cameras.py": 8, "browser/test_wall.py": 7, "browser/test_setup.py": 6,
    "browser/test_fleet.py": 5, "browser/test_plan.py": 4,
}  # fmt: skip


def turn(path: Path) -> tuple[bool, float, str]:
    """A file's place: browsers last, for their driver holds a process's one loop; the longest
    first, for a short one fills a gap."""
    name = path.as_posix().rpartition("tests/")[2]
    return "browser" in path.parts, -TAKES.get(name, 0), name


class Turns(LoadFileScheduling):
    """A file's tests in one process, in their order; each browser test where there is room."""

    def __init__(self, config: pytest.Config, log: object = None) -> None:
        super().__init__(config, log)  # type: ignore[arg-type]

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if "tests/browser/" in nodeid else super()._split_scope(nodeid)
