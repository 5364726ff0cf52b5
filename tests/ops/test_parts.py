"""What every part of an installation is started with."""

from ioc.celery import LIMIT_S
from ioc.ops.parts import Part, parts


def limits_ms() -> dict[str, int]:
    """The longest time of one SQL statement, by part; 0 is none."""
    every: list[Part] = parts(port=8000, host="127.0.0.1", ais_udp="127.0.0.1:10110")
    return {part.name: int(part.env.get("IOC_STATEMENT_TIMEOUT_MS", 0)) for part in every}


def test_no_part_waits_for_a_wrong_plan_for_ever() -> None:
    without = {name for name, limit in limits_ms().items() if not limit}
    assert without == {"demo"}


def test_what_a_task_asked_of_the_database_ends_with_it() -> None:
    limits = limits_ms()
    workers = {"worker": "fast", "slow": "slow", "long": "long"}
    assert {part: limits[part] for part in workers} == {
        part: LIMIT_S[queue] * 1000 for part, queue in workers.items()
    }
