from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "ioc.incidents"
    label = "incidents"
    verbose_name = _("incidents")

    def ready(self) -> None:
        from geo import notices
        from ioc.incidents import receivers

        notices.published.connect(receivers.on_notice, dispatch_uid="incidents")
