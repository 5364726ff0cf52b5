"""The pool of tiles and streams ends with the event loop that it belongs to."""

import asyncio
import socket
import threading

from layers import pool


def test_a_loop_ends_while_its_pool_is_still_connecting(monkeypatch):
    """Each request of a synchronous server has a loop of its own, and so has Django's client."""

    async def request():
        await pool.pool()
        await asyncio.to_thread(silent.accept)  # the pool's first connection is on its way

    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(10)
        host, port = silent.getsockname()
        monkeypatch.setattr(pool, "conninfo", lambda: {"host": host, "port": port})
        thread = threading.Thread(target=asyncio.run, args=[request()], daemon=True)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
