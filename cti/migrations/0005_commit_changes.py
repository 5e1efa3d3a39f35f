"""How every change to a tenant's calls and log is committed: one function, so that a batch of events is one round trip."""

from django.db import migrations, models

# Runs as its caller, under row-level security. Each row's small values travel as JSON, its long texts beside it in an array.
COMMIT_CHANGES = """
CREATE FUNCTION commit_changes(
    p_tenant uuid, p_now timestamptz, p_revision bigint, p_next_revision bigint, p_sequence bigint,
    p_accounts uuid[], p_directory_versions int[], p_heard_of uuid[],
    p_deliveries json, p_bodies bytea[], p_found json,
    p_calls json, p_facts text[], p_snapshots text[], p_new_keys json, p_moved_keys json,
    p_events json, p_event_bodies text[]
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('patchbay.tenant', p_tenant::text, true);
    IF EXISTS (
        SELECT FROM unnest(p_accounts, p_directory_versions) AS known (id, version)
        LEFT JOIN integrations_pbxaccount a ON a.id = known.id AND a.directory_version = known.version
        WHERE a.id IS NULL
    ) THEN
        RETURN false;
    END IF;
    UPDATE cti_loghead SET sequence = p_sequence, revision = p_next_revision
    WHERE tenant_id = p_tenant AND revision = p_revision;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    WITH wrote_deliveries AS (
        INSERT INTO cti_delivery
            (id, tenant_id, account_id, subscription_id, received_at, status, identity, note, call_id, body)
        SELECT d.id, p_tenant, d.account_id, d.subscription_id, d.received_at, d.status, d.identity, d.note, d.call_id,
               d.body
        FROM ROWS FROM (
            json_to_recordset(p_deliveries) AS (id uuid, account_id uuid, subscription_id uuid, received_at timestamptz,
                status text, identity text, note text, call_id uuid),
            unnest(p_bodies)
        ) AS d (id, account_id, subscription_id, received_at, status, identity, note, call_id, body)
        ON CONFLICT (id) DO NOTHING),
    wrote_calls AS (
        INSERT INTO cti_call (id, tenant_id, account_id, version, state, started_at, ended_at, last_event_at,
            from_number, to_number, extension_ids, external_id, awaiting_vendor, merged_into, facts, snapshot)
        SELECT c.id, p_tenant, c.account_id, c.version, c.state, c.started_at, c.ended_at, p_now,
               c.from_number, c.to_number, c.extension_ids, c.external_id, c.awaiting_vendor, c.merged_into,
               c.facts, c.snapshot
        FROM ROWS FROM (
            json_to_recordset(p_calls) AS (id uuid, account_id uuid, version int, state text, started_at timestamptz,
                ended_at timestamptz, from_number text, to_number text, extension_ids uuid[], external_id text,
                awaiting_vendor boolean, merged_into uuid),
            unnest(p_facts),
            unnest(p_snapshots)
        ) AS c (id, account_id, version, state, started_at, ended_at, from_number, to_number, extension_ids,
            external_id, awaiting_vendor, merged_into, facts, snapshot)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state,
            started_at = excluded.started_at, ended_at = excluded.ended_at, last_event_at = excluded.last_event_at,
            from_number = excluded.from_number, to_number = excluded.to_number, extension_ids = excluded.extension_ids,
            facts = excluded.facts, snapshot = excluded.snapshot, awaiting_vendor = excluded.awaiting_vendor,
            merged_into = excluded.merged_into),
    wrote_keys AS (
        INSERT INTO cti_callkey (account_id, vendor_call_id, tenant_id, call_id)
        SELECT k.account_id, k.vendor_call_id, p_tenant, k.call_id
        FROM json_to_recordset(p_new_keys) AS k (account_id uuid, vendor_call_id text, call_id uuid))
    INSERT INTO cti_event (tenant_id, sequence, type, received_at, account_id, call_id, delivery_id, extension_ids, body)
    SELECT p_tenant, e.sequence, e.type, p_now, e.account_id, e.call_id, e.delivery_id, e.extension_ids, e.body
    FROM ROWS FROM (
        json_to_recordset(p_events) AS (sequence bigint, type text, account_id uuid, call_id uuid, delivery_id uuid,
            extension_ids uuid[]),
        unnest(p_event_bodies)
    ) AS e (sequence, type, account_id, call_id, delivery_id, extension_ids, body);
    IF p_moved_keys IS NOT NULL THEN
        INSERT INTO cti_callkey (account_id, vendor_call_id, tenant_id, call_id)
        SELECT k.account_id, k.vendor_call_id, p_tenant, k.call_id
        FROM json_to_recordset(p_moved_keys) AS k (account_id uuid, vendor_call_id text, call_id uuid)
        ON CONFLICT (account_id, vendor_call_id) DO UPDATE SET call_id = excluded.call_id;
    END IF;
    IF p_found IS NOT NULL THEN
        UPDATE cti_delivery d SET status = 'applied', note = '', call_id = f.call_id
        FROM json_to_recordset(p_found) AS f (id uuid, call_id uuid) WHERE d.id = f.id;
    END IF;
    IF p_heard_of IS NOT NULL THEN
        UPDATE integrations_pbxaccount SET last_event_at = p_now
        WHERE id IN (SELECT a.id FROM integrations_pbxaccount a WHERE a.id = ANY (p_heard_of)
            AND (a.last_event_at IS NULL OR a.last_event_at < p_now - interval '10 seconds')
            FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    RETURN true;
END $$"""


class Migration(migrations.Migration):
    dependencies = [("cti", "0004_streams"), ("integrations", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="loghead",
            name="revision",
            field=models.BigIntegerField(
                default=0, help_text="another with every change to the tenant's calls, deliveries or log"
            ),
        ),
        migrations.RunSQL(COMMIT_CHANGES, "DROP FUNCTION commit_changes"),
    ]
