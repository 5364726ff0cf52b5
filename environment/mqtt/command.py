"""`ingest mqtt`: holds the line to the broker until it is told to stop."""

from __future__ import annotations

import signal
import ssl
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from environment import actions, queries
from environment.models import Datastream, Receipt, Topic
from environment.mqtt import messages, outgoing
from environment.mqtt.messages import Rule, Stream
from geo import heartbeat

log = structlog.get_logger(__name__)

BATCH, TICK_S, RULES_S = 5_000, 0.5, 30.0
LEAST_PAUSE_S, MOST_PAUSE_S = 1, 60
QUEUE = 200_000


@dataclass(frozen=True)
class Broker:
    """Where and as whom: `mqtt://user:password@host:1883`, or `mqtts://` with TLS."""

    host: str
    port: int
    tls: bool
    user: str
    password: str

    @classmethod
    def of(cls, url: str) -> Broker:
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError(f"{url.partition('@')[2] or url!r} is not like mqtts://host:8883")
        tls = parts.scheme == "mqtts"
        return cls(parts.hostname, parts.port or (8883 if tls else 1883), tls,
                   unquote(parts.username or ""), unquote(parts.password or ""))  # fmt: skip


def run(source: str, *, stdout: TextIO, **_options: Any) -> int:
    """0 when told to stop, 2 for a wrong address. `source`: the address, or - for the setting's."""
    try:
        broker = Broker.of(settings.IOC_MQTT_URL if source == "-" else source)
    except ValueError as error:
        stdout.write(f"ingest mqtt: {error}\n")
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Line(broker, ca=settings.IOC_MQTT_CA).hold(stop)
    return 0


