"""The task queue in PostgreSQL: kombu's ``pgmq`` transport, made one with Django's database.

A task put on the queue inside a transaction is written by that transaction's own connection: it
runs after the commit, and never after a rollback. kombu alone would use a connection of its own.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from kombu.transport import pgmq
from psycopg_pool import ConnectionPool

SET_ASIDE_AFTER = 3  # deliveries: a task that ends its process must not do so for ever


class Channel(pgmq.Channel):
    """Sends inside Django's transaction; sets aside what was delivered too often."""

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        shared = connection.connection if connection.in_atomic_block else None
        name = self._queue_name(queue)
        self.pgmq.send(name, message, conn=shared, **self._pgmq_send_kwargs(message))

    def _receive_messages(self, queue: str, qty: int = 1, **options: Any) -> list[Any]:
        messages = super()._receive_messages(queue, qty, **options)
        for message in messages:
            if message.read_ct > SET_ASIDE_AFTER:
                self.pgmq.archive(self._queue_name(queue), message.msg_id)
                pgmq.logger.error("task-set-aside queue=%s message=%s", queue, message.msg_id)
        return [message for message in messages if message.read_ct <= SET_ASIDE_AFTER]


class Transport(pgmq.Transport):
    """The transport over whatever database Django uses at the moment, a test's included."""

    Channel = Channel
    _pool: ConnectionPool | None = None

    def _create_pgmq_client(self) -> pgmq.PGMQueue:
        settings = connections[DEFAULT_DB_ALIAS].settings_dict
        names = {"HOST": "host", "PORT": "port", "NAME": "dbname", "USER": "user"}
        address = {ours: settings[theirs] for theirs, ours in names.items() if settings[theirs]}
        address["password"] = settings["PASSWORD"] or None
        options = self.client.transport_options
        self._pool = ConnectionPool(
            kwargs=address, min_size=1, max_size=options["pool_size"], timeout=10, open=True
        )
        return pgmq.PGMQueue(
            pool=self._pool, vt=int(options["visibility_timeout"]), init_extension=False
        )

    def close_connection(self, connection: Any) -> None:
        super().close_connection(connection)
        if self._pool is not None:
            self._pool.close()
            self._pool = None
