"""Calls whose end we never heard of, or won't hear of: they are given up, so that no page rings for ever."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from common.times import utc_now
from cti.calls import store
from cti.calls.models import Call
from cti.events.log import lock_head
from integrations.contract.events import EndReason
from integrations.models import PbxAccount
from tenants.rls import tenant_scope

RINGING = timedelta(minutes=5)
"""A call that was neither answered nor ended for so long, and of which nothing was heard."""
TALKING = timedelta(hours=4)
AT_ONCE = 200


def close_lost_calls(now: datetime) -> int:
    """Ends calls of which nothing was heard for too long, as `lost`, or `failed` where the vendor never began them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, id FROM stale_calls(%s, %s, %s)", [now - RINGING, now - TALKING, AT_ONCE])
        stale = cursor.fetchall()
    for tenant_id, call_id in stale:
        _give_up(tenant_id, call_id, now)
    return len(stale)


def close_calls_of_account(instance: PbxAccount, **_: Any) -> None:
    """Ends the calls of an account that is being deleted, while its directory can still name their parties.

    The log's lock, held until the deletion commits, keeps events that are under way from opening another.
    """
    with tenant_scope(instance.tenant_id):
        lock_head(instance.tenant_id)
        for call_id in Call.objects.filter(account_id=instance.pk, ended_at=None).values_list("id", flat=True):
            _give_up(instance.tenant_id, call_id, utc_now())


def _give_up(tenant_id: UUID, call_id: UUID, now: datetime) -> None:
    with tenant_scope(tenant_id):
        call = Call.objects.only("version", "awaiting_vendor", "state").get(pk=call_id)
    if call.version == 0:
        store.discard_expected(tenant_id, call_id)
    else:
        never_began = call.awaiting_vendor and call.state == "initiated"
        reason = EndReason.FAILED if never_began else EndReason.LOST
        store.close_call(tenant_id, call_id, reason, now)
