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


def now_path(camera_id: int) -> Path:
    """Where the newest blurred picture of a camera lies."""
    return snapshot_dir() / "now" / f"{camera_id}.jpg"


def event_days() -> int:
    """Days that an event is kept; its pictures may go sooner."""
    return max(settings.IOC_VISION_RECORD_DAYS, settings.IOC_VISION_EVENT_DAYS)


def picture_days() -> int:
    """Days that an event's picture and clip are kept, where its camera says nothing else."""
    return settings.IOC_VISION_EVENT_DAYS


def clear_dir() -> Path:
    """Where clear pictures are kept, encrypted."""
    return Path(settings.MEDIA_ROOT).parent / "vision-clear"


def clip_dir() -> Path:
    """Where clips lie that people brought to try rules on."""
    return Path(settings.MEDIA_ROOT).parent / "vision-clips"


def plate_days() -> int:
    """Days that a plate's clear text is kept."""
    return settings.IOC_VISION_PLATE_DAYS
