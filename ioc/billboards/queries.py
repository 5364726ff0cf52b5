from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from geo.crs import city
from ioc.billboards.models import Billboard
from ioc.billboards.permits import EXPIRING_DAYS


def visible_to(user: Any) -> QuerySet[Billboard]:
    """Every billboard: they stand in the street. Owner and permit are in the full view only."""
    return Billboard.objects.all()


def zone() -> ZoneInfo:
    """The city's time zone."""
    here = city()
    return ZoneInfo(here.time_zone if here else "Asia/Ho_Chi_Minh")


def today() -> date:
    """The city's date."""
    return timezone.now().astimezone(zone()).date()


def running_out(day: date, days: int = EXPIRING_DAYS) -> QuerySet[Billboard]:
    """Billboards whose permit has ended, or ends within so many days, the oldest first."""
    until = day + timedelta(days=days)
    return Billboard.objects.filter(permit_until__lte=until).order_by("permit_until", "code")
