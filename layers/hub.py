"""Committed changes as one web process hears them, handed to its streams.

One LISTEN connection a process. A stream has a bounded queue; when it is full the stream is
told to start afresh: a change dropped in silence would leave a wrong map.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
import structlog
from django.conf import settings

from layers.pool import conninfo, pool

log = structlog.get_logger(__name__)
CHANNEL = "layers_tick"
RESUME_LIMIT = 20_000
RETRY_S = 1.0
PING_S = 15.0
PING = b"event: ping\ndata: {}\n\n"  # a comment would not reach those who wait for it
SELECT = (
    "SELECT seq, layer, feature_id, op, extract(epoch FROM at)::float8, lon, lat, props, "
    "public, public_lon, public_lat, public_props, scope FROM layers_change "
)


Position = tuple[float | None, float | None]


@dataclass(slots=True)
class Event:
    """One published change: its message and its position for each audience."""

    seq: int
    layer: str
    scope: str
    full: bytes
    public: bytes | None
    at: dict[str, Position]


def event_of(row: tuple[Any, ...]) -> Event:
    seq, layer, fid, op, at, lon, lat, props, public, plon, plat, pprops, scope = row

    def encoded(op: str, x: float | None, y: float | None, attributes: Any) -> bytes:
        body = {"l": layer, "id": fid, "op": op, "t": at}
        if op == "upsert":
            body |= {"p": None if x is None else [x, y], "a": attributes or {}}
        return orjson.dumps(body)

    public_op = "delete" if pprops is None else op
    poorer = encoded(public_op, plon, plat, pprops) if public else None
    at_each = {"full": (lon, lat), "public": (plon, plat)}
    return Event(seq, layer, scope, encoded(op, lon, lat, props), poorer, at_each)


@dataclass(frozen=True)
class View:
    """What a stream shows: layers with audience and scopes, and a box in degrees."""

    layers: tuple[tuple[str, str, frozenset[str] | None], ...]
    bbox: tuple[float, float, float, float] | None = None

    def payload(self, events: list[Event]) -> bytes:
        """The changes of this view as a JSON list's inside; empty if there are none."""
        audiences = {slug: (audience, scopes) for slug, audience, scopes in self.layers}
        parts = []
        for event in events:
            audience, scopes = audiences.get(event.layer, (None, None))
            if audience is None or (scopes is not None and event.scope not in scopes):
                continue
            body = event.full if audience == "full" else event.public
            if body is not None and self._inside(event, audience):
                parts.append(body)
        return b",".join(parts)

    def _inside(self, event: Event, audience: str) -> bool:
        """Whether the box holds the feature now, held it before, or cannot say.

        What leaves the box is sent as well: the reader must learn that it went. Only positions
        that this audience may know are compared, or a small box would find the exact place.
        """
        before = hub.before.get(event.seq, {}).get(audience, (None, None))
        return self._holds(event.at[audience]) or self._holds(before)

    def _holds(self, position: Position) -> bool:
        lon, lat = position
        if self.bbox is None or lon is None or lat is None:
            return True
        west, south, east, north = self.bbox
        return west <= lon <= east and south <= lat <= north


class Stream:
    """One reader: a bounded queue of ready messages; ``overflow`` once one did not fit.

    Three thousand of these live in a process, so a reader is one future and no timer of its own.
    """

    __slots__ = ("overflow", "ready", "view", "waiter")

    def __init__(self, view: View) -> None:
        self.view = view
        self.ready: deque[tuple[int, bytes]] = deque()
        self.waiter: asyncio.Future[None] | None = None
        self.overflow = False

    def offer(self, seq: int, message: bytes) -> None:
        if len(self.ready) >= settings.IOC_LIVE_QUEUE:
            self.reset()
        elif not self.overflow:
            self.ready.append((seq, message))
            self._wake()

    def reset(self) -> None:
        """No more messages: the reader must start afresh."""
        self.overflow = True
        self._wake()

    def _wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    async def next(self) -> tuple[int, bytes] | None:
        """The next message, or None when the reader must start afresh."""
        while not self.ready and not self.overflow:
            self.waiter = asyncio.get_running_loop().create_future()
            await self.waiter
        return None if self.overflow else self.ready.popleft()


