"""Our subscriptions at vendors: made, renewed at half of their life, checked against the vendor's own list, made again when
gone or suspended, orphans removed. Where a vendor has no list, we trust the time that it gave.

A row comes before the vendor's subscription: its secret hook must exist when the first event arrives, and a subscription
whose creation we never heard the end of is found again by that hook.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
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
from integrations.hooks import callback_url, hooks_of
from integrations.models import PbxAccount, Upkeep, VendorSubscription
from integrations.schedule import kinds_of, make_due
from integrations.status import set_subscription_status
from tenants.rls import tenant_scope

Status = VendorSubscription.Status
CHECK_EVERY = timedelta(minutes=5)
_CHECK_AT_MOST_EVERY = timedelta(seconds=10)
_TOKEN_BYTES = 32


def hook_secret(token: str) -> str:
    """What a vendor that can do so shows with each delivery to the hook of that token. Nobody who only learnt the address knows it.

    It comes from the installation's SECRET_KEY: with another key the vendor's deliveries are refused, until the vendor gives
    the subscription up and it is made anew.
    """
    return salted_hmac("patchbay.hooks", token, algorithm="sha256").hexdigest()


def keep_subscriptions(tenant_id: UUID, account_id: UUID, *, now: datetime) -> datetime:
    """Leaves the account with one live subscription to everything that its scopes allow, and no others of ours; none if
    its events come by a stream. Answers when to look again.

    Raises VendorError; what went wrong stands in the subscription's `last_error` too.
    """
    return async_to_sync(_keep)(tenant_id, account_id, now)


def end_subscriptions(tenant_id: UUID, account_id: UUID) -> list[str]:
    """Stops the account's hooks at once; answers the vendor's ids of what was subscribed."""
    with tenant_scope(tenant_id):
        rows = list(_current(account_id))
        for row in rows:
            set_subscription_status(row, Status.ENDED)
    return [row.vendor_subscription_id for row in rows if row.vendor_subscription_id]


class Plan(Struct, frozen=True):
    """What the vendor's list asks us to do."""

    found: SubscriptionInfo | None
    """The vendor's subscription that is ours, alive, and as wanted; None if one is to be created."""
    others: Sequence[str]
    """The vendor's ids of what is to be deleted: outdated, suspended, doubled, or orphaned."""
    suspended: str
    """Why the vendor has stopped delivering to ours, if it has."""


async def _keep(tenant_id: UUID, account_id: UUID, now: datetime) -> datetime:
    async with open_adapter(tenant_id, account_id) as adapter:
        may_subscribe = Capability.CALL_EVENTS in adapter.capabilities()
        if not may_subscribe or not adapter.wants_subscription():
            for vendor_id in await database_sync_to_async(end_subscriptions)(tenant_id, account_id):
                if may_subscribe:
                    await adapter.delete_subscription(vendor_id)
            return now + CHECK_EVERY
        wanted = adapter.wanted_subscription()
        row = await database_sync_to_async(_row)(tenant_id, account_id)
        listed = await adapter.list_subscriptions() if adapter.lists_subscriptions else _noted(row)
        plan = await database_sync_to_async(_plan)(adapter.key, row, listed, wanted, now)
        renewed = await _renewed(adapter, row, plan.found, wanted, now)
        kept = renewed or plan.found or await _create(adapter, tenant_id, row, wanted)
        await database_sync_to_async(_activate)(tenant_id, row, kept, wanted, now, plan.suspended)
        for vendor_id in plan.others:  # last, so that there is no moment without a subscription
            if vendor_id != kept.vendor_subscription_id:
                await adapter.delete_subscription(vendor_id)
        return _look_again_at(row, now)


async def _renewed(
    adapter: PbxAdapter,
    row: VendorSubscription,
    found: SubscriptionInfo | None,
    wanted: SubscriptionFilter,
    now: datetime,
) -> SubscriptionInfo | None:
    """The subscription with a new life, once half of the old one has passed; else None."""
    if found is None or found.expires_at is None or now < _half_life(row, found.expires_at):
        return None
    return await adapter.renew_subscription(found.vendor_subscription_id, wanted)


async def _create(
    adapter: PbxAdapter, tenant_id: UUID, row: VendorSubscription, wanted: SubscriptionFilter
) -> SubscriptionInfo:
    await database_sync_to_async(set_subscription_status)(row, Status.PENDING)
    try:
        return await adapter.create_subscription(callback_url(adapter.key, row), wanted, hook_secret(row.hook_token))
    except VendorError as error:
        await database_sync_to_async(set_subscription_status)(row, Status.FAILED, str(error))
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


