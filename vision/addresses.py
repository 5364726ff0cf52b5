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
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from geo.errors import Refused

STREAMS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
VIDEO = {".mp4", ".mkv", ".mov", ".avi", ".ts", ".webm", ".m4v"}
Lookup = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Address:
    """A checked address. `url` is what FFmpeg is given, `is_file` says which of the two it is."""

    url: str
    is_file: bool

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
    if path.is_file():
        return Address(str(path.resolve()), is_file=True)
    if source.partition("://")[0].lower() in STREAMS and "://" in source:
        return Address(source, is_file=False)
    raise Refused("no-source", _("This is neither a video file nor an rtsp or http address."))


def reachable(address: Address, lookup: Lookup | None = None) -> None:
    """Raises Refused where the address leads into a network that is not allowed.

    Loopback, private and link-local networks need a line in IOC_VISION_PRIVATE_NETWORKS.
    """
    if address.is_file:
        return
    parts = urlsplit(address.url)
    allowed = [ipaddress.ip_network(net) for net in settings.IOC_VISION_PRIVATE_NETWORKS]
    try:
        found = list((lookup or _lookup)(parts.hostname or ""))
    except OSError:
        raise Refused("unknown-host", _("The host's name cannot be found.")) from None
    for text in found:
        ip = ipaddress.ip_address(text.partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if not ip.is_global and not any(ip in net for net in allowed):
            raise Refused(
                "private-network",
                _(
                    "The address leads into a private network that the administrator has not "
                    "allowed (IOC_VISION_PRIVATE_NETWORKS)."
                ),
            )
        if ip.is_multicast:
            raise Refused("private-network", _("Multicast addresses are not read."))


def _lookup(host: str) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def _file(address: str, roots: list[Path]) -> Address:
    for root in roots:
        path = (root / address).resolve()
        if path.is_relative_to(root) and path.suffix.lower() in VIDEO:
            return Address(str(path), is_file=True)
    raise Refused(
        "file-outside", _("Video files are taken only from the media folders of the settings.")
    )
