"""The registry of the simulated fleet: papers for every boat, and devices, all marked synthetic.

Plates begin with DEMO, which no province has. The planted cases are those of `ioc.demo.boats`:
boats that fall silent, small ones beyond their waters, some whose VMS was fitted and never heard.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ioc.demo import boats
from vessels import registry
from vessels.models import Port, Vessel

SOURCE = "demo"
FITTED_BEFORE = timedelta(days=2)
HOME = {"Thuận An": "thuan-an", "Tư Hiền": "tu-hien"}
GEAR = ("lưới rê", "câu", "lưới vây", "chụp mực")


def register_all(fleet: Iterable[boats.Boat], now: datetime | None = None) -> int:
    """The number of boats that were new to the registry; a second run adds none."""
    now = now or datetime.now(UTC)
    known = set(
        Vessel.objects.filter(registered=True, synthetic=True).values_list("mmsi", flat=True)
    )
    ports = {port.code: port for port in Port.objects.all()}
    new = 0
    for boat in fleet:
        if isinstance(boat, boats.CargoShip) or boat.mmsi in known:
            continue
        vessel = registry.register(
            plate=f"DEMO {boat.number:04d} TS", source=SOURCE, at=now, synthetic=True,
            mmsi=boat.mmsi, name=boat.name, callsign=boat.callsign, kind="fishing",
            length_m=float(boat.length_m), width_m=float(boat.width_m),
            gear=GEAR[boat.number % len(GEAR)], province="Huế",
            home_port=ports.get(HOME[boat.port]),
            owner_name=f"Chủ tàu {boat.name}", owner_phone=f"0000 {boat.number:06d}",
        )  # fmt: skip
        registry.fit(
            vessel=vessel, kind="ais", provider=SOURCE, ident=str(boat.mmsi), counted=True,
            at=now - FITTED_BEFORE,
        )  # fmt: skip
        if boat.number in boats.VMS_OFF:
            registry.fit(
                vessel=vessel, kind="vms", provider="DEMO VMS", ident=f"V{boat.number:04d}",
                counted=True, at=now - FITTED_BEFORE,
            )  # fmt: skip
        new += 1
    return new
