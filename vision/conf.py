"""Vision's settings with their defaults; `ioc/settings.py` may set each."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def model_dir() -> Path:
    """Where converted weights are kept."""
    return Path(getattr(settings, "VISION_MODEL_DIR", Path(settings.BASE_DIR) / "var" / "models"))


def media_roots() -> list[Path]:
    """Folders whose video files a camera may be given as a source."""
    default = [Path(settings.BASE_DIR) / "var" / "demo"]
    return [Path(root).resolve() for root in getattr(settings, "VISION_MEDIA_ROOTS", default)]


def frame_rate() -> float:
    """Pictures a second and camera that the worker looks at where the camera says nothing."""
    return float(getattr(settings, "VISION_FPS", 5.0))


def private_networks() -> list[str]:
    """Private networks (CIDR) that an administrator allows camera addresses to point into."""
    return list(getattr(settings, "VISION_PRIVATE_NETWORKS", []))


def event_days() -> int:
    """Days that an event and its picture are kept."""
    return int(getattr(settings, "VISION_EVENT_DAYS", 30))
