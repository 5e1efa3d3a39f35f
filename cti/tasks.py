"""Celery's side of cti: each task calls one function."""

from celery import shared_task
from django.db import connection

from common.times import utc_now
from cti.calls import upkeep
from cti.control.idempotency import KEPT
from cti.control.models import IdempotentRequest
from tenants.rls import tenant_scope


@shared_task(name="cti.close_lost_calls")  # type: ignore[untyped-decorator]  # Celery has no types
def close_lost_calls() -> None:
    """Every 15 seconds; twice at once does no harm."""
    upkeep.close_lost_calls(utc_now())


@shared_task(name="cti.purge")  # type: ignore[untyped-decorator]  # Celery has no types
def purge() -> None:
    """Forgets idempotency keys that are older than a day."""
    before = utc_now() - KEPT
    with connection.cursor() as cursor:
        cursor.execute("SELECT all_tenants()")
        tenants = [row[0] for row in cursor.fetchall()]
    for tenant_id in tenants:
        with tenant_scope(tenant_id):
            IdempotentRequest.objects.filter(created_at__lt=before).delete()
