from django.db import migrations

from tenants.rls import RoutingLookup


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_subscription_agents")]

    operations = [
        RoutingLookup(
            "upkeep_trouble",
            arguments="moment timestamptz",
            returns="TABLE (kind text, failing bigint, overdue bigint)",
            table="integrations_upkeep",
            query="SELECT u.kind::text, count(*) FILTER (WHERE u.attempts > 0), count(*) FILTER"
            " (WHERE u.due_at < moment AND (u.leased_until IS NULL OR u.leased_until < moment))"
            " FROM integrations_upkeep u GROUP BY u.kind",
        ),
    ]
