"""In which order rows are locked, so that nobody waits for who waits for them (docs/calls.md#locks)."""

from uuid import UUID

from django.db.models import QuerySet

from integrations.models import OAuthGrant, PbxAccount
from integrations.signals import before_locking


def lock_grant(account_id: UUID) -> OAuthGrant | None:
    """The account's grant, locked: before the log, which mustn't wait for a refresh that waits for the vendor.

    Inside the tenant's scope, by whoever changes both the grant and the account.
    """
    return OAuthGrant.objects.select_for_update().filter(account=account_id).first()


def lock_log(tenant_id: UUID) -> None:
    """Locks the tenant's log, inside the tenant's scope: before any row whose change may be told, and before several rows."""
    before_locking.send(PbxAccount, tenant_id=tenant_id)


def accounts_for_update(tenant_id: UUID) -> QuerySet[PbxAccount]:
    """Accounts, locked as they are read: after the log, which is locked here."""
    lock_log(tenant_id)
    return PbxAccount.objects.select_for_update()
