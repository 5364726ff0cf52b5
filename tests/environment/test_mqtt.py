"""Messages of a broker as rows, and a real Mosquitto where the machine has one."""

import io
import json
import shutil
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from environment.ingest.formats import BadRow
from environment.models import Datastream, Observation, RefusedRow, Topic
from environment.mqtt import command, outgoing
from environment.mqtt.messages import Rule, Stream, is_filter, matches, rows_of
from tests.environment.factories import make_receipt, make_sensor, row

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HUE = ZoneInfo("Asia/Ho_Chi_Minh")
GAUGE = Rule("gauge/+/level", "{2}", "water_level", "cm", "data.h", "data.at", HUE)
ROWS = Rule("rows/#", "", "", "", "value", "time", HUE)
STA = Rule("v1.1/+/Observations", "", "", "", "value", "time", UTC)


def read(topic, body, streams=None):
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return rows_of(topic, payload, [GAUGE, ROWS, STA], streams or {}, NOW)[0]


@pytest.mark.parametrize(
    ("pattern", "topic", "yes"),
    [
        ("a/+/c", "a/b/c", True), ("a/+/c", "a/b/d", False), ("a/#", "a/b/c", True),
        ("a/+", "a/b/c", False), ("a/b", "a/b", True), ("#", "x/y", True), ("a/+/c", "a/b", False),
        ("a/#", "a", True), ("a//b", "a//b", True), ("+/+", "/x", True), ("#", "$SYS/load", False),
        ("+/load", "$SYS/load", False), ("$SYS/#", "$SYS/load", True),
    ],
)  # fmt: skip
def test_a_filter_takes_the_topics_it_says(pattern, topic, yes):
    assert matches(pattern, topic) is yes


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("a/+/c", True), ("#", True), ("+", True), ("a//b", True), ("v1.1/#", True), ("/", True),
        ("v1.1/Datastreams(1)/Observations", True), ("sông/Hương/+", True),
        ("", False), ("a/#/b", False), ("a#", False), ("a/b#", False), ("a+/b", False),
        ("##", False), ("a\0b", False), ("$share/us/a/+", False),
    ],
)  # fmt: skip
def test_a_filter_that_no_broker_takes_is_known(text, yes):
    assert is_filter(text) is yes


@pytest.mark.django_db
def test_a_wrong_filter_is_refused_and_does_not_cost_the_line():
    good = Topic.objects.create(filter="gauge/+", station="{2}", parameter="rain", unit="mm")
    bad = Topic.objects.create(filter="gauge/#/level", station="X", parameter="rain", unit="mm")
    good.full_clean()
    with pytest.raises(ValidationError, match="stands alone|đứng"):
        bad.full_clean()
    assert [rule.filter for rule in command.rules()] == ["gauge/+"]


def test_a_number_an_object_and_rows_are_read():
    (found,) = read("gauge/71520/level", {"data": {"h": 231, "at": "2026-11-21 19:00"}})
    assert (found.station, found.value, found.unit) == ("71520", 231, "cm")
    assert found.at == NOW  # the provider's clock is Huế's
    assert read("gauge/7/level", 12)[0].at == NOW
    assert read("gauge/7/level", {"data": {"h": 1, "at": 1795262400000}})[0].at.year == 2026
    rows = [{"station": "a", "parameter": "h", "time": "2026-11-21T12:00:00Z", "value": 1}] * 3
    assert len(read("rows/x", rows)) == 3
    sta = {"result": 1.5, "phenomenonTime": "2026-11-21T12:00:00Z"}
    streams = {12: Stream("71520", "water_level", "m")}
    (found,) = read("v1.1/Datastreams(12)/Observations", sta, streams)
    assert (found.station, found.value) == ("71520", 1.5)


@pytest.mark.parametrize(
    ("topic", "body", "code"),
    [
        ("elsewhere", 1, "unknown-topic"),
        ("gauge/7/level", b"\xff\xfe", "not-json"),
        ("gauge/7/level", {"h": 1}, "missing-field"),
        ("gauge/7/level", {"data": {"h": "1"}}, "wrong-type"),
        ("gauge/7/level", {"data": {"h": True}}, "wrong-type"),
        ("gauge/7/level", {"data": {"h": 1, "at": "noon"}}, "bad-time"),
        ("gauge/7/level", {"data": {"h": 1, "at": [1]}}, "bad-time"),
        ("v1.1/Datastreams(9)/Observations", {"result": 1}, "unknown-datastream"),
        ("rows/x", {"station": "a"}, "missing-field"),
        ("rows/x", 7, "not-an-object"),
    ],
)
def test_what_cannot_be_read_is_a_row_set_aside_with_a_reason(topic, body, code):
    (found,) = read(topic, body)
    assert isinstance(found, BadRow)
    assert found.code == code


