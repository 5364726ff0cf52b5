"""Questions run against the clock: what takes too long is stopped in the database, and says so."""

import asyncio
from typing import Any

import psycopg
import structlog
from django.utils.translation import gettext as _
from psycopg_pool import PoolTimeout

from geo.errors import Refused
from layers.pool import pool

LIMIT_S = 1.8
log = structlog.get_logger(__name__)


def too_slow() -> Refused:
    message = _(
        "This question takes too long and was stopped. Draw a smaller area, ask for a shorter "
        "time, or join fewer features."
    )
    return Refused("too-slow", message, status=503, retry_after_s=2)


async def fetch(sql: str, params: Any, *, limit_s: float = LIMIT_S) -> list[tuple[Any, ...]]:
    """The rows of one query.

    Raises:
        Refused: 503 if it was stopped at ``limit_s`` or no connection came free, 400 where the
            database finds the question's values impossible.
    """
    try:
        async with asyncio.timeout(limit_s):
            async with (await pool()).connection() as connection:
                cursor = await connection.execute(sql, params, prepare=False)
                return await cursor.fetchall()
    except (TimeoutError, psycopg.errors.QueryCanceled) as error:
        log.warning("question-too-slow", limit_s=limit_s)
        raise too_slow() from error
    except PoolTimeout as error:
        message = _("Very many are asking at this moment. Please try again shortly.")
        raise Refused("busy", message, status=503, retry_after_s=5) from error
    except (psycopg.DataError, psycopg.errors.InternalError_) as error:
        # GEOS refuses some pairs of shapes in ways that cannot be foreseen; numbers may overflow.
        log.warning("question-impossible", reason=str(error).splitlines()[0])
        raise Refused("bad-question", _("The question cannot be answered as asked.")) from error
