"""What every test stands on."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from ioc.__main__ import CHROMIUMS
from ioc.celery import app
from tests import database
from tests.turns import Turns, turn

PBKDF2PasswordHasher.iterations = 1  # safe passwords take a third of a second each
TEMPLATE = pytest.StashKey[database.Template]()
# Properties are claimed of answers, not of how long a busy machine takes for one.
hypothesis_settings.register_profile(
    "tests", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("tests")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: turn(item.path))
    gc.collect()
    gc.freeze()  # modules and tests stay to the end: nobody need look through them again


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    gc.set_threshold(50_000, 20, 50)  # collecting only makes: nothing of it is rubbish


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Turns | None:
    return Turns(config, log) if config.getvalue("dist") == "loadfile" else None


# ---- the database ----------------------------------------------------------------------------
def pytest_configure(config: pytest.Config) -> None:
    """Where several processes will share the tests, the first begins their database's template."""
    address = os.environ.get("DATABASE_URL")
    many = getattr(config.option, "tx", None) and config.getvalue("dist") != "no"
    if address and many and not hasattr(config, "workerinput") and not config.option.reuse_db:
        folder = TemporaryDirectory(prefix="ioc-tests-")
        config.add_cleanup(folder.cleanup)
        template = config.stash[TEMPLATE] = database.Template(address, Path(folder.name) / "told")
        config.add_cleanup(template.remove)
        template.thread.start()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    if template := node.config.stash.get(TEMPLATE, None):
        node.workerinput["template"] = (template.name, str(template.told))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, request: pytest.FixtureRequest
) -> None:
    """A process's test database is a copy of the template, where there is one."""
    if given := getattr(request.config, "workerinput", {}).get("template"):
        name, told = given
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = database.template_of(
            name, Path(told)
        )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database; the task queue lets go of it before it is dropped."""
    with django_db_blocker.unblock():
        database.keep_first_rows()
    yield
    app.pool.force_close_all()


def _emptied(case: TransactionTestCase) -> None:
    database.empty()


TransactionTestCase._fixture_teardown = _emptied  # type: ignore[method-assign]


# ---- files and browsers ----------------------------------------------------------------------
@pytest.fixture(autouse=True)
def private_media(settings: Any, tmp_path: Path) -> None:
    """Files that a test stores vanish with it."""
    settings.MEDIA_ROOT = tmp_path / "media"


# Of two --disable-features Chromium hears the last, so Playwright's own stand here again. The
# first line is ours: each window would bring up pages for an address bar that nobody sees.
UNUSED = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,"
    "NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch"
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium; root may only run it without its sandbox."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        pytest.skip("no Chromium; `python3 -m ioc test` installs one")
    quiet = [
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
        f"--disable-features={UNUSED}",
    ]  # fmt: skip
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": chromium, "args": [*quiet, *sandbox]}
