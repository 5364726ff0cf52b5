"""What an operator reads of a camera that cannot be read: a reason, and never a class's name."""

import socket
import threading

import pytest

from tests.vision.test_opening import http, rtsp_that_says
from vision import opening
from vision.addresses import Address, login_of
from vision.sources import SourceFailed, frames

BASIC = {"WWW-Authenticate": 'Basic realm="cam"'}


@pytest.fixture(autouse=True)
def this_machine_is_allowed(settings, monkeypatch):
    settings.IOC_VISION_PRIVATE_NETWORKS = ["127.0.0.1/32"]
    monkeypatch.setattr(opening, "TIMEOUT", (1.0, 1.0))
    monkeypatch.setattr(opening, "READ_TIMEOUT_S", 1.0)


def told(url, login=""):
    with pytest.raises(SourceFailed) as failure:
        next(frames(Address(url, is_file=False), per_s=5, login=login))
    assert "127.0.0.1" not in str(failure.value)
    return str(failure.value).removeprefix("cannot be read (").removesuffix(")")


@pytest.fixture
def nobody():
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # bound and not listening: it refuses, and stays ours
        yield probe.getsockname()[1]


@pytest.mark.parametrize(
    ("status", "headers", "login", "words"),
    [
        (401, BASIC, "", "asks for a user"),
        (401, BASIC, login_of("admin", "wrong"), "does not accept"),
        (404, {}, "", "nothing at this address"),
        (503, {}, "", "answers 503"),
        (200, {}, "", "no video"),
    ],
)
def test_what_an_http_camera_answers_is_said(status, headers, login, words):
    with http(lambda h: (status, headers, b"<html>no video</html>" * 30)) as port:
        assert words in told(f"http://127.0.0.1:{port}/v", login)


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_nobody_at_the_port_is_said(scheme, nobody):
    assert told(f"{scheme}://127.0.0.1:{nobody}/v") == "nobody answers at this address"


def test_silence_is_said():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert told(f"http://127.0.0.1:{silent.getsockname()[1]}/v") == "no answer in time"


def test_who_hangs_up_without_a_word_speaks_no_rtsp():
    with rtsp_that_says(b"", []) as port:
        assert "does not speak RTSP" in told(f"rtsp://127.0.0.1:{port}/v")


def test_a_stream_that_breaks_off_in_the_middle_is_said():
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        call, _ = server.accept()
        call.recv(4096)
        call.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + b"x" * 50)
        call.close()

    threading.Thread(target=serve, daemon=True).start()
    with server:
        words = told(f"http://127.0.0.1:{server.getsockname()[1]}/v")
    assert words in ("the camera broke the connection off", "what comes is no video")
