"""Where a camera's pictures may come from. FFmpeg would open far more than a camera.

A stream address in the wrong hands is remote code (CVE-2026-25643) or a look into the private
network, so addresses are checked when they are stored and again whenever they are opened.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from geo.addresses import is_public, layers_of
from geo.errors import Refused

STREAMS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
VIDEO = {".mp4", ".mkv", ".mov", ".avi", ".ts", ".webm", ".m4v"}
PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
Lookup = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Address:
    """A checked address. `url` is what FFmpeg is given, `is_file` says which of the two it is.

    Every hop to a `guarded` one is judged; what is typed at the machine's shell is not.
    """

    url: str
    is_file: bool
    guarded: bool = True

    @property
    def shown(self) -> str:
        """The address for logs and messages: without path, query or user."""
        return (
            "file"
            if self.is_file
            else f"{urlsplit(self.url).scheme}://{urlsplit(self.url).hostname}"
        )


def checked(address: str, *, roots: Iterable[Path]) -> Address:
    """A stored camera's address, in form. Raises Refused with what to do about it.

    Files must be video files inside one of `roots`. Names are looked up by `reachable`.
    """
    if any(not c.isprintable() or c.isspace() for c in address) and "://" in address:
        raise Refused("bad-address", _("The address holds spaces or control characters."))
    scheme = address.partition(":")[0].lower() if ":" in address else ""
    if not scheme:
        return _file(address, [root.resolve() for root in roots])
    if scheme not in STREAMS or not address[len(scheme) :].startswith("://"):
        raise Refused(
            "bad-scheme", _("Only rtsp, rtsps, http and https addresses can be a camera's source.")
        )
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Refused("bad-address", _("This is not a complete address.")) from None
    if not parts.hostname or port == 0:
        raise Refused("bad-address", _("This is not a complete address."))
    if parts.username is not None or parts.password is not None:
        raise Refused(
            "password-in-address",
            _("Leave user and password out: addresses are kept readable for administrators."),
        )
    return Address(address, is_file=False)


def from_command_line(source: str) -> Address:
    """A source that somebody at the machine's shell typed: any video file, or a stream.

    Raises Refused for what is neither.
    """
    path = Path(source)
    if path.is_file() or _holds_pictures(path):
        return Address(str(path.resolve()), is_file=True)
    if source.partition("://")[0].lower() in STREAMS and "://" in source:
        return Address(source, is_file=False, guarded=False)
    raise Refused("no-source", _("This is neither a video file nor an rtsp or http address."))


def _holds_pictures(path: Path) -> bool:
    return path.is_dir() and any(one.suffix.lower() in PICTURES for one in path.iterdir())


def reachable(address: Address, lookup: Lookup | None = None) -> list[str]:
    """The host's addresses, each of them allowed: connect to these and never to the name again.

    Loopback, private and link-local networks need a line in IOC_VISION_PRIVATE_NETWORKS; where
    IOC_VISION_HOSTS names hosts, only these are read. Raises Refused. Empty for a file.
    """
    if address.is_file:
        return []
    host = urlsplit(address.url).hostname or ""
    try:
        found = list(dict.fromkeys((lookup or _lookup)(host)))
    except (OSError, UnicodeError):
        raise Refused("unknown-host", _("The host's name cannot be found.")) from None
    if not found:
        raise Refused("unknown-host", _("The host's name cannot be found."))
    if not address.guarded:
        return found
    for text in found:
        _allowed(text)
    if not _listed(host, found):
        raise Refused(
            "host-not-allowed",
            _("The administrator has not allowed cameras on this host (IOC_VISION_HOSTS)."),
        )
    return found


def _allowed(text: str) -> None:
    """Raises Refused for an IP address in a network that cameras may not stand in."""
    for ip in layers_of(text):
        if ip.is_multicast:
            raise Refused("private-network", _("Multicast addresses are not read."))
        if not is_public(ip) and not in_private_networks(ip):
            raise Refused(
                "private-network",
                _(
                    "The address leads into a private network that the administrator has not "
                    "allowed (IOC_VISION_PRIVATE_NETWORKS)."
                ),
            )


def in_private_networks(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether the administrator has allowed cameras in the network of this address."""
    nets = (ipaddress.ip_network(net) for net in settings.IOC_VISION_PRIVATE_NETWORKS)
    return any(ip.version == net.version and ip in net for net in nets)


def _listed(host: str, found: list[str]) -> bool:
    names = [name.lower() for name in settings.IOC_VISION_HOSTS]
    host = host.lower().rstrip(".")
    if not names or host in names:
        return True
    if any(name.startswith("*.") and host.endswith(name[1:]) for name in names):
        return True
    ips = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
    return all(in_private_networks(ip) for ip in ips)


def without_login(address: str) -> tuple[str, str | None]:
    """The address without user and password, and these as `user:password`; None: it had none."""
    scheme, mark, rest = address.partition("://")
    authority = rest.split("/", 1)[0].split("?", 1)[0]
    if not mark or "@" not in authority:
        return address, None
    login, _at, _host = authority.rpartition("@")
    return f"{scheme}://{rest[len(login) + 1 :]}", login_of(*map(unquote, _halves(login)))


def _halves(login: str) -> tuple[str, str]:
    user, _colon, password = login.partition(":")
    return user, password


def login_of(user: str, password: str) -> str:
    """`user:password`, both quoted; empty where there is neither."""
    return f"{quote(user, safe='')}:{quote(password, safe='')}" if user or password else ""


def login_parts(login: str) -> tuple[str, str]:
    """User and password of a login as `login_of` writes it."""
    user, password = _halves(login)
    return unquote(user), unquote(password)


def with_login(url: str, login: str) -> str:
    """The URL with user and password, for a library that wants them there. Never log it."""
    if not login:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))


def shown(address: str) -> str:
    """An address for lists, logs and messages: scheme and host alone; "" where there is none."""
    if not address:
        return ""
    if "://" not in address:
        return "file"
    try:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.hostname or ''}"
    except ValueError:
        return ""


def _lookup(host: str) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def _file(address: str, roots: list[Path]) -> Address:
    found = [
        path
        for root in roots
        if (path := (root / address).resolve()).is_relative_to(root)
        and (path.suffix.lower() in VIDEO or (path.is_dir() and path != root))
    ]
    if found:
        # One that is there before one that may come.
        return Address(str(max(found, key=Path.exists)), is_file=True)
    raise Refused(
        "file-outside", _("Video files are taken only from the media folders of the settings.")
    )
