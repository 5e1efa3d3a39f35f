"""Streams, the processes that hold them, and the lookups by which streams are shared out and watched."""

import django.db.models.deletion
from django.db import migrations, models

import common.ids
import common.times
from tenants.rls import RoutingLookup, RowSecurity

FREE = "(s.holder IS NULL OR NOT EXISTS (SELECT FROM cti_streamrunner r WHERE r.id = s.holder))"


class Migration(migrations.Migration):
    dependencies = [
        ("cti", "0003_storage"),
        ("integrations", "0002_row_security"),
        ("tenants", "0002_row_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="StreamRunner",
            fields=[
                ("id", models.UUIDField(default=common.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ("leased_until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Stream",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stream",
                        serialize=False,
                        to="integrations.pbxaccount",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, help_text="grows when the account changes: connect anew")),
                (
                    "holder",
                    models.UUIDField(help_text="the runner that has it; free without one, or when that is gone", null=True),
                ),
                ("due_at", models.DateTimeField(default=common.times.utc_now, help_text="no attempt to connect before")),
                ("attempts", models.PositiveIntegerField(default=0, help_text="failures in a row")),
                ("connected_at", models.DateTimeField(help_text="since when the connection stands", null=True)),
                ("last_error", models.TextField(blank=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["holder"], name="streams_of_a_runner")]},
        ),
        RowSecurity("cti_stream"),
        RoutingLookup(
            "free_streams",
            arguments="most integer",
            returns="TABLE (tenant_id uuid, account_id uuid, holder uuid)",
            table="cti_stream",
            query="SELECT s.tenant_id, s.account_id, s.holder FROM cti_stream s"
            f" WHERE s.due_at <= now() AND {FREE} ORDER BY s.due_at LIMIT most",
        ),
        RoutingLookup(
            "held_streams",
            arguments="runner uuid",
            returns="TABLE (tenant_id uuid, account_id uuid, version integer)",
            table="cti_stream",
            query="SELECT s.tenant_id, s.account_id, s.version FROM cti_stream s WHERE s.holder = runner",
        ),
        RoutingLookup(
            "stream_share",
            arguments="",
            returns="TABLE (streams bigint, runners bigint)",
            table="cti_stream",
            query="SELECT (SELECT count(*) FROM cti_stream),"
            " (SELECT count(*) FROM cti_streamrunner r WHERE r.leased_until >= now())",
        ),
        RoutingLookup(
            "stream_trouble",
            arguments="moment timestamptz",
            returns="TABLE (connected bigint, failing bigint, unheld bigint)",
            table="cti_stream",
            query=f"SELECT count(*) FILTER (WHERE s.connected_at IS NOT NULL AND NOT {FREE}), count(*) FILTER (WHERE s.attempts > 0),"
            f" count(*) FILTER (WHERE s.due_at < moment AND {FREE}) FROM cti_stream s",
        ),
    ]
