"""Take the stations, thresholds, heights and things at risk of a city pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from environment import stations
from environment.flood import actions, tasks
from environment.models import Sensor
from geo.errors import Refused
from geo.packs.importers import register
from geo.packs.vectors import UnreadablePart

if TYPE_CHECKING:
    from geo.packs.pack import Pack
    from geo.packs.report import Report

LEVELS = {"I": 1, "II": 2, "III": 3}


def import_sensors(pack: Pack, report: Report) -> None:
    """Stations are made or brought up to date by code; none is deleted."""
    table = pack.table("sensors.csv")
    report.table(table)
    taken = 0
    for row in table.rows:
        aliases = [name.strip() for name in (row.get("aliases") or "").split("|") if name.strip()]
        try:
            stations.register(
                code=row["code"],
                name_vi=row["name_vi"],
                name_en=row["name_en"] or row["name_vi"],
                kind=row["kind"],
                lon=row["lon"],
                lat=row["lat"],
                aliases=aliases,
                datum=row["datum"],
                position_source=row["position_source"],
                source=row["source"],
                synthetic=row["synthetic"],
                pack=pack.slug,
            )
            taken += 1
        except Refused as problem:
            report.refused(table.name, row["code"], str(problem))
    report.taken("sensors", taken)


def import_thresholds(pack: Pack, report: Report) -> None:
    """Thresholds by station, level and first day; stations whose rows changed are judged anew."""
    table = pack.table("thresholds.csv")
    report.table(table)
    by_station: dict[str, list[dict[str, Any]]] = {}
    for row in table.rows:
        limit = {name: row[name] for name in ("valid_from", "valid_to", "source")}
        limit |= {"level": LEVELS[row["level"]], "value": row["value_m"]}
        by_station.setdefault(row["station_code"], []).append(limit)
    known = Sensor.objects.in_bulk(list(by_station), field_name="code")
    taken = 0
    for code, limits in by_station.items():
        if code not in known:
            report.refused(table.name, code, "no station has this code; add it to sensors.csv")
            continue
        try:
            stations.change_thresholds(sensor=known[code], limits=limits)
            taken += len(limits)
        except Refused as problem:
            report.refused(table.name, code, str(problem))
    report.taken("thresholds", taken)


def import_terrain(pack: Pack, report: Report) -> None:
    """Heights are left to the task queue, once for the same files; `terrain list` shows how far."""
    asked = actions.ask_pack(pack=pack)
    if asked is None:
        return
    terrain, new = asked
    if new:
        transaction.on_commit(lambda: tasks.build_terrain.delay(terrain.pk))
    state = "waits for the task queue" if new else f"is {terrain.state} already"
    report.note("dem.tif", f"terrain {terrain.pk} {state}; see `terrain list`")
    report.taken("terrain", int(new))


def import_assets(pack: Pack, report: Report) -> None:
    """Buildings, roads, schools and clinics that a flood may reach, of the pack's extract."""
    try:
        report.taken("things at risk", actions.load_assets(pack=pack))
    except UnreadablePart as problem:
        report.unreadable(getattr(pack.part("osm"), "name", "osm"), str(problem))


register("sensors", import_sensors)
register("thresholds", import_thresholds)
register("dem", import_terrain)
register("osm", import_assets)
