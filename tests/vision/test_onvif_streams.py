"""A camera that answers SOAP as real ones do: its streams, and what it may not lead us to."""

import base64
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from xml.etree import ElementTree

import pytest
from django.test import Client

from geo.errors import Refused
from ioc.accounts.models import User
from vision import jobs, onvif_streams
from vision.addresses import login_of
from vision.models import Job
from vision.sources import SourceFailed

SOAP = (
    '<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl"><SOAP-ENV:Body>{}</SOAP-ENV:Body>'
    "</SOAP-ENV:Envelope>"
)
CLOCK = (
    "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime><tt:Time>"
    "<tt:Hour>3</tt:Hour><tt:Minute>4</tt:Minute><tt:Second>5</tt:Second></tt:Time><tt:Date>"
    "<tt:Year>2020</tt:Year><tt:Month>1</tt:Month><tt:Day>2</tt:Day></tt:Date></tt:UTCDateTime>"
    "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
)
PROFILE = (
    '<trt:Profiles fixed="true" token="{0}"><tt:Name>{1}</tt:Name><tt:VideoEncoderConfiguration>'
    "<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{2}</tt:Width><tt:Height>{3}"
    "</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>"
)
URI = (
    "<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{}</tt:Uri></trt:MediaUri>"
    "</trt:GetStreamUriResponse>"
)
NOT_AUTHORISED = (
    "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value>"
    '<SOAP-ENV:Subcode><SOAP-ENV:Value xmlns:ter="http://www.onvif.org/ver10/error">'
    "ter:NotAuthorized</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code></SOAP-ENV:Fault>"
)
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"


class Answers(BaseHTTPRequestHandler):
    uris = {
        "p1": "rtsp://127.0.0.1:554/main",
        "p2": "rtsp://admin:Cam%401@127.0.0.1:554/sub?a=1&amp;b=2",
        "p3": "rtsp://10.9.9.9/elsewhere",
    }

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, data))
        status, body = self._answer(ElementTree.fromstring(data), data)
        body = SOAP.format(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, root, data):
        if "GetSystemDateAndTime" in data:
            return 200, CLOCK
        if not self._knows(root):
            return 400, NOT_AUTHORISED
        if "GetCapabilities" in data:
            port = self.server.server_port
            address = self.server.media or f"http://127.0.0.1:{port}/onvif/media"
            return (
                200,
                f"<tds:Capabilities><tt:Media><tt:XAddr>{address}</tt:XAddr></tt:Media></tds:Capabilities>",
            )
        if "GetProfiles" in data:
            sizes = (("p2", "Sub", 640, 360), ("p1", "Main", 2560, 1440), ("p3", "Far", 320, 240))
            return 200, "".join(PROFILE.format(*each) for each in sizes)
        return 200, URI.format(
            next(uri for token, uri in self.uris.items() if f">{token}<" in data)
        )

    def _knows(self, root):
        token = root.find(f".//{WSSE}UsernameToken")
        if token is None or token.findtext(f"{WSSE}Username") != "admin":
            return False
        created = token.findtext(f"{WSU}Created")
        nonce = base64.b64decode(token.findtext(f"{WSSE}Nonce"))
        right = hashlib.sha1(nonce + created.encode() + b"Cam@1").digest()
        same = base64.b64encode(right).decode() == token.findtext(f"{WSSE}Password")
        return same and created.startswith("2020-01-02T03:04")  # by the camera's own clock

    def log_message(self, *args):
        pass


@pytest.fixture
def camera(settings):
    settings.IOC_VISION_DISCOVERY = ["127.0.0.0/30"]
    settings.IOC_VISION_PRIVATE_NETWORKS = ["127.0.0.0/30"]
    server = HTTPServer(("127.0.0.1", 0), Answers)
    server.asked, server.media = [], ""
    server.service = f"http://127.0.0.1:{server.server_port}/onvif/device_service"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    yield server
    server.shutdown()
    server.server_close()


LOGIN = login_of("admin", "Cam@1")


def test_a_camera_tells_its_streams_largest_first_without_a_login(camera):
    told = onvif_streams.streams(camera.service, LOGIN)
    assert [(one["name"], one["width"], one["address"]) for one in told] == [
        ("Main", 2560, "rtsp://127.0.0.1:554/main"),
        ("Sub", 640, "rtsp://127.0.0.1:554/sub?a=1&b=2"),
    ]  # the third lies on another host
    assert {path for path, _ in camera.asked} == {"/onvif/device_service", "/onvif/media"}
    assert "Cam@1" not in "".join(data for _, data in camera.asked)


@pytest.mark.django_db
def test_who_may_look_for_cameras_asks_one_for_its_streams(camera):
    by = User.objects.create_user(username="admin", role="administrator")
    client = Client()
    client.force_login(by, backend="ioc.accounts.backends.RoleBackend")
    given = {"service": camera.service, "username": "admin", "password": "Cam@1"}
    url = "/api/v1/vision/discovery/streams"
    asked = client.post(url, given, content_type="application/json")
    assert asked.status_code == 200 and "Cam@1" not in asked.content.decode()
    assert jobs.run_next()
    job = Job.objects.get()
    assert (job.state, job.note, len(job.result["streams"])) == ("done", "", 2)
    assert "Cam@1" not in str(job.asked) + job.sealed


def test_a_wrong_password_is_said(camera):
    with pytest.raises(SourceFailed, match="user and password"):
        onvif_streams.streams(camera.service, login_of("admin", "wrong"))


def test_a_media_service_elsewhere_is_not_asked(camera):
    camera.media = "http://10.9.9.9/onvif/media"
    assert len(onvif_streams.streams(camera.service, LOGIN)) == 2
    assert {path for path, _ in camera.asked} == {"/onvif/device_service"}


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("http://10.9.9.9/onvif/device_service", "network-not-allowed"),
        ("http://localhost/onvif", "bad-address"),
        ("rtsp://127.0.0.1/onvif", "bad-scheme"),
        ("http://admin:x@127.0.0.1/onvif", "password-in-address"),
    ],
)
def test_only_hosts_of_the_allowed_networks_are_asked(camera, service, code):
    with pytest.raises(Refused) as refused:
        onvif_streams.streams(service, LOGIN)
    assert refused.value.code == code


def test_an_answer_without_end_or_with_entities_is_refused(camera, monkeypatch):
    monkeypatch.setattr(Answers, "_answer", lambda self, root, data: (200, "x" * 300_000))
    with pytest.raises(SourceFailed, match="too long"):
        onvif_streams.streams(camera.service, LOGIN)
    monkeypatch.setattr(
        Answers, "_answer", lambda self, root, data: (200, "<!DOCTYPE a><!ENTITY b 'c'>")
    )
    with pytest.raises(SourceFailed, match="cannot be read"):
        onvif_streams.streams(camera.service, LOGIN)
