from django.apps import AppConfig
from django.db.models.signals import post_save


class CtiConfig(AppConfig):
    name = "cti"

    def ready(self) -> None:
        from cti.events import receivers  # models must be loaded first
        from integrations import signals
        from tenants.models import Tenant

        post_save.connect(receivers.begin_log, sender=Tenant)
        signals.account_status_changed.connect(receivers.log_account_status)
        signals.subscription_status_changed.connect(receivers.log_subscription_status)
