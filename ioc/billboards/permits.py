"""What a permit is worth on a day."""

from __future__ import annotations

from datetime import date, timedelta

EXPIRING_DAYS = 30


def state_on(
    day: date, *, permit_no: str, permit_from: date | None, permit_until: date | None
) -> str:
    """`no_permit`, `upcoming`, `valid`, `expiring` (ends within 30 days) or `expired`.

    The last day of a permit is still a valid day. A permit without an end does not expire.
    """
    if not permit_no.strip():
        return "no_permit"
    if permit_until and day > permit_until:
        return "expired"
    if permit_from and day < permit_from:
        return "upcoming"
    if permit_until and permit_until - day <= timedelta(days=EXPIRING_DAYS):
        return "expiring"
    return "valid"
