"""Addresses of photos, and the short-lived tickets that open them without an account.

Nothing is public before a moderator published it: a photo opens for those who work on its case
and for the sender, whose phone shows the key of its report and is handed a ticket.
"""

from django.core import signing

TICKET_S = 3600
_signer = signing.TimestampSigner(salt="reports.photo")


def photo_address(name: str, size: str) -> str:
    """Where a photo lies (`size` is "photo" or "thumb").

    Opens for all once it is published, before that for those who work on the case.
    """
    return f"/api/v1/reports/photos/{name}/{size}.jpg"


def ticketed_address(name: str, size: str) -> str:
    """An address that opens for whoever holds it, for an hour."""
    return f"{photo_address(name, size)}?ticket={_signer.sign(name).split(':', 1)[1]}"


def opens(name: str, ticket: str) -> bool:
    """Whether `ticket` was given out for this photo within the hour."""
    try:
        _signer.unsign(f"{name}:{ticket}", max_age=TICKET_S)
    except signing.BadSignature:
        return False
    return True
