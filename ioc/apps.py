from django.apps import AppConfig

from ioc import logs


class IocConfig(AppConfig):
    name = "ioc"
    label = "ioc"

    def ready(self) -> None:
        from ioc import celery  # noqa: F401  tasks sent from any process go to our queue

        logs.configure()
