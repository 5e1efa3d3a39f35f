"""Upkeep as durable rows: what is due, who has leased it, and when it comes round again. Celery only wakes it."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from celery import current_app
from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When

from integrations.contract.capabilities import Capability
from integrations.models import PbxAccount, Upkeep
from integrations.registry import adapter_class
from tenants.rls import tenant_scope

LEASE = timedelta(minutes=3)
"""Longer than a Celery task may run: nobody takes over what is still being done."""
_FIRST_DELAY = timedelta(seconds=10)
_LONGEST_DELAY = timedelta(minutes=15)
_MOST_DOUBLINGS = 10


def make_due(account: PbxAccount, now: datetime, kinds: Iterable[str] | None = None) -> None:
    """Makes the account's upkeep due, all of it or some kinds, inside the caller's tenant scope; it begins after the commit."""
    for kind in kinds_of(account.vendor) if kinds is None else kinds:
        upkeep, _ = Upkeep.objects.update_or_create(
            account=account,
            kind=kind,
            defaults={"due_at": now},
            create_defaults={"tenant_id": account.tenant_id, "due_at": now},
        )
        wake_after_commit(account.tenant_id, upkeep.pk)


def kinds_of(vendor: str) -> list[str]:
    """What is to be done again and again for accounts at this vendor."""
    adapter = adapter_class(vendor)
    left_out = set()
    if adapter.oauth is None:
        left_out.add(Upkeep.Kind.REFRESH_TOKEN)
    if Capability.SNAPSHOT not in adapter.declared:
        left_out.add(Upkeep.Kind.CALLS)
    return [kind for kind in Upkeep.Kind.values if kind not in left_out]


def wake_after_commit(tenant_id: UUID, upkeep_id: UUID) -> None:
    """Has a worker look at the row at once. Without a broker the failure is logged, and beat finds the row later."""
    transaction.on_commit(lambda: wake(tenant_id, upkeep_id), robust=True)


def wake(tenant_id: UUID, upkeep_id: UUID) -> None:
    """Sends the task that runs one row. Raises OperationalError of kombu when the broker is away."""
    current_app.send_task("integrations.run_upkeep", [str(tenant_id), str(upkeep_id)], expires=30, retry=False)


def due(now: datetime, most: int = 500) -> list[tuple[UUID, UUID]]:
    """`(tenant, row)` of what is due and not leased, over all tenants, the longest waiting first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, id FROM due_upkeep(%s, %s)", [now, most])
        return [(tenant_id, upkeep_id) for tenant_id, upkeep_id in cursor.fetchall()]


def lease(tenant_id: UUID, upkeep_id: UUID, now: datetime) -> Upkeep | None:
    """The row, for the caller alone until its lease runs out; None when it isn't due, or somebody else has it."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    with tenant_scope(tenant_id):
        upkeep = Upkeep.objects.select_for_update(skip_locked=True).filter(free, pk=upkeep_id, due_at__lte=now).first()
        if upkeep is not None:
            upkeep.leased_until = now + LEASE
            upkeep.save(update_fields=["leased_until"])
    return upkeep


def finish(leased: Upkeep, *, due_at: datetime, now: datetime, error: str = "") -> bool:
    """Gives a leased row back, due again later, unless it was made due meanwhile: then it stays so.

    False when the lease was lost: then nothing is written.
    """
    mine = Upkeep.objects.filter(pk=leased.pk, leased_until=leased.leased_until)
    again = Case(When(due_at=leased.due_at, then=Value(due_at)), default=F("due_at"))
    if error:
        return bool(mine.update(leased_until=None, due_at=again, attempts=leased.attempts + 1, last_error=error))
    return bool(mine.update(leased_until=None, due_at=again, attempts=0, last_error="", finished_at=now))


def backoff(attempts: int, asked_for: float | None = None) -> timedelta:
    """How long to wait after so many failures in a row: doubling, with jitter, never less than the vendor asked for."""
    doubled = min(_FIRST_DELAY * 2.0 ** min(attempts, _MOST_DOUBLINGS), _LONGEST_DELAY)
    jitter = random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
    return max(doubled * jitter, timedelta(seconds=asked_for or 0))
