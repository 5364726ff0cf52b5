from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LayersConfig(AppConfig):
    name = "layers"

    def ready(self) -> None:
        autodiscover_modules("layers")
