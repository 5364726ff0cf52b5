import socket
import subprocess
import sys
import threading
from contextlib import nullcontext
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import av
import cv2
import numpy as np
import pytest

from geo.errors import Refused
from tests.vision.conftest import write_video
from tests.vision.factories import SIZE, falling_box
from vision.addresses import Address
from vision.slot import LatestSlot
from vision.sources import Clock, Frame, SourceFailed, fingerprint, frames


@pytest.fixture(autouse=True)
def cameras_at_home(settings):
    settings.IOC_VISION_PRIVATE_NETWORKS = ["127.0.0.0/8"]


def test_a_file_is_thinned_by_its_own_time(falling):
    taken = list(frames(Address(str(falling), True), per_s=5))
    assert len(taken) == 40
    assert [round(frame.media_s, 1) for frame in taken[:3]] == [0.0, 0.2, 0.4]
    assert taken[0].picture().shape == (SIZE[1], SIZE[0], 3)
    assert {frame.session for frame in taken} == {fingerprint(falling)}


def test_a_loop_is_a_new_session_each_time(falling):
    looped = frames(Address(str(falling), True), per_s=5, loops=True)
    taken = [next(looped) for _ in range(41)]
    assert len({frame.session for frame in taken}) == 2
    assert taken[40].at > taken[39].at
    assert taken[40].media_s == 0


def test_garbage_and_missing_files_fail_in_words(tmp_path):
    garbage = tmp_path / "garbage.mp4"
    garbage.write_bytes(np.random.default_rng(1).bytes(5000))
    for path in (garbage, tmp_path / "none.mp4"):
        with pytest.raises(SourceFailed, match="cannot be read") as failure:
            list(frames(Address(str(path), True), per_s=5))
        assert str(tmp_path) not in str(failure.value)


def test_a_playlist_cannot_lead_out_of_a_file(tmp_path):
    """A file that names other sources is not followed to the network."""
    lure = tmp_path / "lure.mp4"
    lure.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(SourceFailed):
        list(frames(Address(str(lure), True), per_s=5))


def test_an_absurd_picture_is_refused():
    raw = av.VideoFrame(16384, 8640, "yuv420p")
    with pytest.raises(SourceFailed, match="16384"):
        Frame(0.0, None, "s", raw).picture()


def test_a_wide_picture_is_scaled():
    assert Frame(0.0, None, "s", av.VideoFrame(1920, 1080, "yuv420p")).picture().shape == (
        720, 1280, 3,
    )  # fmt: skip


def test_slot_keeps_the_newest_and_counts_the_rest():
    slot = LatestSlot()
    for n in range(3):
        slot.put(n)
    assert (slot.take(), slot.take(), slot.dropped) == (2, None, 2)


