"""Row-level security of calls, deliveries and the log, and the lookups that cross tenants to find stale calls and log heads."""

from django.db import migrations

from tenants.rls import RoutingLookup, RowSecurity


class Migration(migrations.Migration):
    dependencies = [("cti", "0001_initial"), ("tenants", "0002_row_security")]

    operations = [
        RowSecurity("cti_call"),
        RowSecurity("cti_callkey"),
        RowSecurity("cti_event"),
        RowSecurity("cti_loghead"),
        RowSecurity("cti_delivery"),
        RowSecurity("cti_idempotentrequest"),
        RoutingLookup(
            "log_heads",
            arguments="tenant_ids uuid[]",
            returns="TABLE (tenant_id uuid, sequence bigint)",
            table="cti_loghead",
            query="SELECT h.tenant_id, h.sequence FROM cti_loghead h WHERE h.tenant_id = ANY (tenant_ids)",
        ),
        RoutingLookup(
            "stale_calls",
            arguments="ringing_since timestamptz, talking_since timestamptz, most integer",
            returns="TABLE (tenant_id uuid, id uuid)",
            table="cti_call",
            query="SELECT c.tenant_id, c.id FROM cti_call c WHERE c.ended_at IS NULL AND c.last_event_at <"
            " CASE WHEN c.state IN ('initiated', 'alerting') THEN ringing_since ELSE talking_since END ORDER BY c.last_event_at LIMIT most",
        ),
        RoutingLookup(
            "all_tenants",
            arguments="",
            returns="SETOF uuid",
            table="tenants_tenant",
            query="SELECT t.id FROM tenants_tenant t",
        ),
    ]
