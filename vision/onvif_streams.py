"""Asks one ONVIF camera, by name and password, which streams it has and where.

Source: ONVIF Device 8.1 and Media 5.2, 5.15 (GetProfiles, GetStreamUri); WSS UsernameToken
Profile 1.0 (password digest).
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import httpx
from django.utils.translation import gettext as _

from vision import addresses, onvif
from vision.failures import in_words
from vision.opening import Pinned
from vision.signing import sent
from vision.sources import SourceFailed

MOST_BYTES, MOST_PROFILES = 256 * 1024, 12
TIMEOUT_S = 6.0
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
TYPES = "{http://www.onvif.org/ver10/schema}"
FAULT = "{http://www.w3.org/2003/05/soap-envelope}Fault"
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>{security}</s:Header>'
    "<s:Body>{body}</s:Body></s:Envelope>"
)
SECURITY = (
    '<Security s:mustUnderstand="1" xmlns="http://docs.oasis-open.org/wss/2004/01/'
    'oasis-200401-wss-wssecurity-secext-1.0.xsd"><UsernameToken><Username>{user}</Username>'
    '<Password Type="http://docs.oasis-open.org/wss/2004/01/'
    'oasis-200401-wss-username-token-profile-1.0#PasswordDigest">{digest}</Password>'
    '<Nonce EncodingType="http://docs.oasis-open.org/wss/2004/01/'
    'oasis-200401-wss-soap-message-security-1.0#Base64Binary">{nonce}</Nonce>'
    '<Created xmlns="http://docs.oasis-open.org/wss/2004/01/'
    'oasis-200401-wss-wssecurity-utility-1.0.xsd">{created}</Created></UsernameToken></Security>'
)


def streams(service: str, login: str, *, now: datetime | None = None) -> list[dict[str, Any]]:
    """Name, size, encoding and address of each stream, largest first; no login in any of them.

    Only what lies on the camera's own host is told. Raises Refused, SourceFailed.
    """
    asked = Asked(onvif.service_allowed(service), login, now)
    with closing(asked):
        asked.meet_clock()
        media = asked.media()
        found = [
            told for profile in asked.profiles(media) if (told := asked.stream(media, profile))
        ]
    return sorted(found, key=lambda one: -one["width"] * one["height"])


class Asked:
    """A camera while it is asked: one connection, one login, its own clock."""

    def __init__(self, address: addresses.Address, login: str, now: datetime | None) -> None:
        self.url, self._now = address.url, now
        self.host = urlsplit(address.url).hostname
        self._login = login
        self._user, self._password = addresses.login_parts(login)
        self._ahead = timedelta()
        self._client = httpx.Client(
            transport=Pinned(addresses.reachable(address)),
            timeout=TIMEOUT_S,
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        self._client.close()

    def meet_clock(self) -> None:
        """A token is dated by the camera's clock, or it is refused as old."""
        try:
            root = self._ask(
                self.url, f'<GetSystemDateAndTime xmlns="{DEVICE}"/>', open_to_all=True
            )
            told = root.find(f".//{TYPES}UTCDateTime")
            if told is None:
                return
            day, at = told.find(f"{TYPES}Date"), told.find(f"{TYPES}Time")
            theirs = datetime(
                *(int(_text(day, name)) for name in ("Year", "Month", "Day")),
                *(int(_text(at, name)) for name in ("Hour", "Minute", "Second")),
                tzinfo=UTC,
            )
        except (SourceFailed, ValueError):
            return  # its clock is asked for courtesy; the next answer decides
        self._ahead = theirs - self._time()

    def media(self) -> str:
        """The address of its media service, on the same host; the first one where none is told."""
        root = self._ask(
            self.url,
            f'<GetCapabilities xmlns="{DEVICE}"><Category>Media</Category></GetCapabilities>',
        )
        told = root.findtext(f".//{TYPES}Media/{TYPES}XAddr") or ""
        return told if self._mine(told, ("http", "https")) else self.url

    def profiles(self, media: str) -> Iterator[ElementTree.Element]:
        root = self._ask(media, f'<GetProfiles xmlns="{MEDIA}"/>')
        return iter(root.findall(f".//{{{MEDIA}}}Profiles")[:MOST_PROFILES])

    def stream(self, media: str, profile: ElementTree.Element) -> dict[str, Any] | None:
        """One profile's stream; None where it leads to another host."""
        token = profile.get("token") or ""
        transport = '<Transport xmlns="http://www.onvif.org/ver10/schema"><Protocol>RTSP</Protocol>'
        root = self._ask(
            media,
            f'<GetStreamUri xmlns="{MEDIA}"><StreamSetup>'
            '<Stream xmlns="http://www.onvif.org/ver10/schema">RTP-Unicast</Stream>'
            f"{transport}</Transport></StreamSetup>"
            f"<ProfileToken>{escape(token)}</ProfileToken></GetStreamUri>",
        )
        told = (root.findtext(f".//{TYPES}Uri") or "").strip()
        address, _login = addresses.without_login(told)
        if not self._mine(address, tuple(addresses.STREAMS)):
            return None
        coder = profile.find(f".//{TYPES}VideoEncoderConfiguration")
        size = coder.find(f"{TYPES}Resolution") if coder is not None else None
        return {
            "name": "".join(c for c in _text(profile, "Name") if c.isprintable())[:80]
            or token[:80],
            "encoding": _text(coder, "Encoding")[:20],
            "width": _number(_text(size, "Width")),
            "height": _number(_text(size, "Height")),
            "address": address[:600],
        }

    def _mine(self, url: str, schemes: tuple[str, ...]) -> bool:
        try:
            parts = urlsplit(url)
            return parts.scheme in schemes and parts.hostname == self.host and parts.port != 0
        except ValueError:
            return False

    def _time(self) -> datetime:
        return self._now or datetime.now(UTC)

    def _security(self) -> str:
        nonce, created = os.urandom(16), f"{self._time() + self._ahead:%Y-%m-%dT%H:%M:%SZ}"
        digest = hashlib.sha1(nonce + created.encode() + self._password.encode()).digest()  # noqa: S324  as the profile says
        return SECURITY.format(
            user=escape(self._user),
            digest=base64.b64encode(digest).decode(),
            nonce=base64.b64encode(nonce).decode(),
            created=created,
        )

    def _ask(self, url: str, body: str, open_to_all: bool = False) -> ElementTree.Element:
        """The answer's root. Raises SourceFailed."""
        security = self._security() if self._user and not open_to_all else ""
        content = ENVELOPE.format(security=security, body=body).encode()
        headers = {"Content-Type": "application/soap+xml; charset=utf-8", "User-Agent": "ioc"}
        request = self._client.build_request("POST", url, content=content, headers=headers)
        try:
            # What answered to a search is not known: it never hears the password itself.
            login = "" if open_to_all else self._login
            with closing(sent(self._client, request, login, basic=False)) as response:
                data = b""
                for part in response.iter_raw():
                    data += part
                    if len(data) > MOST_BYTES:
                        raise SourceFailed(_("the camera's answer is too long"))
        except httpx.HTTPError as failure:
            why = in_words(failure)
            raise SourceFailed(_("cannot be read (%(why)s)") % {"why": why}) from failure
        return self._root(response.status_code, data)

    def _root(self, status: int, data: bytes) -> ElementTree.Element:
        refused = status in (401, 403) or b"NotAuthorized" in data
        if refused:
            raise SourceFailed(_("the camera does not accept this user and password"))
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise SourceFailed(_("the camera's answer cannot be read"))
        try:
            root = ElementTree.fromstring(data)  # noqa: S314  declarations are refused above
        except (ElementTree.ParseError, ValueError):
            raise SourceFailed(_("the camera's answer cannot be read")) from None
        if status != 200 or root.find(f".//{FAULT}") is not None:
            raise SourceFailed(_("the camera answers %(status)s") % {"status": status})
        return root


def _text(parent: ElementTree.Element | None, name: str) -> str:
    found = None if parent is None else parent.findtext(f"{TYPES}{name}")
    return (found or "").strip()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
