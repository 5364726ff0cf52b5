"""Reports over HTTP: citizens at the root, staff under `desk/`."""

from ioc.reports.api import outside
from ioc.reports.api.citizen import router

router.add_router("", outside.router)

__all__ = ["router"]
