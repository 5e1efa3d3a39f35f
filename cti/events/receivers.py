"""What the layers below tell by signal becomes part of the tenant's log."""

from typing import Any
from uuid import UUID

from common.ids import public_id
from cti.events.log import append, hold_head
from cti.events.models import LogHead
from integrations.models import PbxAccount, VendorSubscription
from tenants.models import Tenant


def begin_log(instance: Tenant, created: bool, **_: Any) -> None:
    """A new tenant's log begins at sequence 0."""
    if created:
        LogHead.objects.create(tenant=instance)


def lock_log(tenant_id: UUID, **_: Any) -> None:
    """Before the layers below lock what they may tell of: the head comes before any other lock (docs/calls.md#locks)."""
    hold_head(tenant_id)


def log_account_status(account: PbxAccount, before: str, **_: Any) -> None:
    """`account.status_changed`."""
    shown = {"id": account.public_id, "name": account.name, "status": account.status, "detail": account.status_detail}
    append(
        account.tenant_id,
        "account.status_changed",
        account_id=account.id,
        vendor=account.vendor,
        data={"account": shown, "change": {"before": before, "after": account.status}},
    )


def log_subscription_status(subscription: VendorSubscription, before: str, **_: Any) -> None:
    """`subscription.status_changed`."""
    shown = {
        "id": subscription.public_id,
        "transport": subscription.transport,
        "status": subscription.status,
        "last_error": subscription.last_error,
    }
    append(
        subscription.tenant_id,
        "subscription.status_changed",
        account_id=subscription.account_id,
        vendor=subscription.account.vendor,
        data={
            "account_id": public_id("acc", subscription.account_id),
            "subscription": shown,
            "change": {"before": before, "after": subscription.status},
        },
    )
