"""The vessels app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VesselsConfig(AppConfig):
    """AIS in; positions, latest and live out."""

    name = "vessels"
    verbose_name = _("Vessels")
    default_auto_field = "django.db.models.BigAutoField"
