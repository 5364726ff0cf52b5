"""Cameras over HTTP: `router` under /cameras for the map, `desk.router` under /vision for work."""

from vision.api.events import router

__all__ = ["router"]
