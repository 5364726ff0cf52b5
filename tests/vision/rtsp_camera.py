"""A camera that speaks RTSP: it serves a video as MPEG-TS, interleaved, to who signs in."""

import base64
import io
import socket
import threading
from contextlib import contextmanager, suppress
from fractions import Fraction

import av
import numpy as np

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=cam\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\n" \
      "a=control:track1\r\n"  # fmt: skip
BATCH = 7 * 188


def transport_stream(pictures, per_s=10):
    out = io.BytesIO()
    with av.open(out, "w", format="mpegts") as container:
        stream = container.add_stream("libx264", rate=Fraction(per_s))
        height, width = pictures[0].shape[:2]
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast", "g": "5"}
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


def packets(data):
    for n, start in enumerate(range(0, len(data), BATCH)):
        head = bytes([0x80, 33]) + n.to_bytes(2, "big") + (n * 900).to_bytes(4, "big") + b"cam1"
        body = head + data[start : start + BATCH]
        yield b"$\x00" + len(body).to_bytes(2, "big") + body


class _Call:
    """One caller's connection, answered until it hangs up."""

    def __init__(self, call, data, wanted, log):
        self.call, self.data, self.wanted, self.log = call, data, wanted, log

    def run(self):
        held = b""
        with self.call, suppress(OSError):
            while part := self.call.recv(4096):
                held += part
                while b"\r\n\r\n" in held:
                    request, _, held = held.partition(b"\r\n\r\n")
                    self.hear(request.decode().split("\r\n"))

    def hear(self, lines):
        heads = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        if self.log is not None:
            self.log.append((lines[0], heads.get("Authorization", "")))
        verb, number = lines[0].split()[0], heads["CSeq"]
        if verb == "OPTIONS":
            self.say(number, Public="OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif self.wanted and heads.get("Authorization") != self.wanted:
            asks = {"WWW-Authenticate": 'Basic realm="cam"'}
            self.say(number, status="401 Unauthorized", **asks)
        elif verb == "DESCRIBE":
            self.say(number, SDP)
        elif verb == "SETUP":
            self.say(number, Transport="RTP/AVP/TCP;unicast;interleaved=0-1", Session="7")
        else:
            self.say(number, Session="7")
            if verb == "PLAY":
                for packet in packets(self.data):
                    self.call.sendall(packet)

    def say(self, number, body="", status="200 OK", **more):
        if body:
            more |= {"Content-Type": "application/sdp", "Content-Length": len(body)}
        heads = "".join(f"{name}: {value}\r\n" for name, value in more.items())
        text = f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n{heads}\r\n{body}"
        self.call.sendall(text.encode())


@contextmanager
def rtsp_camera(data, login="", log=None):
    """The port at which it listens; `log` takes the requests' first lines and logins."""
    server = socket.create_server(("127.0.0.1", 0))
    wanted = "Basic " + base64.b64encode(login.encode()).decode() if login else ""

    def serve():
        with suppress(OSError):
            while True:
                call = _Call(server.accept()[0], data, wanted, log)
                threading.Thread(target=call.run, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()
