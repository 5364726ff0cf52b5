"""Asks a network which ONVIF cameras are in it: WS-Discovery, unicast, only where it is allowed.

Source: ONVIF Core Specification 7 (device discovery); WS-Discovery April 2005.
"""

from __future__ import annotations

import ipaddress
import re
import select
import socket
import time
import uuid
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from django.conf import settings
from django.utils.translation import gettext as _

from geo.errors import Refused
from vision import addresses

PORT, MULTICAST = 3702, "239.255.255.250"
MOST_HOSTS, MOST_BYTES, MOST_CAMERAS = 1024, 64 * 1024, 500
WAIT_S = 3.0
PROBE = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:n="http://www.onvif.org/ver10/network/wsdl"><s:Header>
<a:MessageID>urn:uuid:{id}</a:MessageID>
<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>
</s:Header><s:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body>
</s:Envelope>"""
DISCOVERY = "{http://schemas.xmlsoap.org/ws/2005/04/discovery}"
ADDRESSING = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"


def allowed(network: str) -> ipaddress.IPv4Network:
    """The network, which lies in one of IOC_VISION_DISCOVERY. Raises Refused."""
    try:
        asked = ipaddress.ip_network(network)
    except ValueError:
        raise Refused("bad-network", _("Write the network as 10.20.0.0/24."), status=422) from None
    listed = [ipaddress.ip_network(net) for net in settings.IOC_VISION_DISCOVERY]
    inside = isinstance(asked, ipaddress.IPv4Network) and any(
        isinstance(net, ipaddress.IPv4Network) and asked.subnet_of(net) for net in listed
    )
    if not inside:
        message = _("The administrator has not allowed a search there (IOC_VISION_DISCOVERY).")
        raise Refused("network-not-allowed", message, status=403)
    if asked.num_addresses > MOST_HOSTS:
        raise Refused("network-too-large", _("At most 1,024 addresses are asked."), status=422)
    return asked  # type: ignore[return-value]


def service_allowed(service: str) -> addresses.Address:
    """The service's address, whose host is an IP in IOC_VISION_DISCOVERY. Raises Refused."""
    address = addresses.checked(service.strip(), roots=[])
    parts = urlsplit(address.url)
    if parts.scheme not in ("http", "https"):
        raise Refused("bad-scheme", _("An ONVIF service is an http or https address."), status=422)
    try:
        ip = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        message = _("Write the camera's IP address, as the search found it.")
        raise Refused("bad-address", message, status=422) from None
    allowed(f"{ip}/32")
    addresses.reachable(address)
    return address


def discover(network: str, *, wait_s: float = WAIT_S, port: int = PORT) -> list[dict[str, Any]]:
    """Name, model and service addresses of each camera that answers from within the network.

    Each host is asked by itself, so nobody outside the network hears of it. Raises Refused.
    """
    asked = allowed(network)
    message_id = str(uuid.uuid4())
    question = PROBE.format(id=message_id).encode()
    found: dict[str, dict[str, Any]] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setblocking(False)
        for host in asked.hosts() if asked.prefixlen < 31 else asked:
            try:
                udp.sendto(question, (str(host), port))
            except OSError:
                continue
        end = time.monotonic() + wait_s
        while (left := end - time.monotonic()) > 0 and len(found) < MOST_CAMERAS:
            if not select.select([udp], [], [], left)[0]:
                break
            try:
                data, (ip, _port) = udp.recvfrom(MOST_BYTES)
            except OSError:
                continue
            if ipaddress.ip_address(ip) in asked and (camera := answer(data, ip, message_id)):
                found[ip] = camera
    return [found[ip] for ip in sorted(found, key=ipaddress.ip_address)]


def answer(data: bytes, ip: str, message_id: str) -> dict[str, Any] | None:
    """What a ProbeMatch says; None for anything else. Its service addresses must be its own."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None  # no discovery message has one; entities can be made to eat memory
    try:
        root = ElementTree.fromstring(data)  # noqa: S314  declarations are refused above
    except (ElementTree.ParseError, ValueError):
        return None
    if message_id not in (root.findtext(f".//{ADDRESSING}RelatesTo") or ""):
        return None
    match = root.find(f".//{DISCOVERY}ProbeMatch")
    if match is None:
        return None
    scopes = (match.findtext(f"{DISCOVERY}Scopes") or "").split()
    services = []
    for url in (match.findtext(f"{DISCOVERY}XAddrs") or "").split()[:10]:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname == ip and not parts.username:
            services.append(url[:200])
    return {
        "ip": ip,
        "name": _scope(scopes, "name"),
        "model": _scope(scopes, "hardware"),
        "location": _scope(scopes, "location"),
        "services": services,
    }


def _scope(scopes: list[str], what: str) -> str:
    for scope in scopes:
        found = re.match(rf"onvif://www\.onvif\.org/{what}/(.+)$", scope)
        if found:
            return "".join(c for c in unquote(found[1]) if c.isprintable())[:80]
    return ""
