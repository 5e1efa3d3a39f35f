from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from tenants import rls  # models must be loaded first

        post_migrate.connect(rls.grant_to_app_role, sender=self)
