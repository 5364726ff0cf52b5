"""Writes: what vessels say of themselves, and what they said before; stations that stand still."""

from collections.abc import Iterable

import numpy as np
from django.db import connection

from geo import estimates
from vessels import kinds
from vessels.ais.columns import Decoded, Particulars
from vessels.ingest import shared
from vessels.ingest.fleet import Fleet

FIELDS = ("name", "callsign", "imo", "ship_type", "kind", "length_m", "width_m")
EMPTY = {"name": "''", "callsign": "''", "kind": "'unknown'"}


def _newer(column: str) -> str:
    """What is told holds if it is the newest word, or where nothing was known; else what was."""
    known = f"v.{column} = {EMPTY[column]}" if column in EMPTY else f"v.{column} IS NULL"
    return (
        f"CASE WHEN n.at >= COALESCE(v.told_at, '-infinity') OR {known} "
        f"THEN COALESCE(n.{column}, v.{column}) ELSE v.{column} END"
    )


PARTICULARS = f"""
WITH n AS (
    SELECT id, name, callsign, imo, ship_type, kind, length_m, width_m, to_timestamp(told) AS at
    FROM unnest(%s::int[], %s::float8[], %s::text[], %s::text[], %s::int[], %s::smallint[],
        %s::text[], %s::float8[], %s::float8[])
        AS n(id, told, name, callsign, imo, ship_type, kind, length_m, width_m)),
changed AS (
    UPDATE vessels_vessel v SET {", ".join(f"{one} = {_newer(one)}" for one in FIELDS)},
        told_at = GREATEST(v.told_at, n.at), updated_at = now()
    FROM n WHERE v.id = n.id AND ({", ".join(_newer(one) for one in FIELDS)})
        IS DISTINCT FROM ({", ".join(f"v.{one}" for one in FIELDS)})
    RETURNING v.id, v.name, v.callsign, v.imo, v.ship_type),
history AS (
    INSERT INTO vessels_identitychange (vessel_id, at, field, was, now, source)
    SELECT c.id, n.at, f.field, f.was, f.now, %s
    FROM changed c JOIN n USING (id) JOIN vessels_vessel w USING (id) CROSS JOIN LATERAL (VALUES
        ('name', w.name::text, c.name::text), ('callsign', w.callsign::text, c.callsign::text),
        ('imo', w.imo::text, c.imo::text), ('ship_type', w.ship_type::text, c.ship_type::text)
    ) AS f(field, was, now)
    WHERE f.was <> '' AND f.now <> f.was AND NOT EXISTS (
        SELECT FROM vessels_identitychange h
        WHERE h.vessel_id = c.id AND h.field = f.field AND h.was = f.was AND h.now = f.now
            AND h.at BETWEEN n.at - interval '1 day' AND n.at + interval '1 day'))
SELECT id FROM changed
"""
STATIONS = """
INSERT INTO vessels_station AS s (mmsi, kind, name, geom, heard_at, messages, synthetic)
SELECT mmsi, kind, COALESCE(name, ''), CASE WHEN lon = 'NaN' THEN NULL
    ELSE ST_Point(lon, lat, 4326) END, to_timestamp(t), count, synthetic
FROM unnest(%s::int[], %s::text[], %s::text[], %s::float8[], %s::float8[], %s::float8[],
    %s::bigint[], %s::bool[]) AS n(mmsi, kind, name, lon, lat, t, count, synthetic)
ON CONFLICT (mmsi, kind, synthetic) DO UPDATE SET messages = s.messages + excluded.messages,
    name = COALESCE(NULLIF(excluded.name, ''), s.name),
    geom = CASE WHEN excluded.heard_at >= s.heard_at THEN COALESCE(excluded.geom, s.geom)
        ELSE s.geom END,
    heard_at = GREATEST(s.heard_at, excluded.heard_at)
"""
STATION_KINDS = {4: "base", 17: "correction", 21: "aid"}


def keep(fleet: Fleet, said: Iterable[Particulars], clock: float) -> list[int]:
    """The vessels (ids) whose name, call sign, kind or size changed; what was is kept."""
    heard = [one for one in said if 0 < one.mmsi <= 999_999_999]
    if not heard:
        return []
    own = fleet.vessels(np.array([one.mmsi for one in heard], np.int64)).tolist()
    merged: dict[int, Particulars] = {}
    for vessel, one in sorted(zip(own, heard, strict=True), key=lambda pair: _at(pair[1], clock)):
        owner = shared.owner_of(fleet, one, vessel)
        if owner is None:
            continue  # of which of two vessels nobody can tell
        known = merged.setdefault(owner, Particulars(one.mmsi))
        known.at = _at(one, clock)
        for name in ("name", "callsign", "imo", "ship_type", "length_m", "width_m"):
            if (value := getattr(one, name)) is not None:
                setattr(known, name, value)
    told = sorted(merged.items())
    columns: list[list[object]] = [[vessel for vessel, _ in told]]
    columns += [[getattr(one, n) for _, one in told]
                for n in ("at", "name", "callsign", "imo", "ship_type")]  # fmt: skip
    columns.append([one.ship_type and kinds.kind_of(one.ship_type) or None for _, one in told])
    columns += [[getattr(one, n) for _, one in told] for n in ("length_m", "width_m")]
    estimates.known("vessels_vessel", len(told))
    with connection.cursor() as cursor:
        cursor.execute(PARTICULARS, [*columns, fleet.name])
        return [vessel for (vessel,) in cursor.fetchall()]


def _at(one: Particulars, clock: float) -> float:
    return clock if one.at != one.at else one.at


def keep_stations(fleet: Fleet, decoded: Decoded, clock: float) -> None:
    """Note where base stations and aids to navigation are, what they are called, how often heard.

    Type 11 is a vessel's answer to a question: it stands still nowhere.
    """
    heard = decoded.stations
    rows = np.flatnonzero(np.isin(heard.kind, list(STATION_KINDS)) & (heard.mmsi > 0))
    if not len(rows):
        return
    told = np.where(np.isnan(heard.time), clock, heard.time)
    rows = rows[np.lexsort((told[rows], heard.kind[rows], heard.mmsi[rows]))]
    key = heard.mmsi[rows] * 32 + heard.kind[rows]
    last = np.flatnonzero(np.append(key[1:] != key[:-1], True))
    counts = np.diff(last, prepend=-1)
    rows = rows[last]
    lon, lat = heard.lon[rows].copy(), heard.lat[rows].copy()
    lon[(np.abs(lon) > 180) | (np.abs(lat) > 90)] = np.nan
    mmsi = heard.mmsi[rows].tolist()
    columns = [
        mmsi, [STATION_KINDS[kind] for kind in heard.kind[rows].tolist()],
        [decoded.station_names.get(one, "") for one in mmsi], lon.tolist(), lat.tolist(),
        told[rows].tolist(), counts.tolist(), [fleet.is_synthetic(one) for one in mmsi],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(STATIONS, columns)
