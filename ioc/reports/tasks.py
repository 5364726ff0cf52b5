"""Work done by the clock. Each task calls one action that is bounded and may run twice."""

from celery import shared_task

from ioc.reports import escalation, messages, retention, statistics, terms, webhooks

SCHEDULE = {
    "reports.escalate": 30,
    "reports.mark_overdue": 30,
    "reports.end_waits": 300,
    "reports.refresh_statistics": 20,
    "reports.keep_calendars": 86_400,
    "reports.adopt": 600,
    "reports.send_messages": 5,
    "reports.send_mail": 5,
    "reports.call_webhooks": 10,
    "reports.forget": 3600,
    "reports.erase_old": 600,
}
"""Seconds between two runs, by task."""


@shared_task(name="reports.escalate", ignore_result=True, expires=60)
def escalate() -> int:
    return escalation.escalate()


@shared_task(name="reports.mark_overdue", ignore_result=True, expires=60)
def mark_overdue() -> int:
    return escalation.mark_overdue()


@shared_task(name="reports.end_waits", ignore_result=True, expires=600)
def end_waits() -> int:
    return escalation.end_waits()


@shared_task(name="reports.refresh_statistics", ignore_result=True, expires=120)
def refresh_statistics() -> int:
    return statistics.refresh_dirty()


@shared_task(name="reports.keep_calendars", ignore_result=True)
def keep_calendars() -> int:
    return terms.keep_calendars()


@shared_task(name="reports.adopt", ignore_result=True, expires=600)
def adopt() -> int:
    return escalation.adopt()


@shared_task(name="reports.send_messages", ignore_result=True, expires=10)
def send_messages() -> int:
    return messages.send_due(channels=[messages.PUSH])


MAIL_LIMIT_S = 45
"""Longer than the queue's own: a server that thinks may take this long over a letter. With the ten
seconds it may wait it ends before its message is visible again, and one process alone is at it."""


@shared_task(
    name="reports.send_mail",
    ignore_result=True,
    expires=10,
    time_limit=MAIL_LIMIT_S,
    soft_time_limit=MAIL_LIMIT_S - 2,
)
def send_mail() -> int:
    return 0 if messages.mail_is_leaving() else messages.send_due(channels=[messages.EMAIL])


@shared_task(name="reports.call_webhooks", ignore_result=True, expires=20)
def call_webhooks() -> int:
    return webhooks.deliver_due()


@shared_task(name="reports.forget", ignore_result=True)
def forget() -> int:
    return messages.forget() + webhooks.forget() + retention.drop_unused()


@shared_task(name="reports.erase_old", ignore_result=True)
def erase_old() -> int:
    return retention.erase_old()
