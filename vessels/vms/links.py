"""Which vessel a provider's row is of: by its device over time, by its plate, by its MMSI."""

from collections import defaultdict
from datetime import UTC, datetime

import numpy as np
from django.db.models import Q

from geo.errors import Refused
from vessels import plates, registry
from vessels.ingest.fleet import Fleet
from vessels.models import Device, Feed, Vessel, VesselKind
from vessels.vms.rows import Row

OLD_AFTER_S = 4 * 3600  # a VMS reports every two or three hours


class Links:
    """The vessels of one provider's devices and plates; unknown plates are added as vessels."""

    def __init__(self, feed: Feed, fleet: Fleet) -> None:
        self._feed, self._fleet = feed, fleet
        self._devices: dict[str, list[Device]] = defaultdict(list)
        self._plates: dict[str, int] = {}

    def vessels(self, rows: list[Row]) -> list[int | str]:
        """By row the vessel's id, or the reason why there is none."""
        self._learn(rows)
        return [self._vessel(row) for row in rows]

    def _learn(self, rows: list[Row]) -> None:
        named = Q(provider=self._feed.name) | Q(provider="")
        idents = {row.ident for row in rows if row.ident}
        known = Device.objects.filter(named, kind=Device.Kind.VMS, ident__in=idents)
        known = known.filter(vessel__synthetic=self._feed.synthetic)
        for device in known.order_by("fitted_at", "pk"):
            self._devices[device.ident].append(device)
        keys = {plates.key_of(row.plate) for row in rows if row.plate}
        ours = Vessel.objects.filter(plate_key__in=keys, synthetic=self._feed.synthetic)
        self._plates = dict(ours.values_list("plate_key", "pk"))

    def _vessel(self, row: Row) -> int | str:
        by_device = self._by_device(row)
        by_plate = self._plates.get(plates.key_of(row.plate)) if row.plate else None
        if by_device and by_plate and by_device != by_plate:
            return "device-of-another"
        found = by_device or by_plate or self._added(row)
        if found is None:
            return "unknown-device"
        if row.ident and not by_device and row.plate:
            self._fit(row, found)
        return found

    def _by_device(self, row: Row) -> int | None:
        """Who carried the device at that time; before it was ever fitted, who had it first."""
        known = self._devices.get(row.ident, []) if row.ident else []
        at = datetime.fromtimestamp(row.time, UTC)
        for device in reversed(known):
            if device.fitted_at <= at:
                gone = device.removed_at is not None and device.removed_at <= at
                return None if gone else device.vessel_id
        return known[0].vessel_id if known else None

    def _added(self, row: Row) -> int | None:
        if plate := plates.read(row.plate) if row.plate else None:
            vessel, _ = Vessel.objects.get_or_create(
                plate_key=plate.key, synthetic=self._feed.synthetic,
                defaults={
                    "plate": plate.shown, "kind": VesselKind.FISHING, "source": self._feed.name,
                    "stale_after_s": OLD_AFTER_S,
                },
            )  # fmt: skip
            self._plates[plate.key] = vessel.pk
            return vessel.pk
        if not row.ident and 0 < row.mmsi <= 999_999_999:
            return int(self._fleet.vessels(np.array([row.mmsi]))[0])
        return None

    def _fit(self, row: Row, vessel: int) -> None:
        """Note that the device is aboard, from this row on, where the registry allows it."""
        try:
            device = registry.fit(
                vessel=Vessel.objects.get(pk=vessel), kind=str(Device.Kind.VMS),
                provider=self._feed.name, ident=row.ident, counted=False,
                at=datetime.fromtimestamp(row.time, UTC),
            )  # fmt: skip
        except Refused:
            return
        if device not in self._devices[row.ident]:
            self._devices[row.ident].append(device)
