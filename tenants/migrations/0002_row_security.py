"""Row-level security of the tenant tables, and the lookup that finds an API key's tenant."""

from django.db import migrations

from tenants.rls import USER, RoutingLookup, RowSecurity


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        RowSecurity("tenants_membership", also_read=f"user_id = {USER}"),
        RowSecurity(
            "tenants_tenant",
            column="id",
            also_read=f"id IN (SELECT tenant_id FROM tenants_membership WHERE user_id = {USER})",
        ),
        RowSecurity("tenants_apikey"),
        RowSecurity("tenants_auditentry"),
        RoutingLookup(
            "route_api_key",
            arguments="key_prefix text",
            returns="uuid",
            table="tenants_apikey",
            query="SELECT tenant_id FROM tenants_apikey WHERE prefix = key_prefix",
        ),
    ]
