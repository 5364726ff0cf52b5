"""What is worth saying about confirmed tracks, declared as data on the camera."""

from vision.rules._old import *  # noqa: F403
from vision.rules._old import ACROSS, ANYTHING, KINDS, REMEMBERED, from_data, inside
from vision.rules.sighting import Rule, Sighting, View

__all__ = [
    "ACROSS", "ANYTHING", "KINDS", "REMEMBERED", "Rule", "Sighting", "View", "from_data", "inside",
]  # fmt: skip
