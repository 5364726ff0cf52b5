import signal
import time
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from geo.heartbeat import beat
from layers.publisher import Publisher, keep_partitions

log = structlog.get_logger(__name__)
HOUSEKEEPING_S = 60.0
FOLD_S = 10.0
BEAT_S = 5.0


class Command(BaseCommand):
    help = "Publish committed changes to the live map, once a second, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        self.running = True
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        while self.running:
            try:
                self._publish()
            except OperationalError as error:
                log.warning("publisher-database-lost", error=str(error).splitlines()[0])
                # A pooled connection that still lives would keep the lock from its successor.
                connection.close()
                connection.close_pool()
                time.sleep(1)

    def _stop(self, *_: Any) -> None:
        self.running = False

    def _publish(self) -> None:
        publisher = Publisher()
        while self.running and not publisher.lock():
            time.sleep(settings.IOC_LIVE_TICK_S)
        keep_partitions()
        due = {"house": 0.0, "fold": 0.0, "beat": 0.0}
        ticks = 0
        while self.running:
            started = time.monotonic()
            publisher.tick()
            ticks += 1
            if started >= due["house"]:
                keep_partitions()
                publisher.forget()
                due["house"] = started + HOUSEKEEPING_S
            if started >= due["fold"]:
                publisher.fold()
                due["fold"] = started + FOLD_S
            if started >= due["beat"]:
                beat("publisher", ticks, published=publisher.published)
                due["beat"] = started + BEAT_S
            pause = settings.IOC_LIVE_TICK_S - (time.monotonic() - started)
            time.sleep(max(0.01, pause))
