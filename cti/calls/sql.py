"""The SQL that reads accounts and calls: one set of statements for the async ingest and the sync store.

A transaction that reads in order to write first sets its tenant, then locks the tenant's log head: so a tenant's
transactions follow one another, and its sequence has no gaps and grows in commit order (`cti.calls.commit`).
Statements run as the application's role, under row-level security.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson

from cti.calls.book import AccountContext, Book, Entry
from cti.calls.facts import decode_facts

ENTER_TENANT = "SELECT set_config('patchbay.tenant', %s, true)"
LOCK_HEAD = "UPDATE cti_loghead SET revision = revision + 1 WHERE tenant_id = %s RETURNING sequence, revision"
"""Whoever takes the head says so by its revision: what others remember of the tenant counts no more."""
HOLD_HEAD = "SELECT FROM cti_loghead WHERE tenant_id = %s FOR NO KEY UPDATE"
"""For those who change nothing that is remembered, unless they LOCK_HEAD later on: the revision stays."""
READ_ACCOUNTS = "SELECT id, directory_version FROM integrations_pbxaccount WHERE id = ANY (%s)"
READ_ACCOUNT = """
    SELECT a.vendor, a.base_url, a.settings::text, a.directory_version, g.scopes, t.region
    FROM integrations_pbxaccount a JOIN tenants_tenant t ON t.id = a.tenant_id
    LEFT JOIN integrations_oauthgrant g ON g.account_id = a.id WHERE a.id = %s"""
READ_EXTENSIONS = """
    SELECT id, vendor_extension_id, number, name, type, external_number
    FROM integrations_extension WHERE account_id = %s AND gone_at IS NULL"""
READ_QUEUES = """
    SELECT q.id, q.vendor_queue_id, q.number, ARRAY(
        SELECT e.id FROM integrations_queuemember m
        JOIN integrations_extension e USING (account_id, vendor_extension_id) WHERE m.queue_id = q.id
    ) FROM integrations_queue q WHERE q.account_id = %s AND q.gone_at IS NULL"""
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
READ_LIVE_KEYS = """
    SELECT k.account_id, k.vendor_call_id FROM cti_call c JOIN cti_callkey k ON k.call_id = c.id
    WHERE c.tenant_id = %s AND c.account_id = ANY (%s) AND c.ended_at IS NULL"""
READ_RECENT = f"""
    SELECT {_CALL_COLUMNS} FROM cti_call c
    WHERE c.account_id = ANY (%s) AND c.started_at > %s AND c.version > 0"""  # noqa: S608


def read_params(keys: Iterable[tuple[UUID, str]], accounts: Sequence[UUID]) -> tuple[list[UUID], list[str], list[UUID]]:
    """The parameters of READ_CALLS."""
    wanted = list(keys)
    return [key[0] for key in wanted], [key[1] for key in wanted], list(accounts)


def put_rows(book: Book, rows: Iterable[tuple[Any, ...]], contexts: dict[UUID, AccountContext]) -> None:
    """Puts what READ_CALLS or READ_CALL answered into the book; calls outlive an account that is disconnected."""
    for call_id, account_id, version, awaiting, merged_into, facts, snapshot, names in rows:
        if account_id not in contexts:
            continue
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
