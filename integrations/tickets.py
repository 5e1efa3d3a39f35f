"""What adapters keep of what a vendor gave them for an account's credentials: tickets that expire, and are renewed."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async

from integrations.models import PbxAccount
from tenants.rls import tenant_scope


class StoredTickets:
    """The TicketStore of an account as it was when it was opened."""

    def __init__(self, account: PbxAccount) -> None:
        self._ids = (account.tenant_id, account.pk)
        self._made_for = (account.base_url, account.credentials)

    async def save(self, tickets: Mapping[str, Any]) -> None:
        """Nothing is kept when the account has another address or other credentials by now."""
        await database_sync_to_async(self._change)(*self._ids, lambda _: dict(tickets))

    async def load(self) -> Mapping[str, Any]:
        """Empty then."""
        kept: dict[str, Any] = await database_sync_to_async(self._load)(*self._ids)
        return kept

    async def put(self, name: str, ticket: Any) -> None:
        """Nor is anything kept then."""
        await database_sync_to_async(self._change)(*self._ids, lambda kept: _with(kept, name, ticket))

    def _load(self, tenant_id: UUID, account_id: UUID) -> dict[str, Any]:
        with tenant_scope(tenant_id):
            account = PbxAccount.objects.filter(pk=account_id).first()
            return dict(account.tickets or {}) if account is not None and self._is_current(account) else {}

    def _change(self, tenant_id: UUID, account_id: UUID, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        with tenant_scope(tenant_id):
            account = PbxAccount.objects.select_for_update().filter(pk=account_id).first()
            if account is not None and self._is_current(account):
                # Not saved as a whole: nothing else changes, and its stream goes on.
                PbxAccount.objects.filter(pk=account_id).update(tickets=change(account.tickets or {}))

    def _is_current(self, account: PbxAccount) -> bool:
        return (account.base_url, account.credentials) == self._made_for


def _with(tickets: dict[str, Any], name: str, ticket: Any) -> dict[str, Any]:
    others = {key: value for key, value in tickets.items() if key != name}
    return others if ticket is None else {**others, name: ticket}
