"""What is done for an account again and again, and how the account's status follows from how that goes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from common.times import utc_now
from integrations.contract.errors import AuthorizationLost, VendorError, VendorUnavailable
from integrations.directory import sync_directory
from integrations.locking import accounts_for_update
from integrations.models import PbxAccount, Upkeep, VendorSubscription
from integrations.schedule import backoff, finish, lease
from integrations.status import set_status
from integrations.subscriptions import keep_subscriptions
from integrations.tokens import refresh_ahead
from tenants.rls import tenant_scope

DIRECTORY_EVERY = timedelta(hours=1)
_FAILURES_UNTIL_DEGRADED = 3
Status = PbxAccount.Status


def run(tenant_id: UUID, upkeep_id: UUID, *, clock: Callable[[], datetime] = utc_now) -> None:
    """Does one row of upkeep, if it is due and nobody else has it; how it went is written into the row.

    A vendor's failure is noted and tried again later. A fault of our own is noted too, and raised.
    """
    upkeep = lease(tenant_id, upkeep_id, clock())
    if upkeep is None:
        return
    try:
        due_at = JOBS[upkeep.kind](tenant_id, upkeep.account_id, clock())
    except VendorError as error:
        _note_failure(upkeep, error, str(error), clock())
    except Exception as error:
        _note_failure(upkeep, error, f"A fault of Patchbay's own ({type(error).__name__}); the log has more.", clock())
        raise
    else:
        _note_success(upkeep, due_at, clock())


def _refresh_token(tenant_id: UUID, account_id: UUID, now: datetime) -> datetime:
    return refresh_ahead(tenant_id, account_id, now=now)


def _subscriptions(tenant_id: UUID, account_id: UUID, now: datetime) -> datetime:
    return keep_subscriptions(tenant_id, account_id, now=now)


def _directory(tenant_id: UUID, account_id: UUID, now: datetime) -> datetime:
    sync_directory(tenant_id, account_id, now=now)
    return now + DIRECTORY_EVERY


JOBS: dict[str, Callable[[UUID, UUID, datetime], datetime]] = {
    Upkeep.Kind.REFRESH_TOKEN: _refresh_token,
    Upkeep.Kind.SUBSCRIPTIONS: _subscriptions,
    Upkeep.Kind.DIRECTORY: _directory,
}
"""What does each kind, and answers when it is due again. The layer that knows calls adds its own."""


def _note_success(upkeep: Upkeep, due_at: datetime, now: datetime) -> None:
    with tenant_scope(upkeep.tenant_id):
        account = _locked(upkeep)
        if account is not None and finish(upkeep, due_at=due_at, now=now):
            activate_if_well(account)


def _locked(upkeep: Upkeep) -> PbxAccount | None:
    """The row's account, if it is still there. Of two rows that finish at once, one waits here, and then sees the other done."""
    return accounts_for_update(upkeep.tenant_id).filter(pk=upkeep.account_id).first()


def activate_if_well(account: PbxAccount) -> None:
    """An account is active once all its upkeep has gone well, and neither that nor its stream fails; in its tenant scope."""
    rows = Upkeep.objects.filter(account=account)
    failed = account.subscriptions.filter(status=VendorSubscription.Status.FAILED)
    if all(row.attempts == 0 and row.finished_at for row in rows) and not failed.exists():
        set_status(account, Status.ACTIVE)


def _note_failure(upkeep: Upkeep, error: Exception, words: str, now: datetime) -> None:
    asked_for = error.retry_after if isinstance(error, VendorUnavailable) else None
    with tenant_scope(upkeep.tenant_id):
        account = _locked(upkeep)
        due_at = now + backoff(upkeep.attempts, asked_for)
        if account is None or not finish(upkeep, due_at=due_at, now=now, error=words):
            return
        if isinstance(error, AuthorizationLost):
            set_status(account, Status.REAUTHORIZATION_REQUIRED, words)
        elif upkeep.attempts + 1 >= _FAILURES_UNTIL_DEGRADED:
            set_status(account, Status.DEGRADED, words)
        elif account.status == Status.CONNECTING:  # somebody is watching: tell at once
            set_status(account, Status.CONNECTING, words)
