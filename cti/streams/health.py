"""How a stream goes, written down: its row, the subscription that shows it, the account's status. Synchronous, short."""

from datetime import timedelta
from uuid import UUID

from common.times import utc_now
from cti.streams.models import Stream
from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.locking import accounts_for_update
from integrations.models import PbxAccount, Upkeep
from integrations.schedule import make_due
from integrations.status import set_status
from integrations.streaming import stream_connected, stream_failed
from integrations.upkeep import activate_if_well
from tenants.rls import tenant_scope

FAILURES_UNTIL_DEGRADED = 3
Status = PbxAccount.Status


def note_connected(
    tenant_id: UUID, account_id: UUID, holder: UUID, adapter: PbxAdapter, *, gap: bool, note: str = ""
) -> UUID | None:
    """The connection stands; after a gap the calls are to be compared with the vendor's own. `note` is shown to admins.

    Answers the subscription that deliveries belong to; None if the stream isn't the holder's any more.
    """
    now = utc_now()
    with tenant_scope(tenant_id):
        account = accounts_for_update(tenant_id).filter(pk=account_id).first()
        mine = Stream.objects.filter(account_id=account_id, holder=holder)
        if account is None or not mine.update(connected_at=now, last_error=""):
            return None
        subscription = stream_connected(account, now, note)
        if account.status == Status.DEGRADED:
            activate_if_well(account)
        if gap and Capability.SNAPSHOT in adapter.capabilities():
            make_due(account, now, [Upkeep.Kind.CALLS])
        return subscription.pk


def note_failed(tenant_id: UUID, account_id: UUID, holder: UUID, words: str, *, attempts: int, wait: timedelta) -> None:
    """The connection broke, or couldn't be made, so many times in a row; `words` are shown to admins."""
    with tenant_scope(tenant_id):
        account = accounts_for_update(tenant_id).filter(pk=account_id).first()
        mine = Stream.objects.filter(account_id=account_id, holder=holder)
        written = mine.update(connected_at=None, attempts=attempts, due_at=utc_now() + wait, last_error=words)
        if account is None or not written:
            return
        stream_failed(account, words)
        if attempts >= FAILURES_UNTIL_DEGRADED:
            set_status(account, Status.DEGRADED, words)
        elif account.status == Status.CONNECTING:  # somebody is watching: tell at once
            set_status(account, Status.CONNECTING, words)
