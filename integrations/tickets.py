"""What adapters keep of what a vendor gave them for an account's credentials: tickets that expire, and are renewed."""

from collections.abc import Mapping
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
        await database_sync_to_async(self._save)(*self._ids, dict(tickets))

    def _save(self, tenant_id: UUID, account_id: UUID, tickets: dict[str, Any]) -> None:
        with tenant_scope(tenant_id):
            account = PbxAccount.objects.select_for_update().filter(pk=account_id).first()
            if account is not None and (account.base_url, account.credentials) == self._made_for:
                # Not saved as a whole: nothing else changes, and its stream goes on.
                PbxAccount.objects.filter(pk=account_id).update(tickets=tickets)
