"""A tenant's accounts at vendors: made, changed, tested, removed.

Functions that take a tenant's id enter its scope themselves. Nothing here holds a transaction while it waits for a vendor.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync

from common.times import utc_now
from integrations.adapters import open_adapter
from integrations.contract.commands import CheckResult
from integrations.contract.errors import VendorError
from integrations.locking import accounts_for_update, lock_grant
from integrations.models import OAuthGrant, PbxAccount, Upkeep
from integrations.registry import adapter_class
from integrations.schedule import make_due
from integrations.status import set_status
from integrations.subscriptions import end_subscriptions
from integrations.tokens import begin_grant, needs_browser, revoke
from integrations.validation import InvalidAccount, check_account, known_adapter
from tenants.rls import tenant_scope

__all__ = ["InvalidAccount", "create_account", "delete_account", "test_account", "update_account"]
log = structlog.get_logger(__name__)
Status = PbxAccount.Status


def create_account(
    tenant_id: UUID,
    *,
    vendor: str,
    name: str,
    base_url: str = "",
    credentials: Mapping[str, Any],
    settings: Mapping[str, Any] | None = None,
) -> PbxAccount:
    """A new account; its upkeep begins at once, or when it is authorized. Raises InvalidAccount."""
    adapter = known_adapter(vendor)
    url = check_account(adapter, name=name, base_url=base_url, credentials=credentials, settings=settings or {})
    with tenant_scope(tenant_id):
        account = PbxAccount(
            tenant_id=tenant_id,
            vendor=vendor,
            name=name.strip(),
            base_url=url,
            credentials=dict(credentials),
            settings=dict(settings or {}),
        )
        account.status = Status.PENDING_AUTHORIZATION if needs_browser(account) else Status.CONNECTING
        account.save()
        _connect(account)
    return account


def update_account(
    tenant_id: UUID,
    account_id: UUID,
    *,
    name: str | None = None,
    base_url: str | None = None,
    credentials: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> PbxAccount:
    """Changes what is given: credentials are merged into the stored ones, where None removes one; settings are replaced.

    Another address or other credentials connect the account anew. Raises PbxAccount.DoesNotExist, and InvalidAccount: stored
    secrets aren't sent to another address, so that takes all credentials again.
    """
    with tenant_scope(tenant_id):
        lock_grant(account_id)
        account = accounts_for_update(tenant_id).get(pk=account_id)
        before = (account.base_url, account.credentials)
        adapter = adapter_class(account.vendor)
        account.name = account.name if name is None else name.strip()
        account.settings = account.settings if settings is None else dict(settings)
        account.credentials = _given(account.credentials | dict(credentials or {}))
        wanted: dict[str, Any] = {
            "name": account.name,
            "base_url": account.base_url if base_url is None else base_url,
            "settings": account.settings,
        }
        account.base_url = check_account(adapter, credentials=account.credentials, **wanted)
        if account.base_url != before[0]:
            account.credentials = _given(credentials or {})
            check_account(adapter, credentials=account.credentials, **wanted)
        account.directory_version += 1
        account.save()
        if (account.base_url, account.credentials) != before:
            _connect(account)
        elif settings is not None and account.status != Status.PENDING_AUTHORIZATION:
            make_due(account, utc_now())
    return account


def delete_account(tenant_id: UUID, account_id: UUID) -> None:
    """Removes the account and what belongs to it; calls and their events stay.

    Its hooks stop at once. Its subscriptions are removed at the vendor, and its tokens given back, as far as the vendor can be
    reached: what stays behind calls a hook that is gone. Raises PbxAccount.DoesNotExist.
    """
    with tenant_scope(tenant_id):
        accounts_for_update(tenant_id).get(pk=account_id)
        Upkeep.objects.filter(account=account_id).delete()
        vendor_ids = end_subscriptions(tenant_id, account_id)
    try:
        async_to_sync(_unsubscribe)(tenant_id, account_id, vendor_ids)
    except VendorError as error:
        log.warning("subscriptions stay at the vendor", account=str(account_id), why=str(error))
    try:
        revoke(tenant_id, account_id)
    except VendorError as error:
        log.warning("tokens stay valid at the vendor", account=str(account_id), why=str(error))
    with tenant_scope(tenant_id):
        lock_grant(account_id)
        PbxAccount.objects.filter(pk=account_id).delete()


def test_account(tenant_id: UUID, account_id: UUID) -> CheckResult:
    """A live round trip; what went wrong is in the answer, in words. Raises PbxAccount.DoesNotExist."""
    try:
        return async_to_sync(_check)(tenant_id, account_id)
    except VendorError as error:
        return CheckResult(ok=False, detail=str(error), latency_ms=0.0)


def _connect(account: PbxAccount) -> None:
    """Begins its upkeep, or has it wait for its authorization. Tokens and tickets belong to whom they were given."""
    OAuthGrant.objects.filter(account=account).delete()
    account.tickets = None
    PbxAccount.objects.filter(pk=account.pk).update(tickets=None)
    if needs_browser(account):
        Upkeep.objects.filter(account=account).delete()
        set_status(account, Status.PENDING_AUTHORIZATION)
        return
    now = utc_now()
    if adapter_class(account.vendor).oauth is not None:
        begin_grant(account, now)
    set_status(account, Status.CONNECTING)
    make_due(account, now)


def _given(credentials: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in credentials.items() if value is not None}


async def _unsubscribe(tenant_id: UUID, account_id: UUID, vendor_ids: Sequence[str]) -> None:
    async with open_adapter(tenant_id, account_id) as adapter:
        for vendor_id in vendor_ids:
            await adapter.delete_subscription(vendor_id)


async def _check(tenant_id: UUID, account_id: UUID) -> CheckResult:
    async with open_adapter(tenant_id, account_id) as adapter:
        return await adapter.check()
