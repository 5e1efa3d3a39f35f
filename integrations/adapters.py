"""Opening an account: its adapter, ready to talk to the vendor."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async

from common.http import HttpClient
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.errors import AuthorizationLost, VendorError
from integrations.hooks import callback_url
from integrations.http import open_http
from integrations.limits import RedisRateLimits
from integrations.models import OAuthGrant, PbxAccount, VendorSubscription
from integrations.registry import adapter_class
from integrations.status import set_status
from integrations.tickets import StoredTickets
from integrations.tokens import StoredTokens
from tenants.rls import tenant_scope

OpenHttp = Callable[[Mapping[str, Any]], AbstractAsyncContextManager[HttpClient]]
"""From an account's settings to the client that suits them."""
VendorsAccount = tuple[str, Account]
"""A vendor's key, and an account as the vendor's adapter sees it."""
ReadAccount = Callable[[UUID, UUID], Awaitable[VendorsAccount | None]]
"""From a tenant and an account of theirs; None where there is no such account (any more)."""


async def read_account(tenant_id: UUID, account_id: UUID) -> VendorsAccount | None:
    found: dict[UUID, VendorsAccount] = await database_sync_to_async(read_accounts)(tenant_id, [account_id])
    return found.get(account_id)


@asynccontextmanager
async def open_adapter(
    tenant_id: UUID, account_id: UUID, connect: OpenHttp = open_http, read: ReadAccount = read_account
) -> AsyncIterator[PbxAdapter]:
    """The account's adapter, with a client of its own unless told otherwise; no transaction is held while it is used.

    Raises PbxAccount.DoesNotExist. Where the vendor says that the authorization is gone, the account's status says so too.
    """
    found = await read(tenant_id, account_id)
    if found is None:
        raise PbxAccount.DoesNotExist
    vendor, account = found
    async with connect(account.settings) as http:
        try:
            yield adapter_class(vendor)(account, http)
        except VendorError as error:
            error.vendor = vendor
            if isinstance(error, AuthorizationLost):
                await database_sync_to_async(_mark_lost)(tenant_id, account_id, str(error))
            raise


def adapter_account(account: PbxAccount, *, scopes: list[str] | None, hook_url: str = "") -> Account:
    """An account's row as its adapter sees it."""
    return Account(
        id=account.public_id,
        base_url=account.base_url,
        credentials=account.credentials,
        settings=account.settings,
        granted_scopes=None if scopes is None else frozenset(scopes),
        tokens=StoredTokens(account.tenant_id, account.pk) if adapter_class(account.vendor).oauth else None,
        limits=RedisRateLimits(account.public_id),
        tickets=account.tickets or {},
        ticket_store=StoredTickets(account),
        hook_url=hook_url,
    )


def read_accounts(tenant_id: UUID, account_ids: Collection[UUID]) -> dict[UUID, VendorsAccount]:
    """Those of a tenant's accounts that there are, in as many queries as one takes."""
    with tenant_scope(tenant_id):
        accounts = list(PbxAccount.objects.filter(pk__in=account_ids))
        scopes = dict(OAuthGrant.objects.filter(account__in=account_ids).values_list("account_id", "scopes"))
        current = VendorSubscription.objects.exclude(status=VendorSubscription.Status.ENDED).exclude(hook_token=None)
        newest_first = current.filter(account__in=account_ids).order_by("-created_at")
        hooks = {each.account_id: each for each in newest_first}
    return {account.pk: _as_opened(account, scopes.get(account.pk), hooks.get(account.pk)) for account in accounts}


def _as_opened(account: PbxAccount, scopes: list[str] | None, hook: VendorSubscription | None) -> VendorsAccount:
    hook_url = callback_url(account.vendor, hook) if hook else ""
    return account.vendor, adapter_account(account, scopes=scopes, hook_url=hook_url)


def _mark_lost(tenant_id: UUID, account_id: UUID, words: str) -> None:
    with tenant_scope(tenant_id):
        account = PbxAccount.objects.get(pk=account_id)
        if account.status != PbxAccount.Status.PENDING_AUTHORIZATION:
            set_status(account, PbxAccount.Status.REAUTHORIZATION_REQUIRED, words)
