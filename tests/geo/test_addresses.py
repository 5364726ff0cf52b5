"""Outgoing HTTP reaches the open internet and what an administrator lists, and nothing else."""

import datetime as dt
import ipaddress
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from geo import addresses
from geo.addresses import Unreachable, send
from geo.errors import Refused
from tests.local_server import local_server

V4 = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.254", "172.16.0.1",
    "172.31.255.1", "192.168.0.1", "192.168.255.1", "169.254.169.254", "169.254.0.1",
    "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1",
    "198.19.255.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "250.1.1.1", "255.255.255.255", "168.63.129.16",
]  # fmt: skip
V6 = [
    "::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1",
    "100::1", "2001:db8::1", "2001:10::1", "2001:20::1", "3fff::1", "4000::1", "5f00::1",
    "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1",
    "2001:0:7f00:1::", "::127.0.0.1", "::8.8.8.8", "2001:4860::5efe:10.0.0.1",
]  # fmt: skip
SPELLINGS = [  # what getaddrinfo takes for an address without asking anybody
    "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0",
    "0xa9fea9fe", "2852039166", "169.254.43518", "10.1", "0xa.1", "192.168.257", "3232235521",
]  # fmt: skip
MALFORMED = [
    "", "https://", "https:///path", "https://host:0/", "https://host:99999/", "https://[::1",
    "https://a b/", "https://a\n.example/", "https://a\x00.example/", "https://a\u200b.example/",
    "https://a\u202e.example/", "https://user@host.example/", "https://user:pass@host.example/",
    "https://good.example\\@evil.example/", "https://good.example\\.evil.example/",
    "//host.example/", "host.example", "https:host.example", "javascript:alert(1)",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://host.example/", "dict://h:1/",
    "ldap://host.example/", "tftp://host.example/", "unix:///run/x.sock", "http://host.example/",
    "HTTP://host.example/", "httpss://host.example/", "https\t://host.example/", "data:,x",
    "https://" + "a" * 3000, "jar:https://host.example!/", "ws://host.example/",
    "https://ho\r\nst.example/", "https://host.example/\r\nX: y", "netdoc:///etc/passwd",
    "https://-.example.\ud800/",
]  # fmt: skip


def hostile() -> list[tuple[str, list[str]]]:
    """Addresses somebody may type, and what their names are found to be."""
    found = [(text, []) for text in MALFORMED]
    found += [(f"https://{ip}/", [ip]) for ip in V4]
    found += [(f"https://{ip}:8443/x", [ip]) for ip in V4[:10]]
    found += [(f"https://[{ip}]/", [ip]) for ip in V6]
    found += [(f"https://[::ffff:{ip}]/", [f"::ffff:{ip}"]) for ip in V4]
    found += [(f"https://{text}/", []) for text in SPELLINGS]
    found += [(f"https://n{n}.example/", [ip]) for n, ip in enumerate([*V4, *V6])]
    found += [
        ("https://mixed.example/", ["8.8.8.8", ip]) for ip in ("10.0.0.1", "::1", "fe80::1%lo")
    ]
    found += [(f"https://{name}/", ["127.0.0.1", "::1"]) for name in ("localhost", "LOCALHOST.")]
    return found


def test_two_hundred_hostile_addresses_open_no_connection(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, lambda self, to: opened.append(to))
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: opened.append(a))
    cases = hostile()
    assert len(cases) >= 200
    for address, ips in cases:
        with pytest.raises(Refused) as refusal:
            send("GET", address, lookup=(lambda host, ips=ips: ips) if ips else None)
        assert str(refusal.value)
    assert opened == []


def test_what_the_open_internet_uses_is_allowed() -> None:
    for ip in ("8.8.8.8", "1.1.1.1", "203.113.131.1", "2606:4700::1111", "2401:d800::1"):
        assert addresses.resolved("good.example", lambda host, ip=ip: [ip]) == [ip]


