"""What each process that holds streams asks for every second, in one answer that doesn't grow with the streams; and what
/metrics tells of them, a row for each state."""

from django.db import migrations

from tenants.rls import RoutingLookup


FREE = "(s.holder IS NULL OR NOT EXISTS (SELECT FROM cti_streamrunner r WHERE r.id = s.holder))"


class Migration(migrations.Migration):
    dependencies = [("cti", "0005_commit_changes")]

    operations = [
        migrations.RunSQL("DROP FUNCTION stream_share", migrations.RunSQL.noop),
        RoutingLookup(
            "stream_overview",
            arguments="runner uuid",
            returns="TABLE (streams bigint, runners bigint, held bigint, versions bigint)",
            table="cti_stream",
            query="SELECT (SELECT count(*) FROM cti_stream),"
            " (SELECT count(*) FROM cti_streamrunner r WHERE r.leased_until >= now()),"
            " count(*), coalesce(sum(s.version), 0)::bigint FROM cti_stream s WHERE s.holder = runner",
        ),
        migrations.RunSQL("DROP FUNCTION stream_trouble", migrations.RunSQL.noop),
        RoutingLookup(
            "stream_trouble",
            arguments="moment timestamptz",
            returns="TABLE (state text, count bigint)",
            table="cti_stream",
            query=f"SELECT 'connected', count(*) FROM cti_stream s WHERE s.connected_at IS NOT NULL AND NOT {FREE}"
            " UNION ALL SELECT 'failing', count(*) FROM cti_stream s WHERE s.attempts > 0 AND s.connected_at IS NULL"
            f" UNION ALL SELECT 'unheld', count(*) FROM cti_stream s WHERE s.due_at < moment AND {FREE}",
        ),
    ]
