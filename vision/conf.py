"""Vision's settings as the rest of this app asks for them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def model_dir() -> Path:
    """Where converted weights are kept."""
    return Path(settings.IOC_VAR) / "models"


def media_roots() -> list[Path]:
    """Folders whose video files a stored camera may have as its source."""
    given = [Path(root) for root in settings.IOC_VISION_MEDIA_ROOTS]
    return [root.resolve() for root in (*given, Path(settings.IOC_VAR) / "demo")]


def snapshot_dir() -> Path:
    """Where events' pictures are kept."""
    return Path(settings.MEDIA_ROOT) / "vision"


def event_days() -> int:
    """Days that an event and its picture are kept."""
    return settings.IOC_VISION_EVENT_DAYS
