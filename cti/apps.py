from django.apps import AppConfig


class CtiConfig(AppConfig):
    name = "cti"