class Camera(SimpleHTTPRequestHandler):
    """Serves the folder's videos; /away leads elsewhere."""

    def do_GET(self):
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://10.9.8.7/stream.ts")
            self.end_headers()
        elif self.path == "/mjpeg":
            self._mjpeg()
        else:
            super().do_GET()

    def _mjpeg(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for n in range(12):
            jpeg = cv2.imencode(".jpg", falling_box(n / 10))[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")

    def log_message(self, *args):
        pass


@pytest.fixture
def http_camera(tmp_path):
    write_video(tmp_path / "stream.ts", [falling_box(i / 10) for i in range(20)])
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Camera, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_stream_gives_frames_and_its_end_is_a_failure(http_camera):
    taken = []
    with pytest.raises(SourceFailed, match="ended"):
        for frame in frames(Address(f"{http_camera}/stream.ts", False), per_s=25):
            taken.append(frame)
    assert len(taken) == 20
    assert taken[0].picture().shape == (SIZE[1], SIZE[0], 3)
    assert [round(frame.media_s, 1) for frame in taken[:3]] == [0.0, 0.1, 0.2]


def test_a_stream_that_leads_elsewhere_is_not_followed(http_camera):
    with pytest.raises(Refused, match="private network"):
        next(frames(Address(f"{http_camera}/away", False), per_s=25))


def until_it_ends(source):
    taken = []
    with pytest.raises(SourceFailed, match="ended"):
        for frame in source:
            taken.append(frame)
    return taken


def test_mjpeg_over_http(http_camera):
    taken = until_it_ends(frames(Address(f"{http_camera}/mjpeg", False), per_s=1000))
    assert len(taken) >= 11
    assert taken[5].picture().shape == (SIZE[1], SIZE[0], 3)


def test_hls_over_http(http_camera, tmp_path):
    with av.open(str(tmp_path / "live.m3u8"), "w", format="hls") as container:
        encode_into(container, [falling_box(i / 10) for i in range(20)])
    taken = until_it_ends(frames(Address(f"{http_camera}/live.m3u8", False), per_s=25))
    assert len(taken) == 20


def encode_into(container, pictures):
    stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
    stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
    for picture in pictures:
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    container.mux(stream.encode())


def test_a_folder_of_pictures_in_order_and_garbage_left_out(tmp_path):
    for n in range(4):
        cv2.imwrite(str(tmp_path / f"{n}.jpg"), falling_box(n / 10))
    (tmp_path / "2.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("x")
    taken = list(frames(Address(str(tmp_path), True), per_s=2))
    assert [frame.media_s for frame in taken] == [0.0, 0.5, 1.0]
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceFailed, match="no new pictures"):
        list(frames(Address(str(tmp_path / "empty"), True), per_s=2))


def test_garbage_between_packets_is_left_out(falling, tmp_path):
    data = bytearray(falling.read_bytes())
    broken = tmp_path / "broken.mp4"
    start = data.index(b"mdat") + 3000
    data[start : start + 400] = np.random.default_rng(5).bytes(400)
    broken.write_bytes(data)
    taken = list(frames(Address(str(broken), True), per_s=10))
    assert len(taken) > 40


def test_a_clock_that_lies_is_given_up():
    honest, fast, back = Clock(), Clock(), Clock()
    for n in range(200):
        assert honest.stamp(7 + n / 10, 50 + n / 10) == pytest.approx(n / 10, abs=0.01)
        told = [fast.stamp(7 + n, 50 + n / 10), back.stamp(7 + (n % 50) / 10, 50 + n / 10)]
    assert not honest.lies
    assert fast.lies and back.lies
    assert told == pytest.approx([19.9, 19.9], abs=0.5)
    silent = Clock()
    assert [round(silent.stamp(None, 50 + n), 3) for n in range(3)] == [0, 1, 2]


def test_another_size_is_another_session(monkeypatch):
    pictures = [av.VideoFrame(320, 240, "yuv420p")] * 2 + [av.VideoFrame(640, 480, "yuv420p")] * 2
    monkeypatch.setattr("vision.sources.opened", lambda address, login: nullcontext())
    monkeypatch.setattr("vision.sources._decoded", lambda container: iter(pictures))
    monkeypatch.setattr("vision.sources._time_in", lambda raw, clock, is_file: next(times))
    times = iter((0.0, 1.0, 2.0, 3.0))
    taken = until_it_ends(frames(Address("rtsp://127.0.0.1/x", False), per_s=5))
    assert [frame.session == taken[0].session for frame in taken] == [True, True, False, False]


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_stream_that_stalls_is_given_up(scheme, monkeypatch):
    monkeypatch.setattr("vision.opening.TIMEOUT", (0.5, 0.5))
    monkeypatch.setattr("vision.opening.OPEN_TIMEOUT_S", 0.5)
    monkeypatch.setattr("vision.opening.READ_TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(SourceFailed):
        url = f"{scheme}://127.0.0.1:{mute.getsockname()[1]}/cam"
        next(frames(Address(url, False), per_s=5))


PUSH = """
import sys, time, av, numpy
url, pictures = sys.argv[1], 30
for attempt in range(50):
    try:
        out = av.open(url, "w", format="rtsp", options={"rtsp_transport": "tcp"})
        break
    except OSError:
        time.sleep(0.1)
stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast", "tune": "zerolatency"})
stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
for n in range(pictures):
    picture = numpy.full((240, 320, 3), 8 * n, numpy.uint8)
    out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    time.sleep(0.03)
out.close()
"""


def test_rtsp_for_real(monkeypatch):
    """PyAV listens where a camera would be asked, another process pushes."""
    listen = {"rtsp_flags": "listen", "listen_timeout": "10"}
    monkeypatch.setattr(
        "vision.sources.opened",
        lambda address, login: av.open(address.url, options=listen, timeout=20),
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url, taken = f"rtsp://127.0.0.1:{port}/cam", []
    camera = subprocess.Popen([sys.executable, "-c", PUSH, url])
    try:
        with pytest.raises(SourceFailed, match="ended"):
            for frame in frames(Address(url, False), per_s=25):
                taken.append(frame)
    finally:
        camera.kill()
        camera.wait()
    assert len(taken) > 20
    assert taken[0].picture().shape == (240, 320, 3)
    assert taken[9].media_s > taken[0].media_s
