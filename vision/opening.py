"""Opens a camera's source so that no name is looked up twice and every hop is judged.

Files are opened by FFmpeg itself. HTTP, with its redirects and the parts of a playlist, is fetched
here, each address from the IP that was judged; RTSP goes through `relay`.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import av
import httpcore
import httpx
from django.utils.translation import gettext as _

from geo.addresses import is_public, layers_of
from geo.errors import Refused
from vision.addresses import STREAMS, Address, Lookup, checked, reachable
from vision.failures import Unanswered, in_words, of_status
from vision.relay import Relay
from vision.signing import sent

MOST_HOPS = 4
OPEN_TIMEOUT_S, READ_TIMEOUT_S = 8.0, 8.0
FILE_OPTIONS = {"protocol_whitelist": "file"}
RTSP_OPTIONS = {"protocol_whitelist": "rtsp,rtp,udp,tcp", "rtsp_transport": "tcp"}
# Kept-alive requests would leave our opener aside.
HTTP_OPTIONS = {
    "protocol_whitelist": "http,https,tcp,tls,crypto",
    "http_persistent": "0",
    "http_multiple": "0",
}
TIMEOUT = (OPEN_TIMEOUT_S, READ_TIMEOUT_S)


@contextmanager
def opened(address: Address, login: str = "", *, lookup: Lookup | None = None) -> Iterator[Any]:
    """An open PyAV input. `login` is `user:password` as `addresses.login_of` writes it.

    Raises Refused where a hop leads to where it may not, av.FFmpegError, OSError, ValueError.
    """
    if address.is_file:
        with av.open(address.url, options=FILE_OPTIONS, timeout=TIMEOUT) as container:
            yield container
    elif urlsplit(address.url).scheme in ("rtsp", "rtsps"):
        with _rtsp(address, login, lookup) as container:
            yield container
    else:
        with _http(address, login, lookup) as container:
            yield container


@contextmanager
def _rtsp(address: Address, login: str, lookup: Lookup | None) -> Iterator[Any]:
    parts = urlsplit(address.url)
    ips = reachable(address, lookup)
    secure = _tls(ips) if parts.scheme == "rtsps" else None
    port = parts.port or STREAMS[parts.scheme]
    with Relay(ips, port, tls=secure, name=parts.hostname or "") as relay:
        try:
            container = av.open(
                relay.url(address.url, login), options=RTSP_OPTIONS, timeout=TIMEOUT
            )
        except (av.FFmpegError, OSError):
            if relay.redirected:
                raise Refused(
                    "redirect",
                    _("The camera sends us to another address. Enter that address itself."),
                ) from None
            if relay.failure is not None:
                raise Unanswered(in_words(relay.failure)) from None
            if not relay.heard:
                raise Unanswered(_("the camera does not speak RTSP there")) from None
            raise
        with container:
            yield container


@contextmanager
def _http(address: Address, login: str, lookup: Lookup | None) -> Iterator[Any]:
    refusals: list[Refused] = []
    streams: list[Body] = []
    origin = urlsplit(address.url)

    def open_part(url: str, flags: int, options: dict[str, str]) -> Body:
        parts = urlsplit(url)
        same = (parts.scheme, parts.hostname, parts.port) == (
            origin.scheme, origin.hostname, origin.port,
        )  # fmt: skip
        first = same and not address.guarded
        try:
            body = fetch(url, login if same else "", lookup=lookup, guarded=not first)
        except Refused as refusal:
            refusals.append(refusal)
            raise OSError("refused") from None
        streams.append(body)
        return body

    try:
        with av.open(
            address.url, options=HTTP_OPTIONS, timeout=TIMEOUT, io_open=open_part
        ) as container:
            yield container
    except Exception:
        if refusals:
            raise refusals[0] from None
        raise
    finally:
        for body in streams:
            body.close()


class Body:
    """A response's body as a file that FFmpeg reads from; `read` gives what has come."""

    def __init__(self, client: httpx.Client, response: httpx.Response) -> None:
        self._client, self._response = client, response
        self._chunks = response.iter_raw()
        self._held = b""

    def read(self, size: int = -1) -> bytes:
        try:
            self._held = self._held or next(self._chunks, b"")
        except httpx.HTTPError as failure:
            raise Unanswered(in_words(failure)) from failure
        size = len(self._held) if size < 0 else size
        data, self._held = self._held[:size], self._held[size:]
        return data

    def close(self) -> None:
        with suppress(Exception):
            self._response.close()
        with suppress(Exception):
            self._client.close()


def fetch(url: str, login: str = "", *, lookup: Lookup | None = None, guarded: bool = True) -> Body:
    """The body at the address, after its redirects, each judged; the login stays on its host.

    Where it is not `guarded` the first address is taken as it is; where it leads to is judged.

    Raises Refused, or OSError where there is no answer or a bad one.
    """
    for hop in range(MOST_HOPS):
        address = replace(checked(url, roots=[]), guarded=guarded or hop > 0)
        if urlsplit(url).scheme not in ("http", "https"):
            raise Refused("bad-scheme", _("An HTTP camera may only lead to http and https."))
        client = httpx.Client(
            transport=Pinned(reachable(address, lookup)),
            timeout=httpx.Timeout(READ_TIMEOUT_S, connect=OPEN_TIMEOUT_S),
            trust_env=False,
            follow_redirects=False,
        )
        try:
            response = _asked(client, url, login)
        except (httpx.HTTPError, httpcore.NetworkError) as failure:
            client.close()
            raise Unanswered(in_words(failure)) from failure
        if response.is_redirect:
            following = urljoin(url, response.headers["location"])
            response.close()
            client.close()
            if urlsplit(following).netloc != urlsplit(url).netloc:
                login = ""
            url = following
            continue
        if response.status_code != 200:
            response.close()
            client.close()
            raise of_status(response.status_code, bool(login))
        return Body(client, response)
    raise Refused("redirect", _("The camera sends us from address to address."))


def _asked(client: httpx.Client, url: str, login: str) -> httpx.Response:
    headers = {"User-Agent": "ioc", "Accept-Encoding": "identity"}
    return sent(client, client.build_request("GET", url, headers=headers), login)


def _tls(ips: list[str]) -> ssl.SSLContext:
    """Certificates are checked, but not of cameras in the administrator's own networks."""
    context = ssl.create_default_context()
    if not all(is_public(ip) for text in ips for ip in layers_of(text)):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class _Door(httpcore.NetworkBackend):
    """Connects to the addresses that were judged, whatever name it is asked for."""

    def __init__(self, ips: list[str]) -> None:
        self._ips, self._inner = ips, httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        for ip in self._ips[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._inner.connect_tcp(ip, port, timeout)
        return self._inner.connect_tcp(self._ips[-1], port, timeout)


class Pinned(httpx.HTTPTransport):
    """httpx over that door."""

    def __init__(self, ips: list[str]) -> None:
        super().__init__(verify=False, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls([str(ipaddress.ip_address(ip.partition("%")[0])) for ip in ips]),
            network_backend=_Door(ips),
        )
