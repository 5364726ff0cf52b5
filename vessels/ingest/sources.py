"""Where bytes come from: files (also gzip and zstd), standard input, TCP, UDP and serial lines."""

import gzip
import os
import select
import socket
import sys
import termios
import threading
import time
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit

import structlog
import zstandard

from geo.errors import Refused

log = structlog.get_logger(__name__)

FILE_CHUNK = 8 * 1024 * 1024
READ_BYTES = 128 * 1024  # small, so that a broken gzip loses little
INBOX_BYTES = 32 * 1024 * 1024
ZSTD = b"\x28\xb5\x2f\xfd"
BAUD = "38400"  # what an AIS receiver speaks (IEC 61162-2)
SILENT_S = 300.0  # a TCP peer silent for so long is called again


def open_file(path: Path) -> BinaryIO:
    """A log opened for reading, unpacked on the way if its first bytes say gzip or zstd.

    Raises Refused with what to do.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused("no-file", f"{path}: {error.strerror}. Give the path of a log.") from error
    head = file.read(4)
    file.seek(0)
    if head == ZSTD:
        return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)  # type: ignore[return-value]
    return gzip.open(file) if head[:2] == b"\x1f\x8b" else file  # type: ignore[return-value]


def chunks(file: BinaryIO, size: int = FILE_CHUNK) -> Iterator[bytes]:
    """The file in pieces. A gzip that breaks off ends here; what came before it is kept."""
    parts: list[bytes] = []
    held = 0
    while True:
        try:
            part = file.read(READ_BYTES)
        except (EOFError, zlib.error, zstandard.ZstdError, OSError) as error:
            log.warning("ais-file-broken", error=str(error))
            part = b""
        parts.append(part)
        held += len(part)
        if held >= size or not part:
            yield b"".join(parts)
            parts, held = [], 0
        if not part:
            return


class Inbox:
    """Bytes between the thread that reads and the one that commits; bounded, counts its loss."""

    def __init__(self, limit: int = INBOX_BYTES) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._limit = limit
        self._filled = threading.Condition()
        self.lost_lines = 0
        self.closed = False

    def put(self, chunk: bytes) -> None:
        """Take a chunk, or count its lines as lost while the inbox is full."""
        with self._filled:
            if self._size + len(chunk) > self._limit:
                self.lost_lines += chunk.count(b"\n") or 1
                return
            self._chunks.append(chunk)
            self._size += len(chunk)
            self._filled.notify()

    def close(self) -> None:
        """Say that nothing more will come."""
        with self._filled:
            self.closed = True
            self._filled.notify()

    def take(self, wait_s: float, most: int = FILE_CHUNK) -> bytes:
        """What has come, after at most `wait_s`; up to `most` bytes."""
        with self._filled:
            if not self._chunks and not self.closed:
                self._filled.wait(wait_s)
            taken: list[bytes] = []
            size = 0
            while self._chunks and (not taken or size + len(self._chunks[0]) <= most):
                taken.append(self._chunks.popleft())
                size += len(taken[-1])
            self._size -= size
            return b"".join(taken)


def is_stream(address: str) -> bool:
    """Whether this is a live source and not a file."""
    return address == "-" or address.startswith(("tcp://", "udp://", "serial:"))


def listen(address: str, inbox: Inbox, stop: threading.Event) -> threading.Thread:
    """A running thread that fills the inbox from `-`, `tcp://HOST:PORT`, `udp://HOST:PORT` or
    `serial:///dev/ttyUSB0?baud=38400`.

    Raises Refused if the address cannot be used.
    """
    if address == "-":
        work = (_read_stdin, (inbox, stop))
    elif address.startswith("serial:"):
        parts = urlsplit(address)
        baud = parse_qs(parts.query).get("baud", [BAUD])[0]
        os.close(_opened(parts.path, baud))  # a wrong name is told at once
        work = (_read_serial, (parts.path, baud, inbox, stop))  # type: ignore[assignment]
    else:
        parts = urlsplit(address)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or not port:
            raise Refused("bad-address", f"{address}: give it as {parts.scheme}://HOST:PORT.")
        if parts.scheme == "udp":
            work = (_read_udp, (_bound(host, port), inbox, stop))  # type: ignore[assignment]
        else:
            work = (_read_tcp, (host, port, inbox, stop))  # type: ignore[assignment]
    thread = threading.Thread(target=work[0], args=work[1], name="ais-reader", daemon=True)
    thread.start()
    return thread


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        sock = socket.socket(family, kind, proto)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
        sock.bind(where)
    except OSError as error:
        raise Refused(
            "port-taken",
            f"udp://{host}:{port} cannot be opened ({error.strerror or error}). "
            "End what holds the port, or choose another.",
        ) from error
    sock.settimeout(0.25)
    return sock


def _read_udp(sock: socket.socket, inbox: Inbox, stop: threading.Event) -> None:
    with sock:
        while not stop.is_set():
            try:
                datagram = sock.recv(65_536)
            except TimeoutError:
                continue
            inbox.put(datagram if datagram.endswith(b"\n") else datagram + b"\n")
    inbox.close()


def _read_tcp(host: str, port: int, inbox: Inbox, stop: threading.Event) -> None:
    pause = 1.0
    while not stop.is_set():
        try:
            with socket.create_connection((host, port), timeout=10) as sock:
                log.info("ais-connected", host=host, port=port)
                pause = 1.0
                _drain(sock, inbox, stop)
        except OSError as error:
            log.warning("ais-connection-lost", host=host, port=port, error=str(error))
        inbox.put(b"\n")  # half a line of the old connection must not join the new one's
        stop.wait(pause)
        pause = min(pause * 2, 30.0)
    inbox.close()


def _drain(sock: socket.socket, inbox: Inbox, stop: threading.Event) -> None:
    sock.settimeout(0.25)
    heard = time.monotonic()
    while not stop.is_set() and time.monotonic() - heard < SILENT_S:
        try:
            chunk = sock.recv(65_536)
        except TimeoutError:
            continue
        if not chunk:
            return
        heard = time.monotonic()
        inbox.put(chunk)


def _opened(device: str, baud: str) -> int:
    """The serial line, raw, 8 bits without parity. Raises Refused with what to do."""
    speed = getattr(termios, f"B{baud}", None)
    if speed is None:
        raise Refused("bad-baud", f"{baud} is no speed of a serial line; AIS receivers use {BAUD}.")
    try:
        line = os.open(device, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        raise Refused(
            "no-serial-line", f"{device}: {error.strerror}. Is the receiver plugged in?"
        ) from error
    try:
        chars = termios.tcgetattr(line)[6]
        flags = termios.CS8 | termios.CREAD | termios.CLOCAL
        termios.tcsetattr(line, termios.TCSANOW, [0, 0, flags, 0, speed, speed, chars])
    except termios.error as error:
        os.close(line)
        raise Refused("no-serial-line", f"{device} is no serial line.") from error
    return line


def _read_serial(device: str, baud: str, inbox: Inbox, stop: threading.Event) -> None:
    """Read until told to stop; a receiver that was unplugged is opened again when it is back."""
    while not stop.is_set():
        try:
            line = _opened(device, baud)
        except Refused as refused:
            log.warning("ais-serial-away", error=str(refused))
            stop.wait(5.0)
            continue
        try:
            _drain_serial(line, inbox, stop)
        except OSError as error:
            log.warning("ais-serial-lost", device=device, error=str(error))
        finally:
            os.close(line)
        inbox.put(b"\n")
        stop.wait(1.0)
    inbox.close()


def _drain_serial(line: int, inbox: Inbox, stop: threading.Event) -> None:
    while not stop.is_set():
        if select.select([line], [], [], 0.25)[0]:
            chunk = os.read(line, 65_536)
            if not chunk:
                return
            inbox.put(chunk)


def _read_stdin(inbox: Inbox, stop: threading.Event) -> None:
    reader = sys.stdin.buffer
    while not stop.is_set():
        chunk = reader.read1(65_536)  # type: ignore[union-attr]
        if not chunk:
            break
        inbox.put(chunk)
    inbox.close()
