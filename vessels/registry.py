"""Writes to the registry: one vessel's papers, its devices, and a whole list as CSV."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from vessels import plates, thresholds
from vessels.models import Device, IdentityChange, Permit, Port, Vessel, VesselKind, Waters

KEPT = ("name", "callsign", "mmsi", "imo", "plate", "kind", "length_m", "owner_name", "gear")
COLUMNS = {
    "plate", "name", "mmsi", "callsign", "imo", "kind", "length_m", "width_m", "gear",
    "waters_class", "province", "home_port", "owner_name", "owner_phone", "vms_provider",
    "vms_ident", "permit", "permit_until",
}  # fmt: skip
NUMBERS = {"mmsi": int, "imo": int, "length_m": float, "width_m": float}
RANGES = {"length_m": (2, 500), "width_m": (0.5, 80), "mmsi": (1, 999_999_999)}


def waters_of(length_m: float, at: datetime) -> str:
    """The class of waters that a length gives. Source: Decree 26/2019, Art. 43, as dated rows."""
    rules = thresholds.in_force(at)
    if length_m >= rules.value("waters_offshore_from"):
        return str(Waters.OFFSHORE)
    inshore = length_m >= rules.value("waters_inshore_from")
    return str(Waters.INSHORE if inshore else Waters.COASTAL)


@transaction.atomic
def register(
    *, plate: str, source: str, at: datetime | None = None, synthetic: bool = False, **said: Any
) -> Vessel:
    """The vessel of this plate (or MMSI, where it has no plate yet), with what was said of it.

    What changes of its identity is kept with the day and the source; what is not said stays.
    Raises Refused for a plate that is none, and where another vessel has the plate or MMSI.
    """
    at = at or timezone.now()
    number = plates.read(plate)
    if number is None:
        raise Refused("bad-plate", _("%(plate)s is not a number plate.") % {"plate": plate})
    vessel = _found(number.key, said.get("mmsi"), synthetic)
    if vessel.plate_key not in ("", number.key):
        raise Refused("mmsi-taken", _("Another vessel carries this MMSI."), status=409)
    before = {name: getattr(vessel, name) for name in KEPT} if vessel.pk else None
    said = {name: value for name, value in said.items() if value not in (None, "")}
    if said.get("length_m") and not said.get("waters_class"):
        said["waters_class"] = waters_of(said["length_m"], at)
    said.setdefault("province", vessel.province or number.province)
    said.setdefault("kind", VesselKind.FISHING if vessel.kind == "unknown" else vessel.kind)
    for name, value in said.items():
        setattr(vessel, name, value)
    vessel.plate, vessel.plate_key, vessel.registered = number.shown, number.key, True
    vessel.source, vessel.synthetic = vessel.source or source, synthetic
    try:
        with transaction.atomic():
            vessel.save()
    except IntegrityError:
        raise Refused("mmsi-taken", _("Another vessel carries this MMSI."), status=409) from None
    if before:
        _keep_history(vessel, before, at, source)
    return vessel


def _found(key: str, mmsi: int | None, synthetic: bool) -> Vessel:
    ours = Vessel.objects.select_for_update().filter(synthetic=synthetic)
    vessel = ours.filter(plate_key=key).first()
    if vessel is None and mmsi:
        vessel = ours.filter(mmsi=mmsi, part=0).first()
    return vessel or Vessel(synthetic=synthetic)


def _keep_history(vessel: Vessel, before: dict[str, Any], at: datetime, source: str) -> None:
    IdentityChange.objects.bulk_create(
        IdentityChange(
            vessel=vessel, at=at, field=name, was=_words(was), now=_words(now), source=source
        )
        for name, was in before.items()
        if (now := getattr(vessel, name)) != was and was not in (None, "", "unknown")
    )  # fmt: skip


def _words(value: Any) -> str:
    return "" if value is None else str(value)[:200]


@transaction.atomic
def fit(
    *, vessel: Vessel, kind: str, provider: str, ident: str, counted: bool,
    at: datetime | None = None,
) -> Device:  # fmt: skip
    """The device, aboard from `at`; a second one that counts takes that from the first.

    Fitted already, nothing changes. Raises Refused for a third device (Decree 41/2026) and for
    one that is aboard another vessel.
    """
    at = at or timezone.now()
    aboard = list(Device.objects.select_for_update().filter(vessel=vessel, removed_at=None))
    for device in aboard:
        if (device.kind, device.provider, device.ident) == (kind, provider, ident):
            if counted and not device.counted:
                _count_only(device, aboard)
            return device
    if len(aboard) >= thresholds.in_force(at).value("devices_most"):
        raise Refused("too-many-devices", _("A vessel carries at most two devices."), status=409)
    device = Device(vessel=vessel, kind=kind, provider=provider, ident=ident, fitted_at=at)
    try:
        with transaction.atomic():
            device.save()
    except IntegrityError:
        raise Refused(
            "device-taken", _("This device is aboard another vessel."), status=409
        ) from None
    if counted or not aboard:
        _count_only(device, aboard)
    return device


def _count_only(device: Device, aboard: list[Device]) -> None:
    Device.objects.filter(pk__in=[one.pk for one in aboard]).update(counted=False)
    device.counted = True
    device.save(update_fields=["counted"])


@dataclass
class Taken:
    """What became of a list: rows taken, and each bad row's line with the reason."""

    rows: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def take_csv(text: str, *, source: str, synthetic: bool = False) -> Taken:
    """The good rows of a registry list (comma or semicolon, header line) taken, the bad set aside.

    Raises Refused where the header names no plate.
    """
    head = text.lstrip("\ufeff").split("\n", 1)[0]
    reader = csv.DictReader(
        io.StringIO(text.lstrip("\ufeff")), delimiter=";" if ";" in head else ",", strict=True
    )
    names = {(name or "").strip().lower() for name in reader.fieldnames or ()}
    if "plate" not in names:
        raise Refused("no-plates", _("The list has no column named plate."))
    taken = Taken()
    if unknown := sorted(names - COLUMNS - {""}):
        taken.notes.append(f"columns not known and left out: {', '.join(unknown)}")
    ports = {port.code: port for port in Port.objects.all()}
    seen: dict[str, int] = {}
    try:
        for raw in reader:
            try:
                _take_row(_clean(raw), ports, seen, reader.line_num, source, synthetic)
                taken.rows += 1
            except Refused as problem:
                taken.bad.append((reader.line_num, str(problem)))
    except csv.Error as problem:
        taken.bad.append((reader.line_num, f"not readable as CSV: {problem}"))
    return taken


