"""Every hop to a camera is judged, and none is looked up twice."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import av
import pytest

from geo.errors import Refused
from tests.vision.factories import SIZE, falling_box
from tests.vision.rtsp_camera import rtsp_camera, transport_stream
from vision.addresses import (
    Address,
    from_command_line,
    login_of,
    reachable,
    with_login,
    without_login,
)  # fmt: skip
from vision.opening import fetch, opened
from vision.relay import Answers, Redirected


@contextmanager
def http(routes, log=None):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if log is not None:
                log.append((self.path, self.headers.get("Authorization"), self.headers["Host"]))
            status, headers, body = routes(self)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def this_machine_is_allowed(settings):
    settings.IOC_VISION_PRIVATE_NETWORKS = ["127.0.0.1/32"]


def to_here(host):
    return {"cam.example": ["127.0.0.1"], "127.0.0.1": ["127.0.0.1"]}.get(host, ["10.9.9.9"])


def test_an_http_video_is_read_from_the_address_that_was_judged(falling):
    log, asked = [], []

    def lookup(host):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]  # a name that turns its coat

    with http(lambda h: (200, {}, falling.with_suffix(".mp4").read_bytes()), log) as port:
        address = Address(f"http://cam.example:{port}/v.mp4", is_file=False)
        body = fetch(address.url, lookup=lookup)
        assert body.read(4)
        body.close()
    assert asked == ["cam.example"]
    assert log[0][2] == f"cam.example:{port}"


@pytest.mark.parametrize(
    "where", ["http://10.9.9.9/x", "http://[::1]/x", "file:///etc/passwd", "rtsp://cam.example/",
              "http://169.254.169.254/latest", "gopher://cam.example/"],
)  # fmt: skip
def test_a_redirect_into_another_network_is_refused(where):
    with (
        http(lambda h: (302, {"Location": where}, b"")) as port,
        pytest.raises(Refused),
        opened(Address(f"http://cam.example:{port}/v", False), lookup=lambda h: {
            "cam.example": ["127.0.0.1"]}.get(h, [h])),
    ):  # fmt: skip
        pass


def test_an_allowed_redirect_is_followed_and_takes_no_password_along():
    log = []

    def routes(handler):
        if handler.path == "/a":
            if not handler.headers.get("Authorization"):
                return 401, {"WWW-Authenticate": 'Basic realm="cam"'}, b""
            return 302, {"Location": f"http://other.example:{port}/b"}, b""
        return 200, {}, b"picture"

    with http(routes, log) as port:
        body = fetch(f"http://cam.example:{port}/a", login_of("u", "p:w"), lookup=lambda h: [
            "127.0.0.1"])  # fmt: skip
        assert body.read() == b"picture"
        body.close()
    assert [(path, bool(given)) for path, given, _host in log] == [
        ("/a", False), ("/a", True), ("/b", False),
    ]  # fmt: skip


def test_a_playlist_leads_nowhere_that_is_not_allowed():
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n"
    for part in ("http://10.9.9.9/secret.ts", "http://169.254.169.254/x.ts"):
        body = playlist.format(part).encode()
        with (
            http(lambda h, body=body: (
                200, {"Content-Type": "application/vnd.apple.mpegurl"}, body)) as port,
            pytest.raises(Refused),
            opened(Address(f"http://cam.example:{port}/l.m3u8", False), lookup=lambda h: {
                "cam.example": ["127.0.0.1"]}.get(h, [h])) as container,
        ):  # fmt: skip
            next(container.decode(video=0))


@contextmanager
def rtsp_that_says(answer, heard):
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        try:
            while True:
                call, _ = server.accept()
                heard.append(call.recv(4096))
                call.sendall(answer)
                call.close()
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()


def test_an_rtsp_redirect_is_not_followed():
    heard, elsewhere = [], []
    with rtsp_that_says(b"", elsewhere) as other:
        answer = (
            f"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:{other}/x\r\n\r\n"
        ).encode()
        with (
            rtsp_that_says(answer, heard) as port,
            pytest.raises(Refused, match="another address|địa chỉ khác"),
            opened(Address(f"rtsp://cam.example:{port}/live", False), lookup=to_here),
        ):
            pass
    assert heard
    assert elsewhere == []


def test_rtsp_with_a_login_is_read_through_the_relay():
    log, asked = [], []

    def lookup(host):
        asked.append(host)
        return ["127.0.0.1"]

    data = transport_stream([falling_box(n / 10) for n in range(40)])
    with (
        rtsp_camera(data, "admin:p@ss", log) as port,
        opened(
            Address(f"rtsp://cam.example:{port}/live", False),
            login_of("admin", "p@ss"),
            lookup=lookup,
        ) as container,
    ):
        frames = [frame for _, frame in zip(range(10), container.decode(video=0), strict=False)]
        assert (frames[0].width, frames[0].height) == SIZE
    assert len(frames) == 10
    assert asked == ["cam.example"]
    assert {login for _line, login in log if login} == {"Basic YWRtaW46cEBzcw=="}
    assert not any("p@ss" in line or "admin" in line for line, _login in log)


def test_what_is_typed_at_the_machine_is_not_judged_but_where_it_leads_is(settings):
    settings.IOC_VISION_PRIVATE_NETWORKS = []
    typed = from_command_line("http://127.0.0.1:1/v")
    assert reachable(typed) == ["127.0.0.1"]
    with (
        http(lambda h: (302, {"Location": "http://127.0.0.1:1/x"}, b"")) as port,
        pytest.raises(Refused),
        opened(from_command_line(f"http://127.0.0.1:{port}/v")),
    ):
        pass


def test_a_camera_that_hangs_up_is_an_error_and_no_refusal():
    with (
        rtsp_that_says(b"", []) as port,
        pytest.raises((av.FFmpegError, OSError)),
        opened(Address(f"rtsp://cam.example:{port}/live", False), lookup=to_here),
    ):
        pass


def test_answers_are_read_through_interleaved_data():
    answers = Answers()
    ok = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nRTSP/"
    noise = b"$\x00\x00\x0eRTSP/1.0 302 X"  # looks like a redirect, is a picture
    stream = ok + noise + ok
    for i in range(len(stream)):
        answers.feed(stream[i : i + 1])
    with pytest.raises(Redirected):
        answers.feed(b"RTSP/1.0 301 Moved\r\n")


@pytest.mark.parametrize(
    ("given", "address", "login"),
    [
        ("rtsp://u:p@h/1", "rtsp://h/1", "u:p"),
        ("rtsp://u:p%40x@h:8/1?q=a@b", "rtsp://h:8/1?q=a@b", "u:p%40x"),
        ("rtsp://u:p@x@h/1", "rtsp://h/1", "u:p%40x"),
        ("http://u@h", "http://h", "u:"),
        ("rtsp://h/a@b", "rtsp://h/a@b", None),
        ("film.mp4", "film.mp4", None),
    ],
)
def test_a_login_is_taken_out_of_an_address(given, address, login):
    assert without_login(given) == (address, login)
    if login:
        assert without_login(with_login(address, login)) == (address, login)
