"""Calls whose end we never heard of: they are given up after a while, so that no page rings for ever."""

from datetime import datetime, timedelta

from django.db import connection

from cti.calls import store
from cti.calls.models import Call
from integrations.contract.events import EndReason
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
        with tenant_scope(tenant_id):
            call = Call.objects.only("version", "awaiting_vendor").get(pk=call_id)
        if call.version == 0:
            store.discard_expected(tenant_id, call_id)
        else:
            reason = EndReason.FAILED if call.awaiting_vendor else EndReason.LOST
            store.close_call(tenant_id, call_id, reason, now)
    return len(stale)