class Hub:
    """The process's ear. Started by the first tile or stream; heals by itself."""

    def __init__(self) -> None:
        self.seq = 0
        self.layer_seq: dict[str, int] = {}
        self.streams: set[Stream] = set()
        self.before: dict[int, dict[str, Position]] = {}
        self.last: dict[tuple[str, str], dict[str, Position]] = {}
        self.task: asyncio.Task[None] | None = None
        self.pings: asyncio.Task[None]
        self.loop: asyncio.AbstractEventLoop | None = None
        self.ready = asyncio.Event()

    async def start(self) -> None:
        """Listen, if this process does not yet; returns when the first position is known."""
        loop = asyncio.get_running_loop()
        if self.task is None or self.task.done() or self.loop is not loop:
            self.__init__()  # type: ignore[misc]
            self.loop = loop
            self.task = loop.create_task(self._run())
            self.pings = loop.create_task(self._ping())
        await asyncio.wait_for(self.ready.wait(), 10)

    async def stop(self) -> None:
        """Stop listening; the next stream or tile starts anew."""
        if self.task is not None:
            self.task.cancel()
            self.pings.cancel()
            await asyncio.gather(self.task, self.pings, return_exceptions=True)
            self.task = None

    async def version(self, slug: str) -> int | None:
        """The last published change of a layer; None while the process is not listening."""
        try:
            await self.start()
        except TimeoutError:
            return None
        return self.layer_seq.get(slug, 0)

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.ready.clear()
                log.warning("live-listen-lost", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        params = conninfo() | {"options": "-c statement_timeout=10000"}
        async with await psycopg.AsyncConnection.connect(**params, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            await self._catch_up(connection)
            self.ready.set()
            while True:
                async for _ in connection.notifies(timeout=15, stop_after=1):
                    pass
                await self._catch_up(connection)

    async def _catch_up(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Read what was published since the last look and hand it on."""
        cursor = await connection.execute(
            "SELECT seq, (SELECT jsonb_object_agg(layer, seq) FROM layers_layerstate) "
            "FROM layers_publisherstate WHERE id = 1"
        )
        row = await cursor.fetchone()
        newest, states = row if row else (0, None)
        if not self.ready.is_set() and self.seq == 0:
            self.seq = newest
        if newest < self.seq:  # the database was restored to an earlier time
            self._reset_all()
            self.seq = newest
        while self.seq < newest:
            cursor = await connection.execute(
                SELECT + "WHERE seq > %s ORDER BY seq LIMIT 20000", [self.seq]
            )
            rows = await cursor.fetchall()
            if not rows or rows[0][0] != self.seq + 1:
                self._reset_all()  # the window moved past us: what lies between is gone
                self.seq = newest
                break
            self._hand_on([event_of(r) for r in rows], rows)
        self.layer_seq = states or {}

    def _hand_on(self, events: list[Event], rows: list[tuple[Any, ...]]) -> None:
        for event, row in zip(events, rows, strict=True):
            key = (event.layer, row[2])
            if (before := self.last.get(key)) is not None:
                self.before[event.seq] = before
            self.last[key] = event.at
        self.seq = events[-1].seq
        bodies: dict[View, bytes] = {}
        for stream in self.streams:
            body = bodies.get(stream.view)
            if body is None:
                inside = stream.view.payload(events)
                body = bodies[stream.view] = message(self.seq, inside) if inside else b""
            if body:
                stream.offer(self.seq, body)
        self.before.clear()
        if len(self.last) > 200_000:
            self.last.clear()

    def _reset_all(self) -> None:
        for stream in self.streams:
            stream.reset()

    async def _ping(self) -> None:
        """Keeps idle connections open, and lets the server notice those that are gone."""
        while True:
            await asyncio.sleep(PING_S)
            for stream in self.streams:
                if not stream.ready:
                    stream.offer(self.seq, PING)

    async def since(self, seq: int, upto: int, view: View) -> bytes | None:
        """The message that brings a reader from ``seq`` to ``upto``; None if it cannot be made.

        An empty message means that nothing of the view changed between.
        """
        if seq == upto:
            return b""
        if seq > upto or upto - seq > RESUME_LIMIT:
            return None
        async with (await pool()).connection() as connection:
            cursor = await connection.execute(
                SELECT + "WHERE seq > %s AND seq <= %s ORDER BY seq", [seq, upto]
            )
            rows = await cursor.fetchall()
        if len(rows) != upto - seq:
            return None
        inside = view.payload([event_of(row) for row in rows])
        return message(upto, inside) if inside else b""


def message(seq: int, inside: bytes) -> bytes:
    """One server-sent event of changes."""
    return b'id: %d\nevent: changes\ndata: {"seq":%d,"changes":[%b]}\n\n' % (seq, seq, inside)


hub = Hub()
