from django.apps import AppConfig
from django.db.models.signals import post_save, pre_delete


class CtiConfig(AppConfig):
    name = "cti"

    def ready(self) -> None:
        from cti.calls.upkeep import close_calls_of_account  # models must be loaded first
        from cti.events import receivers
        from cti.ingest.reconcile import reconcile_upkeep
        from cti.queues.agents import learn_agents
        from cti.streams.accounts import keep_stream_row, lock_before_deletion
        from integrations import signals, upkeep
        from integrations.models import PbxAccount, Upkeep
        from tenants.models import Tenant

        post_save.connect(receivers.begin_log, sender=Tenant)
        post_save.connect(keep_stream_row, sender=PbxAccount)
        pre_delete.connect(lock_before_deletion, sender=PbxAccount)
        pre_delete.connect(close_calls_of_account, sender=PbxAccount)
        signals.before_locking.connect(receivers.lock_log)
        signals.account_status_changed.connect(receivers.log_account_status)
        signals.subscription_status_changed.connect(receivers.log_subscription_status)
        signals.directory_synced.connect(learn_agents)
        upkeep.JOBS[Upkeep.Kind.CALLS] = reconcile_upkeep
