"""The web process."""

import gc
from importlib import import_module
from typing import Any

from django.conf import settings
from uvicorn_worker import UvicornWorker

# Objects made beyond those let go of, and how many turns of the younger make one of the older: a
# request makes thousands, nearly all of which go by themselves.
COLLECT_AFTER = 10_000, 20, 20


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
        collect_less()


def warm() -> None:
    """Import every view, and let the photos' pool load its decoders meanwhile."""
    from ioc.reports.photo_pool import pool  # models exist once the application is loaded

    pool.start()
    import_module(settings.ROOT_URLCONF)


def collect_less() -> None:
    """Look for rubbish seldom, and never again among what is here now: it stays to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