def _clean(raw: dict[Any, Any]) -> dict[str, str]:
    if None in raw:
        raise Refused("too-many-cells", "the row has more cells than the header")
    row = {(name or "").strip().lower(): (value or "").strip() for name, value in raw.items()}
    if any("\0" in value for value in row.values()):
        raise Refused("bad-sign", "the row holds a sign that cannot be stored (NUL)")
    return {name: value for name, value in row.items() if name in COLUMNS}


def _take_row(
    row: dict[str, str], ports: dict[str, Port], seen: dict[str, int], line: int,
    source: str, synthetic: bool,
) -> None:  # fmt: skip
    said: dict[str, Any] = {**row}
    plate = said.pop("plate", "")
    key = plates.key_of(plate)
    if key in seen:
        raise Refused("twice", f"{plate} stands on line {seen[key]} already; that one is kept")
    for name, form in NUMBERS.items():
        if text := said.get(name):
            said[name] = _number(name, text, form)
    if (code := said.pop("home_port", "")) and code not in ports:
        raise Refused("no-port", f"home_port {code}: no port has this code")
    said["home_port"] = ports.get(code)
    if said.get("waters_class") and said["waters_class"] not in Waters.values:
        raise Refused("bad-waters", f"waters_class {said['waters_class']} is none of the three")
    if said.get("kind") and said["kind"] not in VesselKind.values:
        raise Refused("bad-kind", f"kind {said['kind']} is not known")
    provider, ident = said.pop("vms_provider", ""), said.pop("vms_ident", "")
    permit, until = said.pop("permit", ""), _day(said.pop("permit_until", ""))
    for name, value in said.items():
        size = getattr(Vessel._meta.get_field(name), "max_length", None)
        if size and isinstance(value, str) and len(value) > size:
            raise Refused("too-long", f"{name} is longer than {size} signs")
    with transaction.atomic():
        vessel = register(plate=plate, source=source, synthetic=synthetic, **said)
        if ident:
            fit(vessel=vessel, kind="vms", provider=provider, ident=ident, counted=True)
        if permit:
            Permit.objects.update_or_create(
                vessel=vessel, number=permit[:60], defaults={"valid_until": until}
            )
    seen[key] = line


def _number(name: str, text: str, form: type) -> Any:
    try:
        value = form(text.replace(",", ".") if form is float else text)
    except ValueError:
        raise Refused("bad-number", f"{name} {text!r} is not a number") from None
    low, high = RANGES.get(name, (0, 10_000_000))
    if not low <= value <= high:
        raise Refused("bad-number", f"{name} {text} is not between {low} and {high}")
    return value


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("bad-day", f"permit_until {text!r} is not a day as 2026-01-31") from None
