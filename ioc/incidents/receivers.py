"""Hears notices after their commit."""

from typing import Any

from geo.models import Notice
from ioc.incidents import actions


def on_notice(*, notice_id: int, **_: Any) -> None:
    notice = Notice.objects.filter(pk=notice_id).first()
    if notice is not None:
        actions.record(notice=notice)
