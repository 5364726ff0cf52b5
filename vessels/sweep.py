"""One round of fishing control: look, judge, bring alerts and states in step. Safe to repeat."""

import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from vessels import deeds as deed_rows
from vessels import picture as pictures
from vessels.alert_kinds import HANDED_OVER_RANK, KINDS
from vessels.alerts import Ending, Finding, settle
from vessels.events import approach, conduct, lines, silence, storms
from vessels.events.picture import Craft, Picture
from vessels.models import Alert, FleetState, Position

log = structlog.get_logger(__name__)
LOCK = 0x766573
WINDOW = timedelta(hours=3.5)  # longer than the longest interval of VMS
DEEP_WINDOW = timedelta(hours=36)  # what late data may still change
CONDUCT_LOCK = 0x766574
CONDUCT_WINDOW = timedelta(hours=26)  # a day, and what a day's events began with
NO_NEED = 9_000_000_000_000_000
RANK_STEP = 100_000_000_000  # more than any epoch second

STATES = """
INSERT INTO vessels_fleet AS fleet (vessel_id, state, since_at, zone_code, last_ais_at, last_vms_at,
    alert_id, need_rank, need_order)
SELECT id, state, %(now)s, zone, to_timestamp(ais), to_timestamp(vms), alert, rank, ord
FROM unnest(%(id)s::int[], %(state)s::text[], %(zone)s::text[], %(ais)s::float8[],
    %(vms)s::float8[], %(alert)s::bigint[], %(rank)s::smallint[], %(ord)s::bigint[])
    AS n(id, state, zone, ais, vms, alert, rank, ord)
ON CONFLICT (vessel_id) DO UPDATE SET state = excluded.state, zone_code = excluded.zone_code,
    since_at = CASE WHEN fleet.state = excluded.state THEN fleet.since_at
        ELSE excluded.since_at END,
    last_ais_at = excluded.last_ais_at, last_vms_at = excluded.last_vms_at,
    alert_id = excluded.alert_id, need_rank = excluded.need_rank, need_order = excluded.need_order
WHERE (fleet.state, fleet.zone_code, fleet.last_ais_at, fleet.last_vms_at, fleet.alert_id,
    fleet.need_rank, fleet.need_order) IS DISTINCT FROM (excluded.state, excluded.zone_code,
    excluded.last_ais_at, excluded.last_vms_at, excluded.alert_id, excluded.need_rank,
    excluded.need_order)
"""


def run(
    *, now: datetime | None = None, deep: bool = False, since: datetime | None = None
) -> dict[str, int] | None:
    """What a round changed: alerts opened, updated, ended, and states written.

    None where another round runs. The same moment again changes nothing. `since`: how far back
    tracks are looked at, else by `deep`.
    """
    began = time.monotonic()
    now = now or timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return None
        since = since or now - (DEEP_WINDOW if deep else WINDOW)
        picture = pictures.of(now, since)
        changed = _judge(picture, now, since)
        changed["states"] = _write_states(picture, now)
    log.info("fleet-swept", deep=deep, took_s=round(time.monotonic() - began, 3), **changed)
    return changed


def run_conduct(
    *, now: datetime | None = None, since: datetime | None = None
) -> dict[str, int] | None:
    """What a look at the tracks since then changed: alerts, and lines in the vessels' files.

    Since is by default 26 h ago. None where another such round runs.
    """
    began = time.monotonic()
    now = now or timezone.now()
    since = since or now - CONDUCT_WINDOW
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CONDUCT_LOCK])
            if not cursor.fetchone()[0]:
                return None
        picture = pictures.of(now, since, whole=True)
        fished = conduct.fishings(picture)
        found = [*conduct.loiterings(picture), *conduct.meetings(picture),
                 *conduct.without_papers(picture, fished)]  # fmt: skip
        found = [f for f in found if not _over_before(f, since)]
        done = settle(findings=found, kinds=conduct.KINDS, now=now, since=since)
        deeds = [*fished, *conduct.visits(picture), *conduct.stopped(picture)]
        written = deed_rows.record(deeds, since=since)
    changed = {"opened": done.opened, "updated": done.updated, "ended": done.ended, **written}
    log.info("fleet-conduct", took_s=round(time.monotonic() - began, 3), **changed)
    return changed