class Line:
    """The line to the broker. A message is acknowledged when its rows are committed, so that what
    the broker holds while this process or the database is away comes again and nothing is lost."""

    def __init__(self, broker: Broker, *, ca: str = "", name: str = "ioc-environment") -> None:
        import paho.mqtt.client as paho

        self.broker, self.taken, self.sent = broker, 0, 0
        self._inbox: deque[Any] = deque()
        self._rules: list[Rule] = []
        self._rules_at = time.monotonic()
        self.connected = threading.Event()
        self.client = paho.Client(
            paho.CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTv5, manual_ack=True
        )
        if broker.user:
            self.client.username_pw_set(broker.user, broker.password)
        if broker.tls:
            self.client.tls_set(ca_certs=ca or None, cert_reqs=ssl.CERT_REQUIRED)
        self.client.reconnect_delay_set(LEAST_PAUSE_S, MOST_PAUSE_S)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_subscribe = lambda *_: self.connected.set()
        self.client.on_message = lambda _c, _u, message: self._inbox.append(message)

    def hold(self, stop: threading.Event) -> None:
        """Take and give until told to stop; a broker or a database that is away is waited for."""
        self._rules = self._first_rules(stop)
        self._connect(stop)
        self.client.loop_start()
        listener = threading.Thread(target=self._listen, args=(stop,), daemon=True)
        listener.start()
        pause = TICK_S
        while not stop.is_set():
            try:
                self._follow_rules()
                if not self.take():
                    heartbeat.beat("mqtt", self.taken + self.sent, taken=self.taken,
                                   sent=self.sent, waiting=len(self._inbox))  # fmt: skip
                    stop.wait(TICK_S)
                pause = TICK_S
            except (OperationalError, InterfaceError) as error:
                log.warning("mqtt-database-away", retry_s=pause, error=type(error).__name__)
                connection.close()
                stop.wait(pause)
                pause = min(pause * 2, MOST_PAUSE_S)
        self.client.disconnect()
        self.client.loop_stop()
        listener.join(5)

    def _first_rules(self, stop: threading.Event) -> list[Rule]:
        """The topics, known before the line is: a session that resumes brings messages at once."""
        while not stop.is_set():
            try:
                return rules()
            except (OperationalError, InterfaceError) as error:
                log.warning("mqtt-database-away", error=type(error).__name__)
                connection.close()
                stop.wait(2)
        return []

    def _connect(self, stop: threading.Event) -> None:
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 7 * 24 * 3600
        pause = float(LEAST_PAUSE_S)
        while not stop.is_set():
            try:
                self.client.connect(self.broker.host, self.broker.port, keepalive=30,
                                    clean_start=False, properties=session)  # fmt: skip
                return
            except OSError as error:
                log.warning("mqtt-broker-away", host=self.broker.host, retry_s=pause,
                            error=str(error))  # fmt: skip
                stop.wait(pause)
                pause = min(pause * 2, MOST_PAUSE_S)

    def _on_connect(self, client: Any, _u: Any, _flags: Any, reason: Any, _p: Any) -> None:
        if reason.is_failure:
            log.warning("mqtt-refused", reason=str(reason))
            return
        self._inbox.clear()  # what was not acknowledged comes again
        self._subscribe()
        if not self._rules:
            self.connected.set()
        log.info("mqtt-connected", host=self.broker.host, topics=len(self._rules))

    def _on_disconnect(self, _c: Any, _u: Any, _flags: Any, reason: Any, _p: Any) -> None:
        self.connected.clear()
        if reason.is_failure:
            log.warning("mqtt-line-lost", reason=str(reason))

    def _subscribe(self) -> None:
        from paho.mqtt.subscribeoptions import SubscribeOptions

        # What this process publishes itself does not come back to it.
        options = SubscribeOptions(qos=1, noLocal=True)
        if self._rules:
            self.client.subscribe([(rule.filter, options) for rule in self._rules])

    def _follow_rules(self) -> None:
        """Topics may be changed while this runs."""
        if time.monotonic() - self._rules_at < RULES_S:
            return
        self._rules_at = time.monotonic()
        before = {rule.filter for rule in self._rules}
        self._rules = rules()
        if gone := before - {rule.filter for rule in self._rules}:
            self.client.unsubscribe(list(gone))
        if self.connected.is_set():
            self._subscribe()

    def take(self) -> int:
        """The number of messages committed and acknowledged, as many as have come."""
        batch = [self._inbox[n] for n in range(min(len(self._inbox), BATCH))]
        if not batch:
            return 0
        now = timezone.now()
        streams = _streams(batch)
        rows: dict[bool, list[Any]] = {}
        for message in batch:
            found, synthetic = messages.rows_of(
                message.topic, message.payload, self._rules, streams, now
            )
            rows.setdefault(synthetic, []).extend(found)
        for synthetic, found in rows.items():
            receipt = actions.open_receipt(
                source=f"mqtt {self.broker.host}"[:80], via=Receipt.Via.MQTT, synthetic=synthetic
            )
            actions.record(found, receipt=receipt, now=now)
        for message in batch:
            self._inbox.popleft()
            self.client.ack(message.mid, message.qos)
        self.taken += len(batch)
        return len(batch)

    def _listen(self, stop: threading.Event) -> None:
        """Publish what is new, told by the database on commit."""
        import psycopg

        while not stop.is_set():
            try:
                params = connection.get_connection_params()
                with psycopg.connect(**_plain(params), autocommit=True) as session:
                    session.execute(f"LISTEN {outgoing.CHANNEL}")
                    while not stop.is_set():
                        for note in session.notifies(timeout=1.0):
                            self.publish(note.payload)
            except (psycopg.Error, OperationalError, InterfaceError) as error:
                log.warning("mqtt-listener-away", error=type(error).__name__)
                stop.wait(2)
        connection.close()

    def publish(self, note: str) -> None:
        for topic, body in outgoing.messages(note):
            self.client.publish(topic, body, qos=0)
            self.sent += 1


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    known = ("dbname", "user", "password", "host", "port")
    return {name: params[name] for name in known if params.get(name)}


def rules() -> list[Rule]:
    """The topics in use; one that no broker takes would cost the line to all of them."""
    topics = list(Topic.objects.filter(active=True))
    for topic in topics:
        if not messages.is_filter(topic.filter):
            log.warning("mqtt-no-filter", filter=topic.filter)
    return [
        Rule(t.filter, t.station, t.parameter, t.unit, t.value_path, t.time_path,
             ZoneInfo(t.zone) if t.zone else queries.zone(), t.synthetic)
        for t in topics
        if messages.is_filter(t.filter)
    ]  # fmt: skip


def _streams(batch: list[Any]) -> dict[int, Stream]:
    """The Datastreams that SensorThings topics of the batch name."""
    ids = {int(m[1]) for message in batch if (m := messages.STA.match(message.topic))}
    if not ids:
        return {}
    found = Datastream.objects.filter(pk__in=ids).select_related("sensor", "observed_property")
    return {
        d.pk: Stream(d.sensor.code, d.observed_property.code, d.sent_unit or d.unit) for d in found
    }
