"""What integrations tell the layers above, which they don't know: inside the transaction that made the change, but for the last."""

from django.dispatch import Signal

before_locking = Signal()
"""Sender: PbxAccount; `tenant_id`. Rows are about to be locked: the tenant's log, which may tell of them, is locked first."""

account_status_changed = Signal()
"""Sender: PbxAccount; `account`, `before` (status)."""

subscription_status_changed = Signal()
"""Sender: VendorSubscription; `subscription`, `before` (status)."""

directory_synced = Signal()
"""Sender: PbxAccount; `tenant_id`, `account_id`. Sent after the transaction, for what takes further questions to the vendor."""
