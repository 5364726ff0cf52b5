"""A door between FFmpeg and an RTSP camera that leads to the one address that was judged.

FFmpeg looks names up again and follows a camera's redirects wherever they lead. So it is given a
port of this machine; what it says there goes to the judged address, and a redirect ends the call.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

CONNECT_S, IDLE_S = 6.0, 20.0
MOST_HEAD = 64 * 1024


class Redirected(Exception):
    """The camera sends the caller to another address."""


class Answers:
    """Reads what a camera answers (RTSP 1.0 and 2.0, interleaved data) and watches for redirects.

    Source: RFC 2326 §7, §10.12; RFC 7826 §14.
    """

    def __init__(self) -> None:
        self._held = b""
        self._skip = 0

    def feed(self, data: bytes) -> None:
        """Raises Redirected before a word of a redirect is passed on, ValueError for noise."""
        self._held += data
        while self._held:
            if self._skip:
                taken = min(self._skip, len(self._held))
                self._held, self._skip = self._held[taken:], self._skip - taken
            elif self._held[:1] == b"$":
                if len(self._held) < 4:
                    return
                self._skip = 4 + int.from_bytes(self._held[2:4], "big")
            elif not self._head():
                return

    def _head(self) -> bool:
        """Whether a whole head was there; it is judged and taken off."""
        end = self._held.find(b"\r\n\r\n")
        # Judged by its first line as soon as that is whole, before the rest has come.
        first, ended, _rest = self._held.partition(b"\r\n")
        words = first.split()
        if ended and words:
            code = words[1] if words[0].startswith(b"RTSP/") and len(words) > 1 else b""
            if code.startswith(b"3") or words[0] == b"REDIRECT":
                raise Redirected
        if end < 0:
            if len(self._held) > MOST_HEAD:
                raise ValueError("no end of the head")
            return False
        length = 0
        for line in self._held[:end].split(b"\r\n")[1:]:
            name, _colon, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        self._held, self._skip = self._held[end + 4 :], length
        return True


class Relay:
    """Listens on this machine while the block runs. `note` says why a call was ended, or ""."""

    def __init__(
        self, ips: list[str], port: int, *, tls: ssl.SSLContext | None = None, name: str = ""
    ) -> None:
        self._ips, self._port, self._tls, self._name = ips, port, tls, name
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.redirected = self.heard = False
        self.failure: OSError | None = None  # why the camera could not be reached

    def __enter__(self) -> Relay:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=4)
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._accept, name="rtsp-relay", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        where: TracebackType | None,
    ) -> None:  # fmt: skip
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._close(*list(self._open))

    def url(self, url: str, login: str = "") -> str:
        """The camera's URL as FFmpeg is to open it. Holds the login: never log it."""
        parts = urlsplit(url)
        at = f"{login}@" if login else ""
        return urlunsplit(parts._replace(scheme="rtsp", netloc=f"{at}127.0.0.1:{self.port}"))

    def _accept(self) -> None:
        while True:
            try:
                near, _peer = self._door.accept()
            except OSError:
                return
            try:
                far = self._connect()
            except OSError as failure:
                self.failure = failure
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for args in ((near, far, None), (far, near, Answers())):
                threading.Thread(target=self._pump, args=args, daemon=True).start()

    def _connect(self) -> socket.socket:
        last: OSError = ConnectionError("there is no address")
        for ip in self._ips:
            try:
                far = socket.create_connection((ip, self._port), timeout=CONNECT_S)
                break
            except OSError as failure:
                last = failure
        else:
            raise last
        far.settimeout(IDLE_S)
        if self._tls is not None:
            return self._tls.wrap_socket(far, server_hostname=self._name)
        return far

    def _pump(self, source: socket.socket, target: socket.socket, answers: Answers | None) -> None:
        try:
            while data := self._read(source, answers):
                if answers is not None:
                    self.heard = True
                    answers.feed(data)
                target.sendall(data)
        except Redirected:
            self.redirected = True
        except (OSError, ValueError):
            pass
        finally:
            self._close(source, target)

    def _read(self, source: socket.socket, answers: Answers | None) -> bytes:
        if answers is None:
            source.settimeout(None)  # FFmpeg is silent between its keep-alives
        return source.recv(64 * 1024)

    def _close(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                one.close()
            with self._lock:
                self._open.discard(one)
