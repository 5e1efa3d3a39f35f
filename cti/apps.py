from django.apps import AppConfig
from django.db.models.signals import post_save, pre_delete


class CtiConfig(AppConfig):
    name = "cti"

    def ready(self) -> None:
        from cti.calls.upkeep import close_calls_of_account  # models must be loaded first
        from cti.events import receivers
        from integrations import signals
        from integrations.models import PbxAccount
        from tenants.models import Tenant

        post_save.connect(receivers.begin_log, sender=Tenant)
        pre_delete.connect(close_calls_of_account, sender=PbxAccount)
        signals.account_status_changed.connect(receivers.log_account_status)
        signals.subscription_status_changed.connect(receivers.log_subscription_status)
