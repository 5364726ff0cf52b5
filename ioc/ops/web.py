"""The web process."""

from importlib import import_module
from typing import Any

from django.conf import settings
from uvicorn_worker import UvicornWorker


class Worker(UvicornWorker):
    """Lets open streams go after five seconds, so that a reload fails no request."""

    CONFIG_KWARGS: dict[str, Any] = {
        **UvicornWorker.CONFIG_KWARGS,
        "timeout_graceful_shutdown": 5,
        "lifespan": "off",
    }

    def load_wsgi(self) -> None:
        """Ready before the first connection is taken: what views import, and the photos' pool.

        A worker that starts beside others under load would else take its share of requests at
        once and keep them waiting while it imports.
        """
        super().load_wsgi()
        warm()


def warm() -> None:
    """Import every view, and let the photos' pool load its decoders meanwhile."""
    from ioc.reports.photo_pool import pool  # models exist once the application is loaded

    pool.start()
    import_module(settings.ROOT_URLCONF)
