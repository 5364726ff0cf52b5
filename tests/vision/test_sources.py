import socket
import threading
import time
from fractions import Fraction

import av
import numpy as np
import pytest

from tests.vision.factories import SIZE, falling_box
from vision.addresses import Address
from vision.slot import LatestSlot
from vision.sources import Frame, SourceFailed, fingerprint, frames


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


def push(url, stop):
    """A camera: sends pictures as fast as they would be shown, until told to stop."""
    for _attempt in range(50):
        try:
            container = av.open(url, "w", format="rtsp", options={"rtsp_transport": "tcp"})
            stream = container.add_stream("libx264", rate=Fraction(10))
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "5"}
            for n in range(60):
                if stop.is_set():
                    break
                picture = av.VideoFrame.from_ndarray(falling_box(n / 10), format="rgb24")
                container.mux(stream.encode(picture))
                time.sleep(0.05)
            container.close()
            return
        except OSError:
            time.sleep(0.1)


def test_rtsp_for_real(monkeypatch):
    """PyAV listens, a second PyAV pushes: the stream gives frames, and its end is a failure."""
    monkeypatch.setattr("vision.sources.STREAM_OPTIONS", {"rtsp_flags": "listen"})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, stop = f"rtsp://127.0.0.1:{port}/cam", threading.Event()
    camera = threading.Thread(target=push, args=(url, stop), daemon=True)
    camera.start()
    taken = []
    with pytest.raises(SourceFailed):
        for frame in frames(Address(url, False), per_s=25):
            taken.append(frame)
            if len(taken) == 10:
                stop.set()
    camera.join(10)
    assert len(taken) >= 10
    assert taken[0].picture().shape == (SIZE[1], SIZE[0], 3)
    assert taken[5].media_s > taken[0].media_s
