"""Calls compared with the vendor's own: after a gap in what it told us, and every few minutes (`Upkeep.Kind.CALLS`)."""

from datetime import datetime, timedelta
from uuid import UUID

from asgiref.sync import async_to_sync

from common.times import utc_now
from cti.calls import store
from cti.calls.models import Call, CallKey
from cti.ingest.intake import open_intake
from cti.ingest.parse import parse_delivery
from integrations.adapters import open_adapter
from integrations.contract.commands import LiveCall
from integrations.contract.errors import Unsupported
from integrations.contract.events import EndReason
from tenants.rls import tenant_scope

RECONCILE_EVERY = timedelta(minutes=5)
SETTLED_AFTER = timedelta(seconds=5)
"""A call that was heard of so shortly before the vendor was asked may be missing in its answer by chance."""


def reconcile_upkeep(tenant_id: UUID, account_id: UUID, now: datetime) -> datetime:
    """The upkeep job: reconciles, and answers when that is due again."""
    reconcile(tenant_id, account_id, now)
    return now + RECONCILE_EVERY


def reconcile(tenant_id: UUID, account_id: UUID, now: datetime | None = None) -> None:
    """Takes in what the vendor says of its live calls, and ends ours that it no longer has, as `lost`.

    Nothing happens for a vendor, or an account, that can't list its calls. Raises VendorError.
    """
    asked_at = now or utc_now()
    try:
        live = async_to_sync(_take_in)(tenant_id, account_id)
    except Unsupported:
        return
    _end_others(tenant_id, account_id, {call.vendor_call_id for call in live}, asked_at)


async def _take_in(tenant_id: UUID, account_id: UUID) -> tuple[LiveCall, ...]:
    async with open_adapter(tenant_id, account_id) as adapter:
        calls = (await adapter.snapshot()).calls
    if calls:
        async with open_intake(connections=1) as batcher:
            for call in calls:
                incoming = parse_delivery(
                    adapter.key,
                    account_id=account_id,
                    subscription_id=None,
                    headers={},
                    body=call.payload,
                    received_at=utc_now(),
                )
                await batcher.submit(tenant_id, incoming)
    return calls


def _end_others(tenant_id: UUID, account_id: UUID, live: set[str], asked_at: datetime) -> None:
    """Calls that nobody has named to the vendor's yet (`awaiting_vendor`, no key) are left to `cti.calls.upkeep`."""
    with tenant_scope(tenant_id):
        ours = Call.objects.filter(
            account_id=account_id, ended_at=None, awaiting_vendor=False, last_event_at__lt=asked_at - SETTLED_AFTER
        )
        names: dict[UUID, set[str]] = {}
        for call_id, name in CallKey.objects.filter(call__in=ours).values_list("call_id", "vendor_call_id"):
            names.setdefault(call_id, set()).add(name)
    for call_id, mine in names.items():
        if not mine & live:
            store.close_call(tenant_id, call_id, EndReason.LOST)
