"""The SQL that reads and writes calls and the log: one set of statements for the async ingest and the sync store.

Every transaction first sets its tenant, then locks the tenant's log head: so a tenant's transactions follow one another, and
its sequence has no gaps and grows in commit order. Statements run as the application's role, under row-level security.
"""

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from msgspec import Struct

from cti.calls.book import AccountContext, Book, Entry
from cti.calls.facts import decode_facts
from cti.calls.view import extensions_of
from cti.events.entries import LogEntry, log_entry

ENTER_TENANT = "SELECT set_config('patchbay.tenant', %s, true)"
LOCK_HEAD = "SELECT sequence FROM cti_loghead WHERE tenant_id = %s FOR UPDATE"
READ_ACCOUNTS = "SELECT id, directory_version FROM integrations_pbxaccount WHERE id = ANY (%s)"
READ_ACCOUNT = """
    SELECT a.vendor, a.base_url, a.settings::text, a.directory_version, g.scopes, t.region
    FROM integrations_pbxaccount a JOIN tenants_tenant t ON t.id = a.tenant_id
    LEFT JOIN integrations_oauthgrant g ON g.account_id = a.id WHERE a.id = %s"""
READ_EXTENSIONS = """
    SELECT id, vendor_extension_id, number, name, type, external_number
    FROM integrations_extension WHERE account_id = %s AND gone_at IS NULL"""
_CALL_COLUMNS = """
    c.id, c.account_id, c.version, c.awaiting_vendor, c.merged_into, c.facts, c.snapshot,
    ARRAY(SELECT k.vendor_call_id FROM cti_callkey k WHERE k.call_id = c.id)"""
READ_CALLS = f"""
    SELECT {_CALL_COLUMNS} FROM (
        SELECT k.call_id FROM unnest(%s::uuid[], %s::text[]) AS wanted (account_id, vendor_call_id)
        JOIN cti_callkey k USING (account_id, vendor_call_id)
        UNION SELECT a.id FROM cti_call a WHERE a.account_id = ANY (%s) AND a.awaiting_vendor
    ) found JOIN cti_call c ON c.id = found.call_id"""  # noqa: S608
READ_CALL = f"SELECT {_CALL_COLUMNS} FROM cti_call c WHERE c.id = %s"  # noqa: S608
READ_RECENT = f"""
    SELECT {_CALL_COLUMNS} FROM cti_call c
    WHERE c.account_id = ANY (%s) AND c.started_at > %s AND c.version > 0"""  # noqa: S608
WRITE = """
    WITH wrote_deliveries AS (
        INSERT INTO cti_delivery
            (id, tenant_id, account_id, subscription_id, received_at, status, identity, note, call_id, body)
        SELECT d.id, %(tenant)s, d.account_id, d.subscription_id, d.received_at, d.status, d.identity, d.note, d.call_id,
               decode(d.body, 'base64')
        FROM json_to_recordset(%(deliveries)s::json) AS d (id uuid, account_id uuid, subscription_id uuid,
            received_at timestamptz, status text, identity text, note text, call_id uuid, body text)
        ON CONFLICT (id) DO NOTHING),
    wrote_calls AS (
        INSERT INTO cti_call AS old (id, tenant_id, account_id, version, state, started_at, ended_at, last_event_at,
            from_number, to_number, extension_ids, external_id, facts, snapshot, awaiting_vendor, merged_into)
        SELECT c.id, %(tenant)s, c.account_id, c.version, c.state, c.started_at, c.ended_at, c.last_event_at,
               c.from_number, c.to_number, c.extension_ids, c.external_id, c.facts, c.snapshot, c.awaiting_vendor,
               c.merged_into
        FROM json_to_recordset(%(calls)s::json) AS c (id uuid, account_id uuid, version int, state text,
            started_at timestamptz, ended_at timestamptz, last_event_at timestamptz, from_number text, to_number text,
            extension_ids uuid[], external_id text, facts text, snapshot text, awaiting_vendor boolean, merged_into uuid)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state,
            started_at = excluded.started_at, ended_at = excluded.ended_at, last_event_at = excluded.last_event_at,
            from_number = excluded.from_number, to_number = excluded.to_number, extension_ids = excluded.extension_ids,
            facts = excluded.facts, snapshot = excluded.snapshot, awaiting_vendor = excluded.awaiting_vendor,
            merged_into = excluded.merged_into),
    wrote_keys AS (
        INSERT INTO cti_callkey (account_id, vendor_call_id, tenant_id, call_id)
        SELECT k.account_id, k.vendor_call_id, %(tenant)s, k.call_id
        FROM json_to_recordset(%(keys)s::json) AS k (account_id uuid, vendor_call_id text, call_id uuid)
        ON CONFLICT (account_id, vendor_call_id) DO UPDATE SET call_id = excluded.call_id),
    wrote_events AS (
        INSERT INTO cti_event
            (tenant_id, sequence, type, received_at, account_id, call_id, delivery_id, extension_ids, body)
        SELECT %(tenant)s, e.sequence, e.type, e.received_at, e.account_id, e.call_id, e.delivery_id, e.extension_ids,
               e.body
        FROM json_to_recordset(%(events)s::json) AS e (sequence bigint, type text, received_at timestamptz,
            account_id uuid, call_id uuid, delivery_id uuid, extension_ids uuid[], body text)),
    touched_accounts AS (
        UPDATE integrations_pbxaccount SET last_event_at = %(now)s
        WHERE id IN (SELECT a.id FROM integrations_pbxaccount a WHERE a.id = ANY (%(accounts)s)
            AND (a.last_event_at IS NULL OR a.last_event_at < %(now)s - interval '10 seconds')
            FOR NO KEY UPDATE SKIP LOCKED))
    UPDATE cti_loghead SET sequence = %(sequence)s WHERE tenant_id = %(tenant)s"""


