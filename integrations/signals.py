"""What integrations tell the layers above, which they don't know. Sent inside the transaction that made the change."""

from django.dispatch import Signal

account_status_changed = Signal()
"""Sender: PbxAccount; `account`, `before` (status)."""

subscription_status_changed = Signal()
"""Sender: VendorSubscription; `subscription`, `before` (status)."""
