"""Writes, by who makes them: `submit` and `reporters`, `moves` and `moderation` for staff."""

from ioc.reports.actions.submit import (
    Draft,
    check_on_earth,
    checked_email,
    digest_of,
    plain_words,
    submit,
)

__all__ = ["Draft", "check_on_earth", "checked_email", "digest_of", "plain_words", "submit"]