class DeliveryRow(Struct):
    """A row of cti_delivery to be written."""

    id: UUID
    account_id: UUID
    subscription_id: UUID | None
    received_at: datetime
    status: str
    identity: str | None
    note: str
    call_id: UUID | None
    body: bytes


def read_params(keys: Iterable[tuple[UUID, str]], accounts: Sequence[UUID]) -> tuple[list[UUID], list[str], list[UUID]]:
    """The parameters of READ_CALLS."""
    wanted = list(keys)
    return [key[0] for key in wanted], [key[1] for key in wanted], list(accounts)


def put_rows(book: Book, rows: Iterable[tuple[Any, ...]], contexts: dict[UUID, AccountContext]) -> None:
    """Puts what READ_CALLS or READ_CALL answered into the book."""
    for call_id, account_id, version, awaiting, merged_into, facts, snapshot, names in rows:
        entry = Entry(
            id=call_id,
            account=contexts[account_id],
            facts=decode_facts(facts),
            version=version,
            awaiting_vendor=awaiting,
            merged_into=merged_into,
            snapshot=orjson.loads(snapshot),
        )
        book.put(entry)
        for name in names:
            book.keys[account_id, name] = call_id


def log_entries(
    tenant_id: UUID, sequence: int, book: Book, received_at: datetime, deliveries: dict[str, UUID]
) -> list[LogEntry]:
    """What the book tells, numbered from `sequence` + 1. `deliveries` finds a vendor event's delivery by its identity."""
    rendered: dict[int, orjson.Fragment] = {}
    entries = []
    for number, told in enumerate(book.told, sequence + 1):
        shown = rendered.get(id(told.snapshot))
        if shown is None:
            shown = rendered[id(told.snapshot)] = orjson.Fragment(orjson.dumps(told.snapshot))
        entries.append(
            log_entry(
                tenant_id=tenant_id,
                sequence=number,
                kind=told.type,
                occurred_at=told.occurred_at,
                received_at=received_at,
                account_id=told.entry.account.id,
                vendor=told.entry.account.vendor,
                data={"call": shown, "change": told.change},
                call_id=told.entry.id,
                delivery_id=deliveries.get(told.cause.identity) if told.cause else None,
                extension_ids=extensions_of(told.entry.state),
            )
        )
    return entries


def write_params(
    tenant_id: UUID,
    book: Book,
    events: Sequence[LogEntry],
    sequence: int,
    now: datetime,
    deliveries: Sequence[DeliveryRow] = (),
) -> dict[str, Any]:
    """The parameters of WRITE: rows travel as JSON, which costs far less than adapting arrays value by value."""
    accounts = {row.account_id for row in deliveries}
    return {
        "tenant": tenant_id,
        "now": now,
        "sequence": sequence,
        "accounts": list(accounts),
        "deliveries": _json([_delivery(row) for row in deliveries]),
        "calls": _json([_call(entry, now) for entry in book.entries.values() if entry.dirty]),
        "keys": _json(
            [
                {"account_id": account_id, "vendor_call_id": name, "call_id": call_id}
                for (account_id, name), call_id in book.new_keys.items()
            ]
        ),
        "events": _json([_event(event) for event in events]),
    }


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "account_id": row.account_id,
        "subscription_id": row.subscription_id,
        "received_at": row.received_at,
        "status": row.status,
        "identity": row.identity,
        "note": row.note,
        "call_id": row.call_id,
        "body": base64.b64encode(row.body).decode(),
    }


def _call(entry: Entry, now: datetime) -> dict[str, Any]:
    shown = entry.snapshot
    return {
        "id": entry.id,
        "account_id": entry.account.id,
        "version": entry.version,
        "state": shown["state"],
        "started_at": shown["started_at"],
        "ended_at": shown["ended_at"],
        "last_event_at": now,
        "from_number": shown["from"]["number"] or "",
        "to_number": shown["to"]["number"] or "",
        "extension_ids": _array(extensions_of(entry.state)),
        "external_id": shown["external_id"] or "",
        "facts": entry.facts.encode().decode(),
        "snapshot": orjson.dumps(shown).decode(),
        "awaiting_vendor": entry.awaiting_vendor,
        "merged_into": entry.merged_into,
    }


def _event(event: LogEntry) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "type": event.type,
        "received_at": event.received_at,
        "account_id": event.account_id,
        "call_id": event.call_id,
        "delivery_id": event.delivery_id,
        "extension_ids": _array(event.extension_ids),
        "body": event.body,
    }


def _array(ids: Sequence[UUID]) -> list[str]:
    return [str(value) for value in ids]
