"""Streams as subscriptions: a vendor that we keep a connection to is shown beside those that call our hooks.

Who keeps the connections is `cti.streams`; all functions run inside the account's tenant scope.
"""

from datetime import datetime

from django.db.models import QuerySet

from integrations.models import PbxAccount, VendorSubscription
from integrations.registry import adapter_class
from integrations.status import set_subscription_status

Status = VendorSubscription.Status


def stream_connected(account: PbxAccount, now: datetime, note: str = "") -> VendorSubscription:
    """The connection stands; `note` is what an admin should know of it."""
    row = _row(account)
    if (row.status, row.last_error) == (Status.ACTIVE, note):  # by thousands, when a process takes over
        VendorSubscription.objects.filter(pk=row.pk).update(verified_at=now)
    else:
        row.verified_at = now
        set_subscription_status(row, Status.ACTIVE, note)
    return row


def stream_failed(account: PbxAccount, error: str) -> None:
    """It broke, or couldn't be made; `error` in the vendor's words."""
    row = _row(account)
    set_subscription_status(row, Status.FAILED, error)


def stream_ended(account: PbxAccount) -> None:
    """The account wants no stream any more."""
    for row in _current(account):
        set_subscription_status(row, Status.ENDED)


def _row(account: PbxAccount) -> VendorSubscription:
    transport = adapter_class(account.vendor).stream_transport
    return _current(account).first() or VendorSubscription.objects.create(
        tenant_id=account.tenant_id, account=account, transport=transport
    )


def _current(account: PbxAccount) -> QuerySet[VendorSubscription]:
    streams = VendorSubscription.objects.filter(account=account).exclude(transport="webhook")
    return streams.exclude(status=Status.ENDED).order_by("created_at")
