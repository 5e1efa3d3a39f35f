"""Celery's part of upkeep: it wakes work up. What is due stands in the database."""

from uuid import UUID

from celery import shared_task

from common.times import utc_now
from integrations import schedule, upkeep


@shared_task(name="integrations.wake_upkeep")  # type: ignore[untyped-decorator]  # Celery has no types
def wake_upkeep() -> None:
    """Sends one task for each row that is due. Two beats, or a late one, only send what the lease then refuses."""
    for tenant_id, upkeep_id in schedule.due(utc_now()):
        schedule.wake(tenant_id, upkeep_id)


@shared_task(name="integrations.run_upkeep")  # type: ignore[untyped-decorator]  # Celery has no types
def run_upkeep(tenant_id: str, upkeep_id: str) -> None:
    upkeep.run(UUID(tenant_id), UUID(upkeep_id))
