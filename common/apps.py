from django.apps import AppConfig
from django.conf import settings


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from common import logs  # settings must be complete first

        logs.configure(settings.LOG_LEVEL)
