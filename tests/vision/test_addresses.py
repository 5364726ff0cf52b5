import pytest

from geo.errors import Refused
from vision.addresses import Address, checked, from_command_line, reachable

HOSTILE = [
    "exec:ls", "exec://ls", "file:///etc/passwd", "file:/etc/passwd", "/etc/passwd", "../x.mp4",
    "concat:a|b", "concat://a", "pipe:0", "subfile,,start,0,end,9,,:/etc/passwd",
    "data:text/plain,x",
    "gopher://host/", "ftp://host/x", "lavfi:testsrc", "crypto:file", "rtsp:/host/x", "http://",
    "rtsp://host/a b", "rtsp://host/\nSETUP", "http://host:0/", "http://host:99999/",
    "javascript:x",
    "rtsp://user:secret@host/1", "rtsp://user@host/1", "movie.txt", "https:host",
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
def test_hostile_addresses_are_refused(address, tmp_path):
    with pytest.raises(Refused):
        checked(address, roots=[tmp_path])


def test_a_link_out_of_the_media_folder_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out.mp4").touch()
    (tmp_path / "in" / "link.mp4").symlink_to(tmp_path / "out.mp4")
    with pytest.raises(Refused):
        checked("link.mp4", roots=[tmp_path / "in"])
    (tmp_path / "in" / "ok.mp4").touch()
    assert checked("ok.mp4", roots=[tmp_path / "in"]).is_file


@pytest.mark.parametrize(
    "address", ["rtsp://cam.example/1", "rtsps://cam.example/1", "https://cam.example/live.m3u8"]
)
def test_streams_are_taken(address):
    assert not checked(address, roots=[]).is_file


@pytest.mark.parametrize(
    "ip", ["127.0.0.1", "10.0.0.8", "192.168.1.4", "169.254.169.254", "::1", "fe80::1%eth0",
           "::ffff:127.0.0.1", "0.0.0.0", "100.64.0.1", "224.0.0.5"],
)  # fmt: skip
def test_private_networks_need_an_administrator(ip, settings):
    settings.IOC_VISION_PRIVATE_NETWORKS = []
    with pytest.raises(Refused):
        reachable(Address("rtsp://cam.example/1", False), lookup=lambda host: [ip])


def test_one_private_answer_among_public_ones_is_enough(settings):
    settings.IOC_VISION_PRIVATE_NETWORKS = ["10.1.0.0/16"]
    address = Address("rtsp://cam.example/1", False)
    with pytest.raises(Refused):
        reachable(address, lookup=lambda host: ["8.8.8.8", "10.2.0.1"])
    reachable(address, lookup=lambda host: ["8.8.8.8", "10.1.0.1"])


def test_command_line_takes_files_and_streams_and_nothing_else(tmp_path):
    video = tmp_path / "a.mp4"
    video.touch()
    assert from_command_line(str(video)).is_file
    for source in ("exec:ls", "lavfi:testsrc", str(tmp_path), "concat:a"):
        with pytest.raises(Refused):
            from_command_line(source)


def test_shown_address_tells_no_secret():
    assert Address("rtsp://u:p@cam.example/live?token=1", False).shown == "rtsp://cam.example"
