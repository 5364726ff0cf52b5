"""`ingest ais PATH|tcp://…|udp://…|serial:DEVICE|-`: from bytes to committed positions."""

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import structlog
from django.db import InterfaceError, OperationalError, connection

from geo import heartbeat
from geo.errors import Refused
from vessels import quality
from vessels.actions import Stored, store
from vessels.ais import decode, tables
from vessels.ais.decode import Decoded, Decoder
from vessels.ais.tables import TableDecoder, is_table
from vessels.ingest import sources
from vessels.ingest.fleet import Fleet

log = structlog.get_logger(__name__)

COMMIT_S = 1.0
STALL_S = 30.0  # a half sentence whose rest has not come by then is given up
REASONS = decode.REASONS | tables.REASONS | quality.REASONS


def run(path_or_url: str, *, stdout: TextIO, **options: Any) -> int:
    """Exit status of one ingest: 0 if something went in, 1 if the file held no AIS sentence.

    Options: `name` (of the feed; by default the address or the file's name), `synthetic` (what
    comes is simulated), `at` (ISO time of a file whose lines tell none; by default when the file
    was last written), `stop` (an Event that ends a stream).
    Raises Refused, with what to do, if the source cannot be read.
    """
    address = str(path_or_url)
    stream = sources.is_stream(address)
    default = address if stream else Path(address).name
    fleet = Fleet(options.get("name") or default, bool(options.get("synthetic")))
    if stream:
        total = run_stream(address, fleet, options.get("stop") or _stop_on_signals())
    else:
        total = run_file(Path(address), fleet, options.get("at"))
    stdout.write(summary(total))
    if not total.sentences and not stream:
        stdout.write(f"{address}: not one AIS sentence in it. Is it an NMEA log or an AIS table?\n")
        return 1
    return 0


def run_file(path: Path, fleet: Fleet, at: datetime | str | None = None) -> Stored:
    """What became of a file. A second run of the same file stores nothing twice."""
    total = Stored()
    with sources.open_file(path) as file:
        clock = _clock(path, at)
        for block, decoded in _decoded_ahead(file):
            total.add(_keep(fleet, block, decoded, clock, live=False))
    return total


def _decoded_ahead(file: BinaryIO) -> Iterator[tuple[bytes, Decoded]]:
    """The file's batches, the next one decoded while the database stores this one."""
    decoder: Decoder | TableDecoder | None = None
    with ThreadPoolExecutor(1, "ais-decode") as ahead:
        waiting = None
        for chunk in sources.chunks(file):
            decoder = decoder or (TableDecoder() if is_table(chunk) else Decoder())
            coming = ahead.submit(decoder.feed, chunk, clock=0.0)
            if waiting:
                yield waiting.result()
            waiting = coming
        if waiting:
            yield waiting.result()
        if decoder:
            yield decoder.finish(clock=0.0)


def run_stream(address: str, fleet: Fleet, stop: threading.Event) -> Stored:
    """What became of a stream by the time it ended; committed at least every second."""
    inbox = sources.Inbox()
    sources.listen(address, inbox, stop)
    total, decoder, lost = Stored(), Decoder(), 0
    heard = time.monotonic()
    while True:
        began = time.monotonic()
        chunk = inbox.take(COMMIT_S)
        ended = inbox.closed and not chunk
        now = time.time()
        if chunk:
            heard = began
        if ended:
            block, decoded = decoder.finish(clock=now)
        elif began - heard > STALL_S:
            block, decoded = decoder.abandon(clock=now)
        else:
            block, decoded = decoder.feed(chunk, clock=now)
        total.add(_keep_trying(fleet, block, decoded, now, stop))
        if inbox.lost_lines > lost:
            lost = inbox.lost_lines
            log.warning("ais-lines-lost", source=fleet.name, lost=lost)
        _beat(fleet, total, lost)
        if ended:
            return total
        if not stop.is_set():  # gather a second's worth: fewer, larger commits
            stop.wait(max(0.0, COMMIT_S - 0.2 - (time.monotonic() - began)))


def _keep(fleet: Fleet, block: bytes, decoded: Decoded, clock: float, *, live: bool) -> Stored:
    if not block and not decoded.rejected and not len(decoded.positions):
        return Stored()
    return store(fleet=fleet, block=block, decoded=decoded, clock=clock, live=live)


def _keep_trying(
    fleet: Fleet, block: bytes, decoded: Decoded, clock: float, stop: threading.Event
) -> Stored:
    """Store a batch of a stream, waiting for a database that is away; the reader goes on meanwhile.

    Raises the database's error if it is away when the stream is told to stop.
    """
    pause = 0.5
    while True:
        try:
            return _keep(fleet, block, decoded, clock, live=True)
        except (OperationalError, InterfaceError) as error:
            if stop.is_set():
                raise
            log.warning("ais-database-away", retry_s=pause, error=type(error).__name__)
            connection.close()
            stop.wait(pause)
            pause = min(pause * 2, 10.0)


def _beat(fleet: Fleet, total: Stored, lost: int) -> None:
    """Only streams beat: a file taken in by hand must not hide that the stream is dead."""
    try:
        heartbeat.beat(
            "ingest", total.sentences, source=fleet.name, positions=total.positions,
            set_aside=dict(total.rejected), doubtful=total.doubtful, lost_lines=lost,
            repeated=total.repeated, again=total.again, checksums=dict(total.checksums),
            stations=total.stations, doubts=dict(total.doubts),
            wrong_clocks=total.wrong_clocks,
        )  # fmt: skip
    except (OperationalError, InterfaceError):
        connection.close()


def _clock(path: Path, at: datetime | str | None) -> float:
    if at is None:
        return path.stat().st_mtime
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise Refused("time-without-zone", f"{at}: give the time with its zone, as …T07:00:00Z.")
    return moment.timestamp()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    return stop


def summary(total: Stored) -> str:
    """What went in and what was set aside, a line each, for the person at the terminal."""
    lines = [
        f"{total.lines} lines, {total.sentences} AIS sentences: {total.positions} positions "
        f"({total.new} new), {total.moved} latest positions moved, {total.doubtful} doubtful"
    ]
    if total.repeated:
        lines.append(f"  repeated: {total.repeated} positions were known before")
    if total.stations:
        lines.append(f"  stations: {total.stations} messages of what stands still, no vessels")
    for doubt, count in total.doubts.most_common():
        lines.append(f"  doubtful: {count} {doubt}")
    for receiver, offset_s in sorted(total.wrong_clocks.items()):
        lines.append(f"  receiver {receiver}: its clock is {offset_s:+d} s off")
    for reason, count in total.rejected.most_common():
        lines.append(f"  set aside: {count} {reason} ({REASONS[reason]})")
    return "\n".join(lines) + "\n"
