import asyncio
import time
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from geo.heartbeat import beat
from geo.models import Heartbeat
from geo.packs import PackError, find_pack
from ioc.demo import boats, cases, citizens, ground, papers, river, street
from ioc.demo.door import Door, open_door
from vessels import sweep

log = structlog.get_logger(__name__)
BEAT_S = 5
RETRY_S = 5
LISTENS_WITHIN_S = 90
DAY_H, PIECE_H = 24, 3


class Command(BaseCommand):
    help = "Simulate boats, gauges, citizens and a street camera, marked synthetic, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        self.begin()
        asyncio.run(self._run())

    def begin(self) -> None:
        """Nothing is told yet."""
        self.done: list[str] = []
        self.sailing = asyncio.Event()

    async def _run(self) -> None:
        door = await sync_to_async(open_door)()
        beating = asyncio.create_task(self._beat())
        stories = [
            self._kept("street", lambda: asyncio.to_thread(street.prepare, settings.IOC_VAR)),
            self._kept("boats", lambda: self._boats(door)),
            self._kept("voyages", lambda: self._voyages(door.seed)),
            self._kept("river", lambda: self._river(door)),
            self._kept("citizens", lambda: self._citizens(door)),
            self._kept("cases", lambda: self._cases(door)),
            self._kept("ground", lambda: self._ground(door)),
        ]
        await asyncio.gather(beating, *stories)

    async def _boats(self, door: Door) -> None:
        """Where the boats are is shown at once; where they were comes in beside it."""
        give_up = time.monotonic() + LISTENS_WITHIN_S
        while not await Heartbeat.objects.filter(part="ingest").aexists():
            if time.monotonic() > give_up:
                break  # sentences may be taken in elsewhere
            await asyncio.sleep(0.5)
        self.sailing.set()
        await boats.run(door)

    async def _voyages(self, seed: int) -> None:
        await self.sailing.wait()
        await asyncio.to_thread(self._past_of_boats, seed)
        self.done.append("boats")

    def _past_of_boats(self, seed: int) -> None:
        """In short pieces, for what is heard now waits for each; the latest first, so that no
        track has a hole. Papers come last: who is registered and not heard would be missed."""
        log_file = settings.IOC_VAR / "demo" / "boats.nmea"
        log_file.parent.mkdir(parents=True, exist_ok=True)
        now = time.time()
        for hours in range(0, DAY_H, PIECE_H):
            boats.backfill(log_file, PIECE_H, seed=seed, until=now - hours * 3600)
            call_command("ingest", "ais", str(log_file), name="demo", synthetic=True)
        papers.register_all(boats.fleet(seed))
        sweep.run(deep=True)

    async def _river(self, door: Door) -> None:
        await asyncio.to_thread(river.backfill, door, DAY_H)
        self.done.append("river")
        await river.run(door)

    async def _citizens(self, door: Door) -> None:
        await asyncio.to_thread(citizens.backfill, door)
        self.done.append("citizens")
        await citizens.run(door)

    async def _cases(self, door: Door) -> None:
        await sync_to_async(cases.prepare)()
        await asyncio.to_thread(cases.past, door.seed)
        while "citizens" not in self.done:
            await asyncio.sleep(1)
        self.done.append("cases")
        await cases.run(door.seed)

    async def _ground(self, door: Door) -> None:
        while "river" not in self.done:  # its stations are the gauges of the terrain
            await asyncio.sleep(1)
        await asyncio.to_thread(self._terrain, door.seed)

    def _terrain(self, seed: int) -> None:
        path = [settings.IOC_VAR / "packs", *settings.IOC_PACK_PATH]
        try:
            ground.prepare(settings.IOC_VAR, find_pack(settings.IOC_PACK or None, path), seed)
        except PackError as problem:
            log.warning("demo-ground-without-map", why=str(problem))

    async def _kept(self, name: str, story: Any) -> None:
        """Tell a story again when it breaks off: the web process may be restarting."""
        while True:
            try:
                await story()
                return
            except Exception as error:
                log.warning("demo-story-broke-off", story=name, error=repr(error)[:200])
                await asyncio.sleep(RETRY_S)

    async def _beat(self) -> None:
        first = await Heartbeat.objects.filter(part="demo").afirst()
        count = first.progress if first else 0
        while True:
            count += 1
            await sync_to_async(beat)("demo", count, told=sorted(self.done))
            await asyncio.sleep(BEAT_S)
