"""Writes to alerts: what the sweep found becomes rows once, and people move them on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo import notices
from geo.errors import Refused
from geo.text import Text
from layers import changes
from vessels.alert_kinds import BY_MACHINE, CAUSES, KINDS, moves_from
from vessels.models import Alert, AlertStep

log = structlog.get_logger(__name__)
LAYER = "vessel-alerts"
CODE_VERSION = "4.1"
"""Counted up when the same positions and thresholds would give another event."""


@dataclass(slots=True)
class Finding:
    """An event as positions, registry and thresholds tell it now. Times aware, degrees."""

    kind: str
    slot: str
    vessel_id: int | None
    title: Text
    opened_at: datetime
    ended_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    due_at: datetime | None = None
    clock: dict[str, Any] | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    synthetic: bool = False
    held_by: str = ""  # the slot of the outage that holds it back
    from_before: bool = False  # it began before what was looked at: a known begin stays
    severity: str = ""


class Ending(NamedTuple):
    """When an event was over, and whether later data show that it never was."""

    at: datetime
    never: bool = False


@dataclass
class Settled:
    """What a round changed."""

    opened: int = 0
    updated: int = 0
    ended: int = 0


def settle(
    *, findings: Iterable[Finding], kinds: Iterable[str], now: datetime,
    since: datetime | None = None,
    end_of: Callable[[Alert], Ending] | None = None,
) -> Settled:  # fmt: skip
    """Bring the alerts of these kinds in step with what was found. Call in a transaction, locked.

    `since` is the begin of the window that was looked at, for kinds that are told as intervals: an
    alert within it that is no longer found is withdrawn. Without it an open alert that is not
    found has ended: now, or when `end_of` says. The same findings again change nothing.
    """
    known: dict[str, list[Alert]] = {}
    rows = Alert.objects.select_for_update(of=("self",)).filter(kind__in=list(kinds))
    rows = rows.filter(ended_at=None) | rows.filter(ended_at__gte=since or now)
    for alert in rows.order_by("opened_at"):
        known.setdefault(alert.slot, []).append(alert)
    settled, met = Settled(), set[int]()
    by_slot: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda f: (f.kind != "provider_outage", f.opened_at)):
        by_slot.setdefault(finding.slot, []).append(finding)
    pairs: list[tuple[Finding, Alert | None]] = []
    for slot, found in by_slot.items():
        for finding in found:
            free = (a for a in known.get(slot, []) if a.pk not in met and _overlap(a, finding))
            same = next(free, None)
            if same is not None:
                met.add(same.pk)
            pairs.append((finding, same))
    for lost in (a for alerts in known.values() for a in alerts if a.pk not in met):
        if lost.ended_at is None or (since and lost.opened_at > since):
            ending = end_of(lost) if end_of and lost.ended_at is None else None
            settled.ended += _not_found(lost, now, since, ending)
    pairs.sort(key=lambda pair: pair[0].kind != "provider_outage")  # so that others find it
    for finding, met_alert in pairs:
        if met_alert is None:
            settled.opened += _open(finding, now)
        else:
            settled.updated += _update(met_alert, finding, now)
    return settled


def _overlap(alert: Alert, finding: Finding) -> bool:
    """Whether both may be one event: they share a time, or are both still open."""
    if alert.ended_at is None and finding.ended_at is None:
        return True
    starts = max(alert.opened_at, finding.opened_at)
    ends = [end for end in (alert.ended_at, finding.ended_at) if end]
    return starts <= min(ends)


def _open(finding: Finding, now: datetime) -> bool:
    if Alert.objects.filter(slot=finding.slot, opened_at=finding.opened_at).exists():
        return False  # it was withdrawn or ended once at this very time: it stays so
    kind = KINDS[finding.kind]
    alert = Alert(
        vessel_id=finding.vessel_id, kind=finding.kind, slot=finding.slot,
        severity=finding.severity or kind.severity, updated_at=now, synthetic=finding.synthetic,
    )  # fmt: skip
    _say(alert, finding, now)
    alert.save()
    if alert.ended_at and kind.passes:
        _close(alert, now, "passed")
    _tell(alert, finding)
    return True


def renew(finding: Finding, now: datetime) -> bool:
    """Open an alert that no round looks after, once in its slot; whether anything changed.

    The one that stands is brought in step only where the finding begins no later.
    """
    alert = Alert.objects.select_for_update(of=("self",)).filter(slot=finding.slot).first()
    if alert is None:
        return _open(finding, now)
    return finding.opened_at <= alert.opened_at and _update(alert, finding, now)


def _say(alert: Alert, finding: Finding, now: datetime) -> None:
    if alert.pk is None or not finding.from_before or finding.opened_at < alert.opened_at:
        alert.opened_at = finding.opened_at
    alert.ended_at, alert.due_at, alert.clock = finding.ended_at, finding.due_at, finding.clock
    alert.title_vi, alert.title_en = finding.title.vi[:200], finding.title.en[:200]
    if finding.lon is not None and finding.lat is not None:
        alert.geom = Point(round(finding.lon, 6), round(finding.lat, 6), srid=4326)
    alert.held_by = _holder(finding)
    evidence = {**finding.evidence, "code_version": CODE_VERSION}
    if {**alert.evidence, "computed_at": None} != {**evidence, "computed_at": None}:
        alert.evidence = {**evidence, "computed_at": changes.plain(now)}


def _holder(finding: Finding) -> Alert | None:
    if not finding.held_by:
        return None
    return Alert.objects.filter(slot=finding.held_by).order_by("-opened_at").first()


SAID = ("opened_at", "ended_at", "due_at", "clock", "title_vi", "title_en", "held_by_id")


def _state_of(alert: Alert) -> tuple[Any, ...]:
    place = (alert.geom.x, alert.geom.y) if alert.geom else None
    told = {**alert.evidence, "computed_at": None}
    return (*(getattr(alert, name) for name in SAID), place, told)


def _update(alert: Alert, finding: Finding, now: datetime) -> bool:
    if alert.stage == Alert.Stage.CLOSED:  # what people closed keeps the figures they closed
        if finding.ended_at and alert.ended_at is None:
            Alert.objects.filter(pk=alert.pk).update(ended_at=finding.ended_at)
            return True
        return False
    before, was_held = _state_of(alert), alert.held
    _say(alert, finding, now)
    if _state_of(alert) == before:
        return False
    alert.updated_at = now
    alert.save()
    if alert.ended_at and KINDS[alert.kind].passes and alert.stage == Alert.Stage.NEW:
        _close(alert, now, "passed")
    _tell(alert, finding if was_held and not alert.held else None)
    return True


def _not_found(alert: Alert, now: datetime, since: datetime | None, ending: Ending | None) -> bool:
    """End an alert that the sweep no longer finds; one never touched may close itself."""
    ended_at, never = ending or Ending(now)
    withdrawn = never or (since is not None and alert.opened_at > since)
    if alert.stage == Alert.Stage.CLOSED:
        if alert.ended_at is None:
            Alert.objects.filter(pk=alert.pk).update(ended_at=max(ended_at, alert.opened_at))
            return True
        return False
    if since is not None and not withdrawn:
        return False  # it began before the window and nothing in the window speaks of it
    was = alert.ended_at
    alert.ended_at = alert.opened_at if withdrawn else max(ended_at, alert.opened_at)
    untouched = alert.stage == Alert.Stage.NEW
    if alert.ended_at == was and not untouched:
        return False
    alert.updated_at = now
    alert.save()
    if untouched and (withdrawn or KINDS[alert.kind].passes):
        _close(alert, now, "withdrawn" if withdrawn else "passed")
    _tell(alert, None)
    return True


def _close(alert: Alert, now: datetime, cause: str) -> None:
    """Close what nobody dealt with, in the machine's own name."""
    _step(alert, now, "closed", None, "", "", cause, f"machine-{alert.version}")


