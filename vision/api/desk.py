"""All that is under /vision: who asks and what there is, cameras, trials, reviews."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from ioc.accounts.auth import session_or_token
from vision import conf, detectors
from vision.actions.reviews import CAUSES, CLASSES
from vision.api import audit, cameras, pictures, reviews, rights, trials, work
from vision.kinds import KINDS
from vision.models import Camera, Review

router = Router(tags=["vision"], auth=session_or_token)


@router.get("/home", summary="Who asks, what they may do, and what there is to choose from")
def home(request: HttpRequest) -> dict[str, Any]:
    user = rights.allowed(request, rights.VIEW)
    may = {
        "set_up": rights.SET_UP, "review": rights.REVIEW, "clear": rights.CLEAR,
        "discover": rights.DISCOVER, "search_plate": rights.SEARCH_PLATE,
        "plate_text": rights.PLATE_TEXT, "audit": rights.AUDIT,
    }  # fmt: skip
    return {
        "me": {
            "name": str(user),
            "role": getattr(user, "role", ""),
            "may": {name: user.has_perm(permission) for name, permission in may.items()},
        },
        "kinds": [
            {"code": code, "title": kind.title.dict(), "color": kind.color, "shape": kind.shape}
            for code, kind in KINDS.items()
        ],
        "states": [{"code": c.value, "title": str(c.label)} for c in Camera.State],
        "reviews": [{"code": c.value, "title": str(c.label)} for c in Review],
        "classes": list(CLASSES),
        "causes": [{"code": code, "title": text.dict()} for code, text in CAUSES.items()],
        "detectors": detectors.names(),
        "picture_days": conf.picture_days(),
        "plates": settings.IOC_VISION_PLATES,
        "discovery": bool(settings.IOC_VISION_DISCOVERY),
        "clip_mb": settings.IOC_VISION_CLIP_MB,
    }


router.add_router("/cameras", cameras.router)
router.add_router("", work.router)
router.add_router("", trials.router)
router.add_router("", pictures.router)
router.add_router("", reviews.router)
router.add_router("", audit.router)
