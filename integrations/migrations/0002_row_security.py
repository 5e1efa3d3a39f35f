"""Row-level security of the integration tables, and the lookups that find a hook's account and due upkeep."""

from django.db import migrations

from tenants.rls import RoutingLookup, RowSecurity


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial"), ("tenants", "0002_row_security")]

    operations = [
        RowSecurity("integrations_pbxaccount"),
        RowSecurity("integrations_oauthgrant"),
        RowSecurity("integrations_vendorsubscription"),
        RowSecurity("integrations_extension"),
        RowSecurity("integrations_upkeep"),
        RoutingLookup(
            "route_hook",
            arguments="digest bytea",
            returns="TABLE (tenant_id uuid, account_id uuid, subscription_id uuid)",
            table="integrations_vendorsubscription",
            query="SELECT s.tenant_id, s.account_id, s.id FROM integrations_vendorsubscription s"
            " WHERE s.hook_token_digest = digest AND s.status <> 'ended'",
        ),
        RoutingLookup(
            "due_upkeep",
            arguments="moment timestamptz, most integer",
            returns="TABLE (tenant_id uuid, id uuid)",
            table="integrations_upkeep",
            query="SELECT u.tenant_id, u.id FROM integrations_upkeep u"
            " WHERE u.due_at <= moment AND (u.leased_until IS NULL OR u.leased_until < moment) ORDER BY u.due_at LIMIT most",
        ),
    ]