def _tell(alert: Alert, finding: Finding | None) -> None:
    """The map hears of each change, the centre of each event that is not held back, once."""
    if alert.stage == Alert.Stage.CLOSED:
        changes.delete(LAYER, alert.pk)
    else:
        changes.upsert(LAYER, alert)
    if finding is None or alert.held or (alert.ended_at and KINDS[alert.kind].passes):
        return
    notices.publish(
        key=f"vessel-alert:{alert.pk}",
        kind=f"vessels.{alert.kind}", severity=alert.severity, layer=LAYER, feature_id=alert.pk,
        point=(alert.geom.x, alert.geom.y) if alert.geom else None, occurred_at=alert.opened_at,
        title=finding.title, data={"vessel": alert.vessel_id}, synthetic=alert.synthetic,
    )  # fmt: skip


@transaction.atomic
def move(
    *, alert_id: int, stage: str, by: Any, version: int, key: str, words: str = "", cause: str = ""
) -> Alert:
    """The alert in its new stage. The same key again gives the alert as it is and changes nothing.

    Raises Refused: 409 where somebody was there before (`version` is stale) or the stage lies
    behind; 422 for closing without a cause from the list, or another stage with one.
    """
    alert = Alert.objects.select_for_update().get(pk=alert_id)
    if not key or len(key) > 64:
        raise Refused("bad-key", _("Send a key of 1 to 64 signs with every step."), status=422)
    if AlertStep.objects.filter(alert=alert, key=key).exists():
        return alert
    if version != alert.version:
        raise Refused(
            "stale", _("Somebody has dealt with this alert meanwhile."), status=409,
            version=alert.version, stage=alert.stage,
        )  # fmt: skip
    if stage not in moves_from(alert.stage):
        raise Refused("bad-move", _("This step is not open from here."), status=409)
    if stage == "closed" and (cause not in CAUSES or cause in BY_MACHINE):
        raise Refused("no-cause", _("Closing needs a cause from the list."), status=422)
    if stage != "closed" and cause:
        raise Refused("cause-too-soon", _("A cause is given when closing."), status=422)
    now = timezone.now()
    _step(alert, now, stage, by, str(by), words, cause, key)
    if stage == "closed":
        changes.delete(LAYER, alert.pk)
    else:
        changes.upsert(LAYER, alert)
    log.info("vessel-alert-moved", alert=alert.pk, stage=stage, by=by.pk)
    return alert


def _step(
    alert: Alert, now: datetime, stage: str, by: Any, by_name: str, words: str, cause: str,
    key: str,
) -> None:  # fmt: skip
    AlertStep.objects.create(
        alert=alert, seq=alert.version, at=now, stage=stage, by=by, by_name=by_name[:150],
        words=words[:1000], cause=cause, key=key,
    )  # fmt: skip
    alert.stage, alert.cause, alert.version = stage, cause, alert.version + 1
    alert.updated_at = now
    if stage == "closed":
        alert.closed_at = now
    alert.save()
