"""What an ingest process remembers of its feed and of the vessels it has met."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection

from geo import estimates
from geo.partitions import ensure_days
from vessels import archive, ashore
from vessels.models import Feed

if TYPE_CHECKING:
    from vessels.ingest.shared import Split

SYNTHETIC_MMSI = range(799_000_000, 800_000_000)
"""MID 799 is given to no country (ITU table of MIDs): whatever carries it is no real vessel."""

FIND = """
SELECT v.id, v.mmsi, extract(epoch FROM l.observed_at)::float8,
    CASE WHEN l.flags & 16 > 0 THEN ST_Y(l.geom) ELSE ST_X(l.geom) END,
    CASE WHEN l.flags & 16 > 0 THEN ST_X(l.geom) ELSE ST_Y(l.geom) END,
    EXISTS (SELECT FROM vessels_vessel o
            WHERE o.mmsi = v.mmsi AND o.synthetic = v.synthetic AND o.part > 0)
FROM vessels_vessel v LEFT JOIN vessels_latest l ON l.vessel_id = v.id
WHERE {which}
"""
ADD = """
INSERT INTO vessels_vessel (mmsi, name, callsign, plate, kind, stale_after_s, source, synthetic,
    created_at, updated_at)
SELECT mmsi, '', '', '', 'unknown', 1800, %s, %s, now(), now() FROM unnest(%s::int[]) AS mmsi
ON CONFLICT DO NOTHING
"""


@dataclass
class Fleet:
    """One feed's vessels by MMSI and where each was last, so that a batch asks only for new ones.

    Forget everything after a transaction that failed.
    """

    name: str
    synthetic: bool = False
    ids: dict[int, int] = field(default_factory=dict)
    last: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)
    parted: set[int] = field(default_factory=set)  # vessels whose MMSI has further parts
    splits: dict[int, "Split"] = field(default_factory=dict)  # by the vessel that is part 0
    touched: set[int] = field(default_factory=set)  # whose latest position another way moved
    _feed_id: int | None = None
    _land: ashore.Grid | None = None

    def forget(self) -> None:
        """Drop all that is remembered."""
        self._feed_id = None
        memories: tuple[Any, ...] = (
            self.ids, self.last, self.days, self.parted, self.splits, self.touched,
        )  # fmt: skip
        for memory in memories:
            memory.clear()

    def is_synthetic(self, mmsi: int) -> bool:
        """Whether a vessel heard here is of the simulation: its feed says so or its MMSI does."""
        return self.synthetic or mmsi in SYNTHETIC_MMSI

    def feed_id(self) -> int:
        """The feed's row, made when first asked for."""
        if self._feed_id is None:
            feed, _ = Feed.objects.get_or_create(name=self.name, synthetic=self.synthetic)
            self._feed_id = feed.pk
        return self._feed_id

    def vessels(self, mmsis: np.ndarray) -> np.ndarray:
        """The vessel ids of MMSIs (int64, shape (n,)); unknown ones are added to the registry."""
        unique, where = np.unique(mmsis, return_inverse=True)
        listed = unique.tolist()
        new = [m for m in listed if m not in self.ids]
        for synthetic in (False, True):
            some = [m for m in new if self.is_synthetic(m) is synthetic]
            if some:
                self._learn(some, synthetic)
        return np.array([self.ids[m] for m in listed], np.int64)[where]

    def _learn(self, mmsis: list[int], synthetic: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [self.name, synthetic, mmsis])
            estimates.known("vessels_vessel", len(mmsis))
            which = "v.mmsi = ANY(%s) AND v.synthetic = %s AND v.part = 0"
            cursor.execute(FIND.format(which=which), [mmsis, synthetic])
            for vessel, mmsi, time, lon, lat, parted in cursor.fetchall():
                self.ids[mmsi] = vessel
                if parted:
                    self.parted.add(vessel)
                if time is not None:
                    self.last[vessel] = (time, lon, lat)

    def recall(self, vessels: list[int]) -> None:
        """Learn where these vessels (ids) were last."""
        estimates.known("vessels_vessel", len(vessels))
        with connection.cursor() as cursor:
            cursor.execute(FIND.format(which="v.id = ANY(%s)"), [vessels])
            for vessel, _, time, lon, lat, _ in cursor.fetchall():
                if time is not None:
                    self.last[vessel] = (time, lon, lat)

    def on_land(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Which positions lie on land for certain, a mask. The grid is made when first asked."""
        if self._land is None:
            self._land = ashore.grid()
        return self._land.at(lon, lat)

    def open_days(self, times: np.ndarray) -> None:
        """Make the day partitions that these times (epoch s) need.

        Days old enough to be archived are opened for this transaction alone.
        """
        old = archive.hot_from()
        if len(times) and datetime.fromtimestamp(float(times.min()), UTC).date() <= old:
            archive.hold_back()
        for number in np.unique(times // 86_400).astype(int).tolist():
            day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=number)).date()
            if day not in self.days:
                ensure_days("vessels_hot", day, day)
                if day > old:
                    self.days.add(day)