def _noted(row: VendorSubscription) -> list[SubscriptionInfo]:
    """What stands in for a list where the vendor has none: ours, as it was when it was made or renewed."""
    if not row.vendor_subscription_id:
        return []
    return [SubscriptionInfo(row.vendor_subscription_id, callback_url="", expires_at=row.expires_at)]


def _plan(
    vendor: str,
    row: VendorSubscription,
    listed: Sequence[SubscriptionInfo],
    wanted: SubscriptionFilter,
    now: datetime,
) -> Plan:
    url = callback_url(vendor, row)
    mine = [
        info for info in listed if info.vendor_subscription_id == row.vendor_subscription_id or info.callback_url == url
    ]
    up_to_date = _filter_of(row) == wanted or not row.vendor_subscription_id
    alive = [info for info in mine if not info.suspended and (info.expires_at is None or info.expires_at > now)]
    found = next((info for info in alive if up_to_date and _same_host(info.callback_url, url)), None)
    orphans = [info for info in listed if info not in mine and _is_orphan(vendor, info)]
    return Plan(
        found=found,
        others=[info.vendor_subscription_id for info in (*mine, *orphans) if info is not found],
        suspended=next((info.suspended for info in mine if info.suspended), ""),
    )


def _filter_of(row: VendorSubscription) -> SubscriptionFilter:
    """What the row's subscription asked the vendor for."""
    return SubscriptionFilter(tuple(row.event_types), row.mode, msgspec.convert(row.agents, tuple[AgentFilter, ...]))


def _same_host(listed_url: str, url: str) -> bool:
    """False where the installation has moved. Vendors may write an address in their own way, or not tell it."""
    return not listed_url or urlsplit(listed_url).hostname == urlsplit(url).hostname


def _is_orphan(vendor: str, info: SubscriptionInfo) -> bool:
    """Whether it calls a hook of this installation that nobody here knows; those of other accounts are known."""
    hooks = hooks_of(vendor)
    if not info.callback_url.startswith(hooks):
        return False
    digest = token_digest(info.callback_url.removeprefix(hooks))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM route_hook(%s)", [digest])
        return cursor.fetchone() is None


def _current(account_id: UUID) -> QuerySet[VendorSubscription]:
    mine = VendorSubscription.objects.filter(account_id=account_id, transport="webhook")
    return mine.exclude(status=Status.ENDED).order_by("created_at")


def _activate(
    tenant_id: UUID,
    row: VendorSubscription,
    info: SubscriptionInfo,
    wanted: SubscriptionFilter,
    now: datetime,
    suspended: str,
) -> None:
    """Notes what is at the vendor now; why it had stopped delivering stays to be read until the next renewal."""
    is_another = row.vendor_subscription_id != info.vendor_subscription_id
    is_new = is_another or row.expires_at != info.expires_at
    if is_new:
        row.vendor_subscription_id, row.renewed_at, row.expires_at = info.vendor_subscription_id, now, info.expires_at
    row.event_types, row.mode, row.agents = list(wanted.event_types), wanted.mode, msgspec.to_builtins(wanted.agents)
    row.verified_at = now
    words = f"It was made anew because the vendor had stopped delivering: {suspended}" if suspended else ""
    unchanged = row.status == Status.ACTIVE and not is_new
    set_subscription_status(row, Status.ACTIVE, words or (row.last_error if unchanged else ""))
    if is_another:
        _compare_calls(tenant_id, row, now)


def _compare_calls(tenant_id: UUID, row: VendorSubscription, now: datetime) -> None:
    """Nothing was told before this subscription: where the vendor lists its calls, they are compared with ours at once."""
    with tenant_scope(tenant_id):
        account = PbxAccount.objects.get(pk=row.account_id)
        make_due(account, now, {Upkeep.Kind.CALLS} & set(kinds_of(account.vendor)))


def _half_life(row: VendorSubscription, expires_at: datetime) -> datetime:
    """When a subscription is to be renewed: lives of an hour and of ten years both occur."""
    since = row.renewed_at or row.created_at
    return since + (expires_at - since) / 2


def _look_again_at(row: VendorSubscription, now: datetime) -> datetime:
    if row.expires_at is None:
        return now + CHECK_EVERY
    return min(now + CHECK_EVERY, max(_half_life(row, row.expires_at), now + _CHECK_AT_MOST_EVERY))
