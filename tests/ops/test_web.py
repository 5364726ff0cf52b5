"""A web process is ready for photos and views before it takes its first connection."""

import pytest
from uvicorn_worker import UvicornWorker

from ioc.ops import web
from ioc.reports.photo_pool import pool


def test_a_worker_warms_up_before_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(UvicornWorker, "load_wsgi", lambda self: done.append("application"))
    monkeypatch.setattr(web, "warm", lambda: done.append("warm"))
    monkeypatch.setattr(web, "collect_less", lambda: done.append("memory"))
    web.Worker.load_wsgi(object.__new__(web.Worker))
    assert done == ["application", "warm", "memory"]


def test_warm_means_views_are_imported_and_the_photos_pool_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imported: list[str] = []
    monkeypatch.setattr(web, "import_module", imported.append)
    pool.close()
    assert pool.pid is None
    web.warm()
    assert pool.pid is not None
    assert imported == ["ioc.urls"]
