"""Our subscriptions at vendors: made, checked against the vendor's own list, made again when gone, orphans removed.

A row comes before the vendor's subscription: its secret hook must exist when the first event arrives, and a subscription
whose creation we never heard the end of is found again by that hook.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from msgspec import Struct

from common.crypto import token_digest
from integrations.adapters import open_adapter
from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import AgentFilter, SubscriptionFilter, SubscriptionInfo
from integrations.contract.errors import VendorError
from integrations.models import VendorSubscription
from integrations.signals import subscription_status_changed
from tenants.rls import tenant_scope

Status = VendorSubscription.Status
_TOKEN_BYTES = 32


def hook_secret(token: str) -> str:
    """What a vendor that can do so shows with each delivery to the hook of that token. Nobody who only learnt the address knows it.

    It comes from the installation's SECRET_KEY: with another key the vendor's deliveries are refused, until the vendor gives
    the subscription up and it is made anew.
    """
    return salted_hmac("patchbay.hooks", token, algorithm="sha256").hexdigest()


def callback_url(vendor: str, subscription: VendorSubscription) -> str:
    """The secret address that the vendor calls: `…/hooks/<vendor>/<token>`."""
    return f"{_hooks(vendor)}{subscription.hook_token}"


def keep_subscriptions(tenant_id: UUID, account_id: UUID, *, now: datetime) -> None:
    """Leaves the account with one live subscription to everything that its scopes allow, and no others of ours.

    Raises VendorError; what went wrong stands in the subscription's `last_error` too.
    """
    async_to_sync(_keep)(tenant_id, account_id, now)


def end_subscriptions(tenant_id: UUID, account_id: UUID) -> list[str]:
    """Stops the account's hooks at once; answers the vendor's ids of what was subscribed."""
    with tenant_scope(tenant_id):
        rows = list(_current(account_id))
        for row in rows:
            _set_status(tenant_id, row, Status.ENDED)
    return [row.vendor_subscription_id for row in rows if row.vendor_subscription_id]


class Plan(Struct, frozen=True):
    """What the vendor's list asks us to do."""

    found: SubscriptionInfo | None
    """The vendor's subscription that is ours and as wanted; None if one is to be created."""
    surplus: Sequence[str]
    """The vendor's ids of what is to be deleted: outdated, doubled, or orphaned."""


async def _keep(tenant_id: UUID, account_id: UUID, now: datetime) -> None:
    async with open_adapter(tenant_id, account_id) as adapter:
        if Capability.CALL_EVENTS not in adapter.capabilities():
            await database_sync_to_async(end_subscriptions)(tenant_id, account_id)
            return
        listed = await adapter.list_subscriptions()
        wanted = adapter.wanted_subscription()
        row = await database_sync_to_async(_row)(tenant_id, account_id)
        plan = await database_sync_to_async(_plan)(adapter.key, row, listed, wanted)
        found = plan.found or await _create(adapter, tenant_id, row, wanted)
        await database_sync_to_async(_activate)(tenant_id, row, found, wanted, now)
        for vendor_id in plan.surplus:  # last, so that there is no moment without a subscription
            await adapter.delete_subscription(vendor_id)


async def _create(
    adapter: PbxAdapter, tenant_id: UUID, row: VendorSubscription, wanted: SubscriptionFilter
) -> SubscriptionInfo:
    await database_sync_to_async(_set_status)(tenant_id, row, Status.PENDING)
    try:
        return await adapter.create_subscription(callback_url(adapter.key, row), wanted, hook_secret(row.hook_token))
    except VendorError as error:
        await database_sync_to_async(_set_status)(tenant_id, row, Status.FAILED, str(error))
        raise


def _row(tenant_id: UUID, account_id: UUID) -> VendorSubscription:
    """The account's row, made with a new secret hook if there is none."""
    with tenant_scope(tenant_id):
        row = _current(account_id).first()
        if row is None:
            token = secrets.token_urlsafe(_TOKEN_BYTES)
            row = VendorSubscription.objects.create(
                tenant_id=tenant_id, account_id=account_id, hook_token=token, hook_token_digest=token_digest(token)
            )
    return row


def _plan(vendor: str, row: VendorSubscription, listed: Sequence[SubscriptionInfo], wanted: SubscriptionFilter) -> Plan:
    url = callback_url(vendor, row)
    mine = [
        info for info in listed if info.vendor_subscription_id == row.vendor_subscription_id or info.callback_url == url
    ]
    up_to_date = _filter_of(row) == wanted or not row.vendor_subscription_id
    found = next((info for info in mine if up_to_date and _same_host(info.callback_url, url)), None)
    orphans = [info for info in listed if info not in mine and _is_orphan(vendor, info)]
    return Plan(found, [info.vendor_subscription_id for info in (*mine, *orphans) if info is not found])


def _filter_of(row: VendorSubscription) -> SubscriptionFilter:
    """What the row's subscription asked the vendor for."""
    return SubscriptionFilter(tuple(row.event_types), row.mode, msgspec.convert(row.agents, tuple[AgentFilter, ...]))


def _same_host(listed_url: str, url: str) -> bool:
    """False where the installation has moved. Vendors may write an address in their own way, or not tell it."""
    return not listed_url or urlsplit(listed_url).hostname == urlsplit(url).hostname


def _is_orphan(vendor: str, info: SubscriptionInfo) -> bool:
    """Whether it calls a hook of this installation that nobody here knows; those of other accounts are known."""
    hooks = _hooks(vendor)
    if not info.callback_url.startswith(hooks):
        return False
    digest = token_digest(info.callback_url.removeprefix(hooks))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM route_hook(%s)", [digest])
        return cursor.fetchone() is None


def _hooks(vendor: str) -> str:
    return f"{settings.PATCHBAY_PUBLIC_URL}/hooks/{vendor}/"


def _current(account_id: UUID) -> QuerySet[VendorSubscription]:
    return VendorSubscription.objects.filter(account_id=account_id).exclude(status=Status.ENDED).order_by("created_at")


def _activate(
    tenant_id: UUID, row: VendorSubscription, info: SubscriptionInfo, wanted: SubscriptionFilter, now: datetime
) -> None:
    if row.vendor_subscription_id != info.vendor_subscription_id:
        row.vendor_subscription_id, row.renewed_at = info.vendor_subscription_id, now
    row.event_types, row.mode, row.agents = list(wanted.event_types), wanted.mode, msgspec.to_builtins(wanted.agents)
    row.verified_at = now
    _set_status(tenant_id, row, Status.ACTIVE)


def _set_status(tenant_id: UUID, row: VendorSubscription, status: str, error: str = "") -> None:
    """Saves the row; a new status is told to the layers above."""
    with tenant_scope(tenant_id):
        before, row.status, row.last_error = row.status, status, error
        row.save(force_update=True)
        if before != status:
            subscription_status_changed.send(VendorSubscription, subscription=row, before=before)
