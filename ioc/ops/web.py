"""The web process."""

from typing import Any

from uvicorn_worker import UvicornWorker


class Worker(UvicornWorker):
    """Lets open streams go after five seconds, so that a reload fails no request."""

    CONFIG_KWARGS: dict[str, Any] = {
        **UvicornWorker.CONFIG_KWARGS,
        "timeout_graceful_shutdown": 5,
        "lifespan": "off",
    }
