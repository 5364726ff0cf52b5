"""Reports over HTTP: citizens at the root, staff under `desk/`."""

from ioc.reports.api.citizen import router

__all__ = ["router"]
