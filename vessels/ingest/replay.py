"""Positions made again from the lines as received: what a rebuild starts from."""

import zlib
from datetime import datetime

from vessels import vms
from vessels.actions import Stored, store
from vessels.ais.decode import Decoded, Decoder
from vessels.ais.tables import TableDecoder, is_table
from vessels.ingest.fleet import Fleet
from vessels.models import Feed, RawBatch
from vessels.vms.taking import HEAD, retake


def replay(feed: Feed, start: datetime | None = None, end: datetime | None = None) -> Stored:
    """What became of a feed's raw batches, received from `start` to before `end`, taken in again.

    In the order in which they came, each in a commit of its own. What is stored stays; what was
    set aside goes in if the rules of today let it.
    """
    batches = RawBatch.objects.filter(feed=feed)
    if start:
        batches = batches.filter(received_at__gte=start)
    if end:
        batches = batches.filter(received_at__lt=end)
    again = Replay(feed)
    for pk in batches.order_by("pk").values_list("pk", flat=True).iterator():
        again.take(RawBatch.objects.get(pk=pk))
    return again.total


class Replay:
    """One feed's batches on their way in again; parts of messages wait from batch to batch."""

    def __init__(self, feed: Feed) -> None:
        self.total = Stored()
        self._feed, self._fleet = feed, Fleet(feed.name, feed.synthetic)
        self._sentences, self._table = Decoder(), TableDecoder()
        self._in_table = False

    def take(self, batch: RawBatch) -> None:
        """Take a batch in again."""
        block = zlib.decompress(bytes(batch.body))
        if block.startswith(HEAD):
            self._count(retake(self._feed, block), batch.lines)
            return
        clock = batch.received_at.timestamp() if batch.clock is None else batch.clock
        decoded = self._decoded(block, clock if batch.live else 0.0)
        self.total.add(
            store(fleet=self._fleet, block=block, decoded=decoded, clock=clock, live=batch.live)
        )

    def _decoded(self, block: bytes, clock: float) -> Decoded:
        if is_table(block):
            self._table, self._in_table = TableDecoder(), True
        elif b"!" in block.partition(b"\n")[0]:
            self._in_table = False
        if not self._in_table:
            return self._sentences.decode(block, clock=clock)
        return self._table.feed(block if block.endswith(b"\n") else block + b"\n", clock=clock)[1]

    def _count(self, done: vms.Stored, lines: int) -> None:
        self.total.add(
            Stored(lines=lines, positions=done.taken, new=done.new, repeated=done.repeated)
        )
        self.total.rejected.update(one.reason for one in done.refused)
