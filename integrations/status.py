"""How an account is, and its subscriptions: in one word, and in words for an admin."""

from integrations.locking import accounts_for_update, lock_log
from integrations.models import PbxAccount, VendorSubscription
from integrations.signals import account_status_changed, subscription_status_changed
from tenants.rls import tenant_scope


def set_status(account: PbxAccount, status: PbxAccount.Status, detail: str = "") -> None:
    """Writes the account's status inside the caller's tenant scope; a new one is told to the layers above.

    `detail` says what is wrong and what to do. The row is locked first, so that two processes tell one change once.
    """
    locked = accounts_for_update(account.tenant_id)
    before = locked.values_list("status", "status_detail").get(pk=account.pk)
    account.status, account.status_detail = status, detail
    if before == (status, detail):
        return
    account.save(update_fields=["status", "status_detail"])
    if before[0] != status:
        account_status_changed.send(PbxAccount, account=account, before=before[0])


def set_subscription_status(row: VendorSubscription, status: str, error: str = "") -> None:
    """Saves the row; a new status is told to the layers above."""
    with tenant_scope(row.tenant_id):
        lock_log(row.tenant_id)
        before, row.status, row.last_error = row.status, status, error
        row.save(force_update=True)
        if before != status:
            subscription_status_changed.send(VendorSubscription, subscription=row, before=before)
