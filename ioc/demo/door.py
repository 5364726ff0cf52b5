"""Where the simulation knocks: the same doors as real data, with a token of its own."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from ioc.accounts.actions import make_token
from ioc.accounts.models import ApiToken, User

USERNAME = "demo-simulation"
PERMISSIONS = ["environment.add_observation", "reports.add_synthetic"]


@dataclass(frozen=True)
class Door:
    """Addresses and key that the simulated boats, gauges and citizens use."""

    base_url: str
    token: str
    ais_host: str
    ais_port: int
    seed: int


def open_door() -> Door:
    """A door with a fresh token; the tokens of earlier runs end."""
    user, _ = User.objects.get_or_create(
        username=USERNAME, defaults={"demo": True, "display_name": "Mô phỏng (demo)"}
    )
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    host, port = settings.IOC_AIS_UDP.rsplit(":", 1)
    return Door(
        base_url=settings.IOC_BASE_URL,
        token=make_token(user=user, name="demo", days=30, permissions=PERMISSIONS),
        ais_host=host,
        ais_port=int(port),
        seed=settings.IOC_DEMO_SEED,
    )
