"""The ports that a declaration may name."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from vessels.api.rights import may_ask
from vessels.models import Port

router = Router()


@router.get("/ports", summary="Ports, by name")
def list_ports(request: HttpRequest) -> dict[str, Any]:
    """For who may ask of the fleet, owners too."""
    may_ask(request)
    return {
        "ports": [
            {"code": p.code, "name": {"vi": p.name_vi, "en": p.name_en},
             "lon": p.geom.x, "lat": p.geom.y}
            for p in Port.objects.order_by("name_vi")
        ]
    }  # fmt: skip
