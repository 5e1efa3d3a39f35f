"""What a batch's commit no longer costs: comparing the directories that it was planned from, since whoever changes one (or
deletes the account) moves the revision of the tenant's log head; splitting pages of indexes that grew at their front; and a CHECK,
which PostgreSQL reads anew at each statement.
"""

from django.db import migrations, models

# Comes last in its transaction, after what that writes to the log itself. Its writer has locked the head before the account.
MOVE_THE_REVISION = """
CREATE FUNCTION directory_moves_the_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entered text := coalesce(current_setting('patchbay.tenant', true), '');
BEGIN
    PERFORM set_config('patchbay.tenant', OLD.tenant_id::text, true);
    UPDATE cti_loghead SET revision = revision + 1 WHERE tenant_id = OLD.tenant_id;
    PERFORM set_config('patchbay.tenant', entered, true);
    RETURN NULL;
END $$"""
ON_CHANGE = """
CREATE CONSTRAINT TRIGGER directory_changed AFTER UPDATE OF directory_version ON integrations_pbxaccount
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.directory_version <> NEW.directory_version)
EXECUTE FUNCTION directory_moves_the_revision()"""
ON_DELETE = """
CREATE CONSTRAINT TRIGGER directory_deleted AFTER DELETE ON integrations_pbxaccount
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION directory_moves_the_revision()"""

# As in 0005, but for the directories; a delivery that is there already is refused like a name; names are a statement of their own,
# since most batches have none; and the tenant is entered by a declaration, which takes no query as PERFORM does.
COMMIT_CHANGES = """
CREATE FUNCTION commit_changes(
    p_tenant uuid, p_now timestamptz, p_revision bigint, p_next_revision bigint, p_sequence bigint,
    p_heard_of uuid[], p_deliveries json, p_bodies bytea[], p_found json,
    p_calls json, p_facts text[], p_snapshots text[], p_new_keys json, p_moved_keys json,
    p_events json, p_event_bodies text[]
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    entered text := set_config('patchbay.tenant', p_tenant::text, true);
BEGIN
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
        ) AS d (id, account_id, subscription_id, received_at, status, identity, note, call_id, body)),
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
            merged_into = excluded.merged_into)
    INSERT INTO cti_event (tenant_id, sequence, type, received_at, account_id, call_id, delivery_id, extension_ids, body)
    SELECT p_tenant, e.sequence, e.type, p_now, e.account_id, e.call_id, e.delivery_id, e.extension_ids, e.body
    FROM ROWS FROM (
        json_to_recordset(p_events) AS (sequence bigint, type text, account_id uuid, call_id uuid, delivery_id uuid,
            extension_ids uuid[]),
        unnest(p_event_bodies)
    ) AS e (sequence, type, account_id, call_id, delivery_id, extension_ids, body);
    IF p_new_keys IS NOT NULL THEN
        INSERT INTO cti_callkey (account_id, vendor_call_id, tenant_id, call_id)
        SELECT k.account_id, k.vendor_call_id, p_tenant, k.call_id
        FROM json_to_recordset(p_new_keys) AS k (account_id uuid, vendor_call_id text, call_id uuid);
    END IF;
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
    dependencies = [("cti", "0007_encrypted_answers"), ("integrations", "0001_initial")]

    operations = [
        migrations.RunSQL([MOVE_THE_REVISION, ON_CHANGE, ON_DELETE]),
        migrations.RemoveIndex("call", "calls_by_start"),
        migrations.AddIndex("call", models.Index(fields=["tenant", "started_at", "id"], name="calls_by_start")),
        migrations.RemoveIndex("delivery", "deliveries_of_an_account"),
        migrations.AddIndex(
            "delivery", models.Index(fields=["account_id", "received_at"], name="deliveries_of_an_account")
        ),
        migrations.RemoveIndex("event", "events_of_an_account"),
        migrations.AddIndex(
            "event", models.Index(fields=["tenant", "account_id", "sequence"], name="events_of_an_account")
        ),
        migrations.AlterField(
            "call",
            "version",
            models.IntegerField(default=0, help_text="0: asked of the vendor, not yet accepted: shown to nobody"),
        ),
        migrations.RunSQL(["DROP FUNCTION commit_changes", COMMIT_CHANGES]),
    ]
