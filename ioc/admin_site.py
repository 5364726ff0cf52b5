"""Django's admin, allowed the inline scripts that its map widget is made of, and nobody else."""

from collections.abc import Callable
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class IocAdminSite(AdminSite):
    site_header = site_title = _("Operations centre: administration")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        guarded = super().admin_view(view, cacheable)
        return csp_update({"script-src": [SELF, UNSAFE_INLINE]})(guarded)  # type: ignore[no-any-return]


class IocAdminConfig(AdminConfig):
    default_site = "ioc.admin_site.IocAdminSite"
