"""Large analyses computed on a Dask scheduler where the installation names one, else here.

The very same function runs there, so the result is the same; the workers need this code and the
optional packages ``dask`` and ``distributed``.
"""

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings

from geo.analytics import Cancelled

POLL_S = 0.3
CONNECT_S = 5

log = structlog.get_logger(__name__)


def computed(
    run: Callable[..., Any], *args: Any, points: int, watch: dict[str, Any], **options: Any
) -> Any:
    """What ``run`` answers: here, or there for more than IOC_DASK_POINTS points.

    A scheduler that cannot be reached is said in the log, and the answer computed here.
    Raises Cancelled.
    """
    client = _client(points)
    if client is None:
        return run(*args, **options, **watch)
    with client:
        return _awaited(client.submit(run, *args, pure=False, **options), watch)


def _client(points: int) -> Any:
    address = settings.IOC_DASK_SCHEDULER
    if not address or points <= settings.IOC_DASK_POINTS:
        return None
    try:
        from distributed import Client

        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (ImportError, OSError, ValueError) as error:
        log.warning("dask-not-reached", address=address, error=repr(error)[:200])
        return None


def _awaited(future: Any, watch: dict[str, Any]) -> Any:
    """The future's result; it is let go of as soon as the run is stopped."""
    log.info("analysis-elsewhere", key=str(future.key))
    while True:
        try:
            return future.result(timeout=POLL_S)
        except TimeoutError:
            watch["progress"](0.5)
            if watch["cancelled"]():
                future.cancel()
                raise Cancelled from None
