"""Which accounts have a stream: decided whenever an account is saved, in the same transaction."""

from collections.abc import Collection
from typing import Any

from django.db.models import F

from common.http import HttpClient
from common.times import utc_now
from cti.streams.models import Stream
from integrations.adapters import adapter_account
from integrations.locking import accounts_for_update
from integrations.models import PbxAccount
from integrations.registry import UnknownVendor, adapter_class
from integrations.streaming import stream_ended, stream_failed

Status = PbxAccount.Status
_NOT_CONNECTABLE = {Status.PENDING_AUTHORIZATION, Status.REAUTHORIZATION_REQUIRED, Status.DISABLED}


def keep_stream_row(instance: PbxAccount, update_fields: Collection[str] | None = None, **_: Any) -> None:
    """Makes, renews or removes the row of an account's stream; whoever holds the stream notices within seconds.

    An account that was saved whole may have another address, credentials or settings: it is connected anew. One that has to
    be authorized first has no stream until its status says that it was.
    """
    if not wants_stream(instance):
        Stream.objects.filter(account=instance).delete()
        stream_ended(instance)
    elif instance.status in _NOT_CONNECTABLE:
        if Stream.objects.filter(account=instance).delete()[0]:
            stream_failed(instance, instance.status_detail)
    elif update_fields is None:
        now = utc_now()
        Stream.objects.update_or_create(
            account=instance,
            defaults={"version": F("version") + 1, "attempts": 0, "due_at": now},
            create_defaults={"tenant_id": instance.tenant_id, "due_at": now},
        )
    else:
        Stream.objects.get_or_create(account=instance, defaults={"tenant_id": instance.tenant_id})


def lock_before_deletion(instance: PbxAccount, **_: Any) -> None:
    """Whoever notes how a stream goes locks the log, then its account, then the stream: so must who deletes them all."""
    accounts_for_update(instance.tenant_id).filter(pk=instance.pk).first()


def wants_stream(account: PbxAccount) -> bool:
    """Without talking to the vendor; False for an account of a vendor that there is no adapter of any more."""
    try:
        adapter = adapter_class(account.vendor)
    except UnknownVendor:
        return False
    return adapter(adapter_account(account, scopes=None), HttpClient(allowed_networks=())).wants_stream()