def _judge(picture: Picture, now: datetime, since: datetime) -> dict[str, int]:
    down = list(silence.outages(picture))
    providers = {f.slot.split(":", 1)[1] for f in down} | set(picture.outages) | _just_back(now)
    crossed = [f for f in lines.lines_crossed(picture) if not _over_before(f, since)]
    rounds = (
        (down, ("provider_outage",), None),
        (list(silence.silences(picture, providers)), silence.KINDS, None),
        (crossed, lines.KINDS, since),
        (list(lines.near_lines(picture)), ("near_line",), None),
        (list(approach.collisions(picture)), ("collision_risk",), None),
        (list(storms.storms(picture)), ("storm",), None),
    )
    total = {"opened": 0, "updated": 0, "ended": 0}
    ending = _Comeback(picture, now)
    for findings, kinds, window in rounds:
        end_of = ending.of if kinds is silence.KINDS else None
        done = settle(findings=findings, kinds=kinds, now=now, since=window, end_of=end_of)
        for name in total:
            total[name] += getattr(done, name)
    return total


class _Comeback:
    """When silent vessels were heard again: that ends their alert, whenever the round runs."""

    def __init__(self, picture: Picture, now: datetime) -> None:
        self.picture, self.now = picture, now
        self.crafts = {craft.id: craft for craft in picture.crafts}

    def of(self, alert: Alert) -> Ending:
        """The first position of the counted device after the alert began; now where there is none.

        One that came before the limit was over shows that there was no such silence.
        """
        craft = self.crafts.get(alert.vessel_id or 0)
        heard = Position.objects.between(alert.opened_at, self.now).filter(
            vessel_id=alert.vessel_id or 0, observed_at__gt=alert.opened_at
        )
        if alert.kind != "declared_no_track" and craft and craft.beacon:
            vms = craft.beacon.kind == "vms"
            heard = heard.filter(message_type=0) if vms else heard
        first = heard.order_by("observed_at").values_list("observed_at", flat=True).first()
        if first is None:
            return Ending(self.now)
        length = craft.length_m if craft else None
        least_s = self.picture.rules.seconds(alert.kind, length)
        return Ending(first, never=(first - alert.opened_at).total_seconds() < least_s)


def _just_back(now: datetime) -> set[str]:
    """Providers back for less than an interval of positions: their boats get time to be heard."""
    back = Alert.objects.filter(kind="provider_outage", ended_at__gt=now - timedelta(hours=3))
    return {slot.split(":", 1)[1] for slot in back.values_list("slot", flat=True)}


def _over_before(finding: Finding, since: datetime) -> bool:
    return finding.ended_at is not None and finding.ended_at < since


def _write_states(picture: Picture, now: datetime) -> int:
    needs: dict[int, list[tuple[int, int, int, str]]] = {}
    rows = Alert.objects.filter(closed_at=None, vessel__isnull=False)
    fields = ("pk", "vessel_id", "kind", "stage", "ended_at", "held_by", "due_at", "opened_at")
    kinds: dict[int, set[str]] = {}
    for pk, vessel, kind, stage, ended, held, due, opened in rows.values_list(*fields):
        if ended is None:
            kinds.setdefault(vessel, set()).add(kind)
        if held is None:
            rank = KINDS[kind].rank + (HANDED_OVER_RANK if stage == "handed_over" else 0)
            at = int((due or opened).timestamp())
            needs.setdefault(vessel, []).append((rank, at, pk, kind))
    for pair in _pairs():
        for vessel in pair:
            kinds.setdefault(vessel, set()).add("collision_risk")
    table: dict[str, list[Any]] = {
        name: [] for name in ("id", "state", "zone", "ais", "vms", "alert", "rank", "ord")
    }
    for craft in picture.crafts:
        need = min(needs.get(craft.id, ()), default=None)
        values = (
            craft.id, state_of(craft, kinds.get(craft.id, set())), ",".join(craft.zones)[:40],
            craft.last_ais_at, craft.last_vms_at, need and need[2], need and need[0],
            need[0] * RANK_STEP + need[1] if need else NO_NEED,
        )  # fmt: skip
        for name, value in zip(table, values, strict=True):
            table[name].append(value)
    with connection.cursor() as cursor:
        cursor.execute(STATES, {**table, "now": now})
        return cursor.rowcount


def _pairs() -> list[list[int]]:
    open_ones = Alert.objects.filter(kind="collision_risk", ended_at=None, closed_at=None)
    return [e.get("vessels", []) for e in open_ones.values_list("evidence", flat=True)]


def state_of(craft: Craft, kinds: set[str]) -> str:
    """The one word for a vessel: the gravest that holds."""
    states = FleetState.State
    if kinds & {"collision_risk", "storm"} or craft.doing == "distress":
        return str(states.DANGER)
    if kinds & {"zone_entry", "zone_exit"}:
        return str(states.OVER_LINE)
    if kinds & set(silence.KINDS):
        return str(states.SILENT)
    if craft.in_port:
        return str(states.IN_PORT)
    return str(states.UNKNOWN if craft.observed_at is None else states.AT_SEA)
