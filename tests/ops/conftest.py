"""Installations for tests to drive."""

from collections.abc import Iterator

import pytest

from tests.ops.installation import Installation, free_port


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One that is not up yet."""
    made = Installation(tmp_path_factory.mktemp("place") / "var", free_port())
    yield made
    made.clean()


@pytest.fixture(scope="module")
def running(installation: Installation) -> Installation:
    """One that is up and ready."""
    done = installation.up()
    assert done.returncode == 0, done.stderr
    return installation
