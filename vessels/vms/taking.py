"""Writes: a provider's delivery becomes positions of the vessels that its devices are aboard."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from django.db import transaction
from django.utils import timezone

from vessels import actions, quality
from vessels.ais.columns import Decoded
from vessels.ingest.fleet import Fleet
from vessels.models import Feed
from vessels.vms import rows as vms_rows
from vessels.vms.links import Links
from vessels.vms.parse import parse
from vessels.vms.rows import Read, Refusal, Row, positions_of

REASONS = quality.REASONS | vms_rows.REASONS
HEAD = b"#vms "  # before a delivery in its raw batch: the content type behind it


@dataclass(slots=True)
class Stored:
    """What became of a delivery: rows taken, of these new and known before, and rows set aside."""

    taken: int = 0
    new: int = 0
    repeated: int = 0
    refused: list[Refusal] = field(default_factory=list)
    again: bool = False  # the whole delivery came before

    def dict(self) -> dict[str, object]:
        """As the API answers."""
        refused = [{"line": one.line, "reason": one.reason} for one in self.refused]
        return {
            "taken": self.taken, "new": self.new, "repeated": self.repeated, "refused": refused,
        }  # fmt: skip


def store(provider_feed: Feed, body: bytes, content_type: str) -> Stored:
    """What became of a delivery as it came in: CSV, JSON or NAF by its content type. One commit.

    Taken twice, a delivery stores nothing twice; late and unordered rows find their place. Bad
    rows are set aside with a reason of `REASONS`, and the delivery is kept as received.
    """
    block = HEAD + content_type.encode("ascii", "replace").replace(b"\n", b" ") + b"\n" + body
    return _store(provider_feed, parse(body, content_type), block)


def retake(provider_feed: Feed, block: bytes) -> Stored:
    """As `store`, for a delivery as the raw batch has it."""
    head, _, body = block.partition(b"\n")
    return store(provider_feed, body, head.removeprefix(HEAD).decode("ascii", "replace"))


def take(rows: Sequence[Row], provider: Feed) -> Stored:
    """As `store`, for rows already read; they are kept as JSON."""
    body = json.dumps([row.dict() for row in rows]).encode()
    return _store(provider, Read(list(rows)), HEAD + b"application/json\n" + body)


@transaction.atomic
def _store(feed: Feed, read: Read, block: bytes) -> Stored:
    fleet = Fleet(feed.name, feed.synthetic)
    rows, refused = _sound(read)
    vessels = Links(feed, fleet).vessels(rows)
    refused += [
        Refusal(row.line, found, row.text)
        for row, found in zip(rows, vessels, strict=True)
        if isinstance(found, str)
    ]
    sound = [row for row, found in zip(rows, vessels, strict=True) if isinstance(found, int)]
    ids = np.array([found for found in vessels if isinstance(found, int)], np.int64)
    fleet.recall(np.unique(ids).tolist())
    decoded = Decoded(
        positions_of(sound), rejected=[(one.reason, one.text) for one in refused],
        lines=len(read.rows) + len(read.refused), held=[row.text for row in sound],
    )  # fmt: skip
    done = actions.store(
        fleet=fleet, block=block, decoded=decoded, clock=timezone.now().timestamp(), live=False,
        vessels=ids,
    )  # fmt: skip
    refused.sort(key=lambda one: one.line)
    return Stored(len(sound), done.new, len(sound) - done.new, refused, bool(done.again))


def _sound(read: Read) -> tuple[list[Row], list[Refusal]]:
    """The rows whose time and place can be, and the others beside those not even read."""
    heard = positions_of(read.rows)
    reasons = quality.refusals(heard, heard.time, clock=datetime.now(UTC).timestamp())
    told = list(zip(read.rows, reasons.tolist(), strict=True))
    refused = [Refusal(row.line, reason, row.text) for row, reason in told if reason]
    return [row for row, reason in told if not reason], read.refused + refused
