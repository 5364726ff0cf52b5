"""Number plates of accepted events: read, sealed, searched, each search in the audit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from vision import audit, conf, vault
from vision.models import CameraEvent, PlateReading, PlateText
from vision.plates import cleaned, key_of

if TYPE_CHECKING:
    from vision.plate_reader import Read

READ_KINDS = ("red_light", "wrong_way", "no_parking", "stopped", "speed", "zone_entry")
BATCH, SHORTEST = 10, 6


def read_waiting() -> int:
    """How many events were read. Only accepted ones whose clear picture is still there."""
    from vision import plate_reader

    if not plate_reader.available():
        return 0
    waiting = CameraEvent.objects.proven().filter(kind__in=READ_KINDS, plates_tried=False)
    done = 0
    for event in waiting.exclude(clear="").order_by("id")[:BATCH]:
        store_plates(event=event, reads=_reads(event))
        done += 1
    return done


def _reads(event: CameraEvent) -> list[Read]:
    import cv2
    import numpy as np

    from vision import plate_reader

    try:
        data = vault.unseal_bytes((conf.clear_dir() / event.clear).read_bytes())
    except (OSError, vault.Unreadable):
        return []
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), 1)
    height, width = bgr.shape[:2]
    x1, y1, x2, y2 = event.box or (0, 0, 1, 1)
    part = bgr[int(y1 * height) : int(y2 * height) + 1, int(x1 * width) : int(x2 * width) + 1]
    return plate_reader.read(part[:, :, ::-1]) if part.size else []


@transaction.atomic
def store_plates(*, event: CameraEvent, reads: list[Read]) -> list[PlateReading]:
    """The readings, as keyed hashes, with their clear text sealed until its time is over."""
    stored = []
    for read in reads:
        row, _new = PlateReading.objects.get_or_create(
            event=event,
            hash=vault.hashes(read.plate.key)[0],
            defaults={
                "kind": f"{read.plate.vehicle}-{read.plate.owner}"[:20],
                "color": read.color,
                "lines": read.plate.lines,
                "confidence": read.confidence,
            },
        )
        PlateText.objects.get_or_create(
            reading=row,
            defaults={
                "sealed": vault.seal(read.plate.text),
                "erase_at": timezone.now() + timedelta(days=conf.plate_days()),
            },
        )
        stored.append(row)
    CameraEvent.objects.filter(pk=event.pk).update(plates_tried=True)
    return stored


def search(*, by: Any, plate: str, reason: str) -> list[PlateReading]:
    """Readings of exactly this plate, the newest first. The search is in the audit first.

    Only events that a person accepted are found. Raises Refused without a plate or a reason.
    """
    why = audit.reason_of(reason)
    key = key_of(plate)
    if len(cleaned(plate)) < SHORTEST:
        raise Refused("bad-plate", _("Write the whole plate."), status=422)
    hashes = vault.hashes(key)
    rows = PlateReading.objects.filter(hash__in=hashes, event__review="accepted")
    found = list(rows.select_related("event", "event__camera").order_by("-event__ended_at")[:200])
    # The audit says what was asked as a hash too: it must not be a list of plates.
    audit.note("plate_search", by=by, reason=why, hash=hashes[0], found=len(found))
    return found


def clear_text(*, by: Any, reading: PlateReading, reason: str) -> str:
    """The plate as it was read; that somebody read it is in the audit first. Raises Refused."""
    why = audit.reason_of(reason)
    event = reading.event
    audit.note("plate_text", by=by, camera=event.camera, event_id=event.pk, reason=why)
    row = PlateText.objects.filter(reading=reading, erase_at__gt=timezone.now()).first()
    if row is None:
        raise Refused("erased", _("The clear text is erased."), status=404)
    try:
        return vault.unseal(row.sealed)
    except vault.Unreadable:
        raise Refused("erased", _("The clear text can no longer be read."), status=404) from None
