"""Cameras that ask for HTTP Digest: a real server that counts the answer out for itself."""

import hashlib
import re

import pytest

from tests.vision.test_onvif_streams import LOGIN, Answers
from tests.vision.test_onvif_streams import camera as camera  # noqa: PLC0414
from tests.vision.test_opening import http
from vision import onvif_streams
from vision.addresses import login_of
from vision.opening import fetch
from vision.sources import SourceFailed

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
ASKS = 'Digest realm="cam", nonce="{nonce}", qop="{qop}", algorithm={algorithm}'


@pytest.fixture(autouse=True)
def this_machine_is_allowed(settings):
    settings.IOC_VISION_PRIVATE_NETWORKS = ["127.0.0.0/30"]


def knows(verb, header, password="Cam@1", nonce="n1"):
    """Whether the answer is that of admin with this password, by RFC 7616."""
    if not header.startswith("Digest "):
        return False
    told = dict(re.findall(r'(\w+)="?([^",]+)"?', header))

    def digest(*parts):
        return HASHES[told["algorithm"]](":".join(parts).encode()).hexdigest()

    secret = digest("admin", "cam", password)
    middle = (told["nonce"], told["nc"], told["cnonce"], told["qop"])
    right = digest(secret, *middle, digest(verb, told["uri"]))
    return (told["username"], told["nonce"], told["response"]) == ("admin", nonce, right)


class Digest(Answers):
    """Takes no UsernameToken; its clock is told to nobody without a login either."""

    asks = ASKS.format(nonce="n1", qop="auth", algorithm="SHA-256")
    refusal = b""

    def do_POST(self):
        given = self.headers.get("Authorization", "")
        self.server.given.append(given)
        if knows("POST", given):
            return super().do_POST()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="cam"')
        self.send_header("WWW-Authenticate", self.asks)
        self.send_header("Content-Length", str(len(self.refusal)))
        self.end_headers()
        try:
            self.wfile.write(self.refusal)
        except OSError:  # hung up on
            return None

    def _knows(self, root):
        return True


@pytest.fixture
def digest(camera):
    camera.RequestHandlerClass, camera.given = Digest, []
    return camera


def test_a_camera_that_wants_http_digest_tells_its_streams(digest):
    told = onvif_streams.streams(digest.service, LOGIN)
    assert [one["name"] for one in told] == ["Main", "Sub"]
    assert any(given.startswith("Digest") for given in digest.given)
    assert not any(given.startswith("Basic") for given in digest.given)


def test_a_wrong_password_is_said_after_one_try(digest):
    with pytest.raises(SourceFailed, match="user and password"):
        onvif_streams.streams(digest.service, login_of("admin", "wrong"))
    assert sum(given != "" for given in digest.given) == 1  # more would lock the account


@pytest.mark.parametrize(("qop", "algorithm"), [("auth", "SHA-999"), ("auth-int", "MD5")])
def test_a_digest_that_nobody_knows_is_said(digest, monkeypatch, qop, algorithm):
    asks = ASKS.format(nonce="n1", qop=qop, algorithm=algorithm)
    monkeypatch.setattr(Digest, "asks", asks)
    with pytest.raises(SourceFailed, match="cannot be read"):
        onvif_streams.streams(digest.service, LOGIN)


def test_a_refusal_of_any_length_is_not_read(digest, monkeypatch):
    monkeypatch.setattr(Digest, "refusal", b"x" * 20_000_000)
    assert len(onvif_streams.streams(digest.service, LOGIN)) == 2


@pytest.mark.parametrize("media", ["http://127.0.0.1:99999/m", "http://127.0.0.1:x/m"])
def test_a_media_service_at_no_port_is_not_asked(camera, media):
    camera.media = media
    assert len(onvif_streams.streams(camera.service, LOGIN)) == 2


def test_a_stream_is_signed_in_by_digest_where_both_are_offered():
    given = []

    def routes(handler):
        given.append(handler.headers.get("Authorization", ""))
        if knows("GET", given[-1]):
            return 200, {}, b"picture"
        both = {"WWW-Authenticate": 'Basic realm="cam"', "WWW-authenticate": ASKS.format(
            nonce="n1", qop="auth", algorithm="MD5")}  # fmt: skip
        return 401, both, b"no"

    with http(routes) as port:
        body = fetch(f"http://cam.example:{port}/v", LOGIN, lookup=lambda h: ["127.0.0.1"])
        assert body.read() == b"picture"
        body.close()
    assert [one.partition(" ")[0] for one in given] == ["", "Digest"]


def test_a_stream_with_an_unknown_digest_fails_as_a_stream_does():
    asks = {"WWW-Authenticate": ASKS.format(nonce="n1", qop="auth", algorithm="SHA-999")}
    with http(lambda h: (401, asks, b"")) as port, pytest.raises(OSError, match="way in which"):
        fetch(f"http://cam.example:{port}/v", LOGIN, lookup=lambda h: ["127.0.0.1"])
