from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillboardsConfig(AppConfig):
    name = "ioc.billboards"
    label = "billboards"
    verbose_name = _("billboards")
