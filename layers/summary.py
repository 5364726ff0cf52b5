"""The wall's bottom tiles: each app says what its own sentence is."""

from collections.abc import Callable
from typing import Any

Summary = Callable[[Any], list[dict[str, Any]]]
_summaries: list[Summary] = []


def register(summary: Summary) -> Summary:
    """Add an app's tiles; ``summary(user)`` answers only what this person may see."""
    if summary not in _summaries:
        _summaries.append(summary)
    return summary


def tiles_for(user: Any) -> list[dict[str, Any]]:
    return [tile for summary in _summaries for tile in summary(user)]
