"""Reports over HTTP: citizens at the root, staff under `desk/`."""

from ioc.reports.api import outside
from ioc.reports.api.citizen import router
from ioc.reports.api.desk import router as desk_router
from ioc.reports.api.dossier import router as dossier_router
from ioc.reports.api.setup import router as setup_router

router.add_router("/desk", desk_router)
router.add_router("/desk", dossier_router)
router.add_router("/setup", setup_router)

router.add_router("", outside.router)

__all__ = ["router"]
