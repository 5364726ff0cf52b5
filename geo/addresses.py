"""HTTP to addresses that people type: webhooks, push services, pictures of other cities.

An address in the wrong hands is a look into the private network, so the host's name is looked up
once, every address it has is judged, and the connection goes to the one that was judged. There are
no redirects, no proxies, and an end to time and length.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from geo.errors import Refused

MAX_LENGTH = 2000
IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str], Iterable[str]]
# What `ipaddress` calls global and is not for us: deprecated site-local and compatible ones lie
# outside 2000::/3, relays and wrappers inside; a cloud's own agent answers on a public address.
UNICAST = ipaddress.ip_network("2000::/3")
CLOSED = [
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
]  # fmt: skip
NAT64 = [ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48")]


class Answer(NamedTuple):
    """What came back; `body` is cut off at the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreachable(Exception):
    """No answer. `maybe_taken`: the request had left, so the other side may have acted on it."""

    def __init__(self, reason: str, *, maybe_taken: bool) -> None:
        super().__init__(reason)
        self.maybe_taken = maybe_taken


def checked(address: str) -> httpx.URL:
    """An address in form; `send` looks names up. Raises Refused with what to do about it."""
    if len(address) > MAX_LENGTH or "\\" in address:
        raise Refused("bad-address", _("This is not a complete address."))
    if any(not c.isprintable() or c.isspace() for c in address):
        raise Refused("bad-address", _("The address holds spaces or control characters."))
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        raise Refused("bad-address", _("This is not a complete address.")) from None
    if url.scheme != "https" and not (url.scheme == "http" and settings.IOC_OUTGOING_HTTP):
        raise Refused("bad-scheme", _("Only https addresses are called."))
    if not url.host or url.port == 0:
        raise Refused("bad-address", _("This is not a complete address."))
    if url.userinfo:
        raise Refused("password-in-address", _("Leave user and password out of the address."))
    return url


def resolved(host: str, lookup: Lookup | None = None) -> list[str]:
    """The addresses of a host, each of them allowed. Raises Refused where one is not.

    One bad address among good ones spoils all: nobody public has such a name.
    """
    try:
        found = list(dict.fromkeys((lookup or _lookup)(host)))
    except (OSError, UnicodeError):
        raise Refused("unknown-host", _("The host's name cannot be found.")) from None
    listed = [ipaddress.ip_network(net) for net in settings.IOC_OUTGOING_NETWORKS]
    for text in found:
        if not all(is_public(ip) or _inside(ip, listed) for ip in layers_of(text)):
            message = _(
                "The address leads into a private network that the administrator has not allowed "
                "(IOC_OUTGOING_NETWORKS)."
            )
            raise Refused("private-network", message)
    if not found:
        raise Refused("unknown-host", _("The host's name cannot be found."))
    return found


def layers_of(text: str) -> list[IP]:
    """An address and the IPv4 addresses that are wrapped in it; each has to be allowed."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    if ip.version == 4:
        return [ip]
    packed = int(ip) & 0xFFFFFFFF
    inner: list[IP | None] = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if _inside(ip, NAT64) or int(ip) >> 32 == 0 or (int(ip) >> 32) & 0xFFFFFFFF == 0x5EFE:
        inner.append(ipaddress.IPv4Address(packed))
    return [ip, *(one for one in inner if one is not None)]


def is_public(ip: IP) -> bool:
    """Whether a host on the open internet may have this address, unwrapped."""
    if not ip.is_global or ip.is_multicast or ip.is_reserved or _inside(ip, CLOSED):
        return False
    return ip.version == 4 or ip in UNICAST


def _inside(ip: IP, nets: Iterable[Any]) -> bool:
    return any(ip.version == net.version and ip in net for net in nets)


def _lookup(host: str) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def send(
    method: str,
    address: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout_s: float = 10,
    limit: int = 64 * 1024,
    lookup: Lookup | None = None,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """One request and its answer, within `timeout_s` in all and `limit` bytes. 3xx is an answer.

    Raises Refused for an address that may not be called, Unreachable where no answer came.
    """
    url = checked(address)
    door = _Door(resolved(url.host, lookup), time.monotonic() + timeout_s)
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    said = {"User-Agent": "ioc", "Accept-Encoding": "identity", **(headers or {})}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=tls or _tls(), network_backend=door) as pool,
            pool.stream(method, target, headers=list(said.items()), content=body) as response,
        ):
            return Answer(
                response.status,
                {
                    name.decode("latin-1").lower(): v.decode("latin-1")
                    for name, v in response.headers
                },
                _first(response.iter_stream(), limit),
            )
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise Unreachable(type(error).__name__, maybe_taken=door.wrote) from error


def _first(chunks: Iterable[bytes], limit: int) -> bytes:
    taken = b""
    for chunk in chunks:
        taken += chunk
        if len(taken) >= limit:
            break
    return taken[:limit]


@cache
def _tls() -> ssl.SSLContext:
    """Mozilla's roots and the machine's own."""
    context = httpcore.default_ssl_context()
    context.load_default_certs()
    return context


class _Door(httpcore.NetworkBackend):
    """Connects to the addresses that were judged, whatever name it is asked for, until the end."""

    def __init__(self, ips: list[str], end: float) -> None:
        self.ips, self.end, self.wrote = ips, end, False
        self.inner = httpcore.SyncBackend()

    def left(self) -> float:
        if (left := self.end - time.monotonic()) <= 0:
            raise httpcore.ReadTimeout
        return left

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        for ip in self.ips[:-1]:
            try:
                return _Stream(self.inner.connect_tcp(ip, port, timeout=self.left() / 2), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return _Stream(self.inner.connect_tcp(self.ips[-1], port, timeout=self.left()), self)


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends with the whole request's time."""

    def __init__(self, inner: httpcore.NetworkStream, door: _Door) -> None:
        self.inner, self.door = inner, door

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, timeout=self.door.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.door.wrote = True
        self.inner.write(buffer, timeout=self.door.left())

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: Any = None
    ) -> httpcore.NetworkStream:
        secure = self.inner.start_tls(ssl_context, server_hostname, self.door.left())
        return _Stream(secure, self.door)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)