def test_listed_networks_are_reached_and_wrappers_of_others_are_not(settings: Any) -> None:
    settings.IOC_OUTGOING_NETWORKS = ["10.20.0.0/16", "64:ff9b::/96"]
    assert addresses.resolved("x", lambda h: ["10.20.1.1"])
    assert addresses.resolved("x", lambda h: ["64:ff9b::8.8.8.8"])
    for ip in ("10.21.0.1", "64:ff9b::10.21.0.1", "::ffff:10.21.0.1"):
        with pytest.raises(Refused):
            addresses.resolved("x", lambda h, ip=ip: [ip])


@pytest.fixture
def local(settings: Any) -> None:
    settings.IOC_OUTGOING_NETWORKS = ["127.0.0.0/8"]
    settings.IOC_OUTGOING_HTTP = True


def test_a_name_is_looked_up_once_and_its_judged_address_is_used(local: None) -> None:
    """The name turns bad after the first question, as a rebinding attacker's does."""
    asked: list[str] = []

    def lookup(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with local_server() as server:
        url = server.url("/hook?x=1", host="hooks.example")
        answer = send("POST", url, body=b"{}", headers={"X-A": "b"}, lookup=lookup)
    assert (answer.status, answer.body) == (200, b"ok")
    assert asked == ["hooks.example"]
    heard = server.heard[0]
    assert (heard.method, heard.path, heard.body) == ("POST", "/hook?x=1", b"{}")
    assert heard.headers["host"] == f"hooks.example:{server.port}"
    assert heard.headers["x-a"] == "b"


def test_redirects_are_told_and_not_followed(local: None) -> None:
    def away(handler: Any) -> None:
        handler.send_response(302)
        handler.send_header("Location", server.url("/inside"))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with local_server() as server:
        server.answers = [away]
        assert send("GET", server.url()).status == 302
    assert [heard.path for heard in server.heard] == ["/"]


def test_time_and_length_are_bounded(local: None) -> None:
    def drip(handler: Any) -> None:
        """A header that never ends, a byte at a time: no single wait is long."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            handler.wfile.write(b"a")
            handler.wfile.flush()
            time.sleep(0.05)

    def flood(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**9))
        handler.end_headers()
        try:
            for _ in range(1000):
                handler.wfile.write(b"a" * 10_000)
        except OSError:
            pass

    with local_server() as server:
        server.answers = [drip, flood]
        began = time.monotonic()
        with pytest.raises(Unreachable) as error:
            send("GET", server.url(), timeout_s=0.4)
        assert time.monotonic() - began < 4  # the header alone drips for five
        assert error.value.maybe_taken
        assert len(send("GET", server.url(), limit=1000).body) == 1000


def test_nobody_listening_is_certainly_not_taken(local: None) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable) as error:
        send("POST", f"http://127.0.0.1:{port}/", body=b"x")
    assert not error.value.maybe_taken


def certificate(folder: Path, name: str) -> Path:
    """A file with a key and a certificate for `name` that signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_the_certificate_is_judged_by_the_name_not_by_the_pinned_address(
    local: None, tmp_path: Path
) -> None:
    file = certificate(tmp_path, "hooks.example")
    side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    side.load_cert_chain(file)
    asked: list[str | None] = []
    side.sni_callback = lambda sock, name, context: asked.append(name)
    trust = ssl.create_default_context(cafile=file)
    with local_server(side) as server:
        to = {"lookup": lambda host: ["127.0.0.1"], "tls": trust}
        assert send("GET", server.url(host="hooks.example", scheme="https"), **to).status == 200
        assert asked == ["hooks.example"]
        with pytest.raises(Unreachable):
            send("GET", server.url(host="other.example", scheme="https"), **to)
        with pytest.raises(Unreachable):
            send("GET", server.url(host="hooks.example", scheme="https"), lookup=to["lookup"])
    assert len(server.heard) == 1


def test_public_addresses_agree_with_the_standard_library_where_both_speak() -> None:
    for text in [*V4, *V6]:
        assert not all(map(addresses.is_public, addresses.layers_of(text))), text
    assert addresses.is_public(ipaddress.ip_address("9.9.9.9"))
