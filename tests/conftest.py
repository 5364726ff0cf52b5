"""What every test stands on."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ioc.__main__ import CHROMIUMS
from ioc.celery import app


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last, for their publisher holds the one lock and their driver the one
    loop; of them the longest files first, so that two processes end about together."""
    sizes = Counter(item.path for item in items)

    def turn(item: pytest.Item) -> tuple[bool, int, str]:
        last = "browser" in item.path.parts
        return (last, -sizes[item.path], str(item.path)) if last else (last, 0, "")

    items.sort(key=turn)


@pytest.fixture(autouse=True)
def private_media(settings: Any, tmp_path: Path) -> None:
    """Files that a test stores vanish with it."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The test database; the task queue lets go of it before it is dropped."""
    yield
    app.pool.force_close_all()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium; root may only run it without its sandbox."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        pytest.skip("no Chromium; `python3 -m ioc test` installs one")
    quiet = [
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    ]  # fmt: skip
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": chromium, "args": [*quiet, *sandbox]}
