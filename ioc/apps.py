from django.apps import AppConfig

from ioc import logs


class IocConfig(AppConfig):
    name = "ioc"
    label = "ioc"

    def ready(self) -> None:
        logs.configure()
