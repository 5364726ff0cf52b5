"""A small asynchronous pool for what is answered at once and often: tiles and streams.

The ORM compiles the query, this runs it: no thread is held while the database works.
"""

import asyncio
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg_pool import AsyncConnectionPool

_pools: dict[asyncio.AbstractEventLoop, tuple[AsyncConnectionPool, asyncio.Task[None]]] = {}
TILE_TIMEOUT_MS = 5_000


def conninfo() -> dict[str, Any]:
    """psycopg's connection parameters of Django's database, also of the test database."""
    params = {
        key: value
        for key, value in connection.get_connection_params().items()
        if key not in {"cursor_factory", "context", "prepare_threshold", "client_encoding", "pool"}
    }
    # Many ask at once, so that each query has one process: more of them only wait for each other.
    params["options"] = (
        f"-c statement_timeout={TILE_TIMEOUT_MS} -c jit=off -c timezone=UTC "
        "-c max_parallel_workers_per_gather=0"
    )
    return params


async def _close_with_its_loop(created: AsyncConnectionPool) -> None:
    """Wait until the loop ends, which cancels all tasks and waits for them: one of the pool's that
    is just connecting outlives its cancelling and would hold the loop for ever."""
    loop = asyncio.get_running_loop()
    try:
        await loop.create_future()
    finally:
        _pools.pop(loop, None)
        await created.close()


async def pool() -> AsyncConnectionPool:
    """The pool of the running event loop, opened at first use."""
    loop = asyncio.get_running_loop()
    if (existing := _pools.get(loop)) is not None:
        return existing[0]
    created = AsyncConnectionPool(
        kwargs={**conninfo(), "autocommit": True},
        min_size=1,
        max_size=settings.IOC_TILE_POOL,
        open=False,
        timeout=10,
        check=AsyncConnectionPool.check_connection,
    )
    _pools[loop] = created, loop.create_task(_close_with_its_loop(created))
    await created.open()
    return created


async def close() -> None:
    """Close the pool of the running event loop, for tests and an orderly end."""
    if (existing := _pools.get(asyncio.get_running_loop())) is not None:
        existing[1].cancel()
        await asyncio.wait([existing[1]])
