"""HTTP for vessels: the fleet, its alerts, declarations, tracks, and one vessel's file."""

from ninja import Router

from ioc.accounts.auth import session_or_token
from vessels.api import alerts, declarations, file, fleet, ports, tracks, vessel, vms

router = Router(tags=["vessels"], auth=session_or_token)
for part in (
    fleet,
    alerts,
    declarations,
    tracks,
    vms,
    ports,
    file,
    vessel,
):  # fixed words before {vessel_id}
    router.add_router("", part.router)