def test_an_address_says_whether_it_is_encrypted():
    found = command.Broker.of("mqtts://me:p%40ss@broker.example")
    assert (found.port, found.tls, found.password) == (8883, True, "p@ss")
    out = io.StringIO()
    assert command.run("http://x", stdout=out) == 2
    assert "mqtts://host:8883" in out.getvalue()


@pytest.mark.django_db
def test_nothing_is_told_without_a_broker(settings, django_assert_num_queries):
    settings.IOC_MQTT_URL = ""
    with django_assert_num_queries(0):
        outgoing.tell(1, [object()])


# -- a real broker -------------------------------------------------------------------------------

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
needs_broker = pytest.mark.skipif(MOSQUITTO is None, reason="no mosquitto on this machine")


def certificate(folder):
    """An authority and a certificate for localhost, made with what Django's tests have anyway."""
    config = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", config, "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, capture_output=True,
    )  # fmt: skip
    return made.returncode == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mosquitto:
    def __init__(self, folder, tls):
        self.port, self.tls = free_port(), tls
        self.config = folder / "mosquitto.conf"
        secure = f"cafile {folder}/cert.pem\ncertfile {folder}/cert.pem\nkeyfile {folder}/key.pem\n"
        self.config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
            "user root\nmax_queued_messages 100000\n" + (secure if tls else "")
        )
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self.config)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail("mosquitto did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait(5)


def wait(condition, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not come about")


def client_of(broker, folder):
    import paho.mqtt.client as paho

    client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    if broker.tls:
        client.tls_set(ca_certs=str(folder / "cert.pem"))
    client.connect("localhost" if broker.tls else "127.0.0.1", broker.port)
    client.loop_start()
    return client


@pytest.fixture
def empty(transactional_db):
    """The table of observations is made in SQL: no flush knows of it."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE environment_observation")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE environment_observation")


@needs_broker
@pytest.mark.usefixtures("empty")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_values_go_through_a_broker_both_ways_and_survive_its_restart(tmp_path, settings, tls):
    if tls and not certificate(tmp_path):
        pytest.skip("no openssl to make a certificate with")
    make_sensor()
    Topic.objects.create(filter="gauge/+/level", station="{2}", parameter="water_level", unit="m")
    broker = Mosquitto(tmp_path, tls)
    broker.start()
    address = f"{'mqtts://localhost' if tls else 'mqtt://127.0.0.1'}:{broker.port}"
    settings.IOC_MQTT_URL = address
    line = command.Line(
        command.Broker.of(address), ca=str(tmp_path / "cert.pem") if tls else "", name="t"
    )
    stop, heard = threading.Event(), []
    holding = threading.Thread(target=_hold, args=(line, stop))
    holding.start()
    outside = None
    try:
        wait(line.connected.is_set)
        outside = client_of(broker, tmp_path)
        outside.on_message = lambda _c, _u, m: heard.append((m.topic, json.loads(m.payload)))
        outside.subscribe("v1.1/#")
        began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=8)
        for n in range(300):
            at = began + timedelta(minutes=n)
            body = json.dumps({"value": 0.5 + n / 1000, "time": at.isoformat()})
            outside.publish("gauge/71520/level", body, qos=1)
        outside.publish("gauge/71520/level", "high", qos=1)
        wait(lambda: Observation.objects.count() == 300)
        wait(lambda: RefusedRow.objects.count() == 1)
        wait(lambda: len(heard) == 300)
        stream = Datastream.objects.get()
        topic, body = heard[0]
        assert topic == f"v1.1/Datastreams({stream.pk})/Observations"
        assert body["result"] == 0.5
        if not tls:
            broker.stop()
            wait(lambda: not line.connected.is_set())
            broker.start()
            wait(line.connected.is_set)
            wait(outside.is_connected)
            at = (began + timedelta(minutes=400)).isoformat()
            wait(lambda: line.connected.is_set())
            time.sleep(0.3)
            outside.publish("gauge/71520/level", json.dumps({"value": 1, "time": at}), qos=1)
            wait(lambda: Observation.objects.count() == 301)
    finally:
        stop.set()
        holding.join(15)
        if outside:
            outside.loop_stop()
        broker.stop()
    assert not holding.is_alive()


def _hold(line, stop):
    try:
        line.hold(stop)
    finally:
        connection.close()


@pytest.mark.django_db
def test_a_note_tells_new_values_of_public_stations_alone():
    from environment import actions

    make_sensor()
    make_sensor("71518", "Phú Ốc", public=False)
    receipt = make_receipt()
    at = datetime.now(UTC).replace(microsecond=0)
    rows = [row(1.0, at), row(1.0, at, station="71518")]
    actions.record(rows, receipt=receipt)
    ids = list(Datastream.objects.values_list("pk", flat=True))
    note = {"receipt": receipt.pk, "streams": ids, "first": at.isoformat(), "last": at.isoformat()}
    ((topic, body),) = list(outgoing.messages(json.dumps(note)))
    assert json.loads(body)["result"] == 1.0
    assert str(Datastream.objects.get(sensor__code="71520").pk) in topic
