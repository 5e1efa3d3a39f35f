"""How every change to a tenant's calls and log is written: the parameters of the database's function `commit_changes`.

The function writes nothing and answers false unless the log head's revision is the one that the change was made from, so it
may be called without a lock on the strength of what is remembered (`cti.ingest.memory`), or under one (`cti.events.log`).
A vendor call id that is new to the book must be new to the database too: else psycopg raises UniqueViolation, as it does for
a vendor event's identity that is there already.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from msgspec import Struct, field

from common.ids import public_id
from cti.calls.book import Book, Entry, Noted
from cti.calls.view import extensions_of
from cti.events.entries import LogEntry, log_entry

FUNCTION = "commit_changes"
TYPES = {
    "tenant": "uuid",
    "now": "timestamptz",
    "revision": "bigint",
    "next_revision": "bigint",
    "sequence": "bigint",
    "heard_of": "uuid[]",
    "deliveries": "json",
    "bodies": "bytea[]",
    "found": "json",
    "calls": "json",
    "facts": "text[]",
    "snapshots": "text[]",
    "new_keys": "json",
    "moved_keys": "json",
    "events": "json",
    "event_bodies": "text[]",
}
COMMIT = f"SELECT {FUNCTION}({', '.join(f'%({name})s::{kind}' for name, kind in TYPES.items())})"
COMMIT_BINARY = COMMIT.replace(")s::", ")b::")
"""For cursors that aren't Django's: escaping the quotes of snapshots in arrays takes longer than all else."""

Key = tuple[UUID, str]
"""An account and one of its vendor's call ids."""


class Head(NamedTuple):
    """The log head that a change is made from."""

    sequence: int
    revision: int


class DeliveryRow(Struct, gc=False):
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


class Snapshots:
    """Calls' snapshots as JSON: most are written twice, into the log and beside the call, but rendered once."""

    def __init__(self) -> None:
        self._rendered: dict[int, tuple[dict[str, Any], bytes]] = {}

    def render(self, snapshot: dict[str, Any]) -> bytes:
        known = self._rendered.get(id(snapshot))
        if known is None:
            known = self._rendered[id(snapshot)] = snapshot, orjson.dumps(snapshot)
        return known[1]


class Changes(Struct):
    """What one transaction does to a tenant."""

    head: Head
    now: datetime
    book: Book
    snapshots: Snapshots
    entries: list[LogEntry] = []
    deliveries: Sequence[DeliveryRow] = ()
    found: Sequence[tuple[UUID, UUID]] = ()
    """Waiting deliveries and the calls that they turned out to belong to."""
    known_keys: Collection[Key] | None = None
    """The vendor call ids that the book had to begin with: all others must be new. None where that was read under a lock."""
    heard_of: Collection[UUID] = ()
    """Accounts whose vendor just told something."""
    next_revision: int = field(default_factory=lambda: random.getrandbits(62))
    """Drawn, so that nobody else's change can bring about the revision that a further change was made from meanwhile."""

    def after(self) -> Head:
        """The head once this is committed."""
        return Head(self.head.sequence + len(self.entries), self.next_revision)


def log_entries(
    tenant_id: UUID,
    head: Head,
    book: Book,
    received_at: datetime,
    deliveries: Mapping[str, UUID],
    snapshots: Snapshots,
) -> list[LogEntry]:
    """What the book tells, numbered on from the head. `deliveries` finds a vendor event's delivery by its identity."""
    entries = []
    for number, told in enumerate(book.told, head.sequence + 1):
        entries.append(
            log_entry(
                tenant_id=tenant_id,
                sequence=number,
                kind=told.type,
                occurred_at=told.occurred_at,
                received_at=received_at,
                account_id=told.entry.account.id,
                vendor=told.entry.account.vendor,
                data={"call": orjson.Fragment(snapshots.render(told.snapshot)), "change": told.change},
                call_id=told.entry.id,
                delivery_id=deliveries.get(told.cause.identity) if told.cause else None,
                extension_ids=extensions_of(told.entry.state),
            )
        )
    for number, noted in enumerate(book.noted, head.sequence + len(entries) + 1):
        entries.append(_noted(tenant_id, number, noted, received_at, deliveries))
    return entries


def _noted(
    tenant_id: UUID, number: int, noted: Noted, received_at: datetime, deliveries: Mapping[str, UUID]
) -> LogEntry:
    notice, account = noted.notice, noted.account
    extension_id = account.directory.extension_id(notice.vendor_extension_id)
    queue_id = account.directory.queue_id(notice.vendor_queue_id)
    about = {
        "extension_id": public_id("ext", extension_id) if extension_id else None,
        "queue_id": public_id("que", queue_id) if queue_id else None,
    }
    return log_entry(
        tenant_id=tenant_id,
        sequence=number,
        kind=notice.type,
        occurred_at=notice.occurred_at,
        received_at=received_at,
        account_id=account.id,
        vendor=account.vendor,
        data={**notice.data, **about},
        delivery_id=deliveries.get(notice.identity),
        # What is said of a queue concerns those who answer it.
        extension_ids=[extension_id] if extension_id else list(account.directory.agents_of(notice.vendor_queue_id)),
    )


def commit_params(tenant_id: UUID, changes: Changes) -> dict[str, Any]:
    """The parameters of COMMIT."""
    calls = [entry for entry in changes.book.entries.values() if entry.dirty]
    new_keys, moved_keys = _keys(changes)
    return {
        "tenant": tenant_id,
        "now": changes.now,
        "revision": changes.head.revision,
        "next_revision": changes.next_revision,
        "sequence": changes.after().sequence,
        "heard_of": list(changes.heard_of) or None,
        "deliveries": _json(list(map(_delivery, changes.deliveries))),
        "bodies": [row.body for row in changes.deliveries],
        "found": _json([{"id": one, "call_id": call_id} for one, call_id in changes.found]),
        "calls": _json(list(map(_call, calls))),
        "facts": [entry.facts.encode().decode() for entry in calls],
        "snapshots": [changes.snapshots.render(entry.snapshot).decode() for entry in calls],
        "new_keys": _json(new_keys),
        "moved_keys": _json(moved_keys),
        "events": _json(list(map(_event, changes.entries))),
        "event_bodies": [event.body for event in changes.entries],
    }


def _keys(changes: Changes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Those that must be new, and those that may have belonged to another call."""
    new: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for key, call_id in changes.book.new_keys.items():
        fresh = changes.known_keys is not None and key not in changes.known_keys
        (new if fresh else moved).append({"account_id": key[0], "vendor_call_id": key[1], "call_id": call_id})
    return new, moved


def _json(rows: list[dict[str, Any]]) -> str | None:
    """None where there is nothing to write."""
    return orjson.dumps(rows).decode() if rows else None


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
    }


def _call(entry: Entry) -> dict[str, Any]:
    shown = entry.snapshot
    return {
        "id": entry.id,
        "account_id": entry.account.id,
        "version": entry.version,
        "state": shown["state"],
        "started_at": shown["started_at"],
        "ended_at": shown["ended_at"],
        "from_number": shown["from"]["number"] or "",
        "to_number": shown["to"]["number"] or "",
        "extension_ids": extensions_of(entry.state),
        "external_id": shown["external_id"] or "",
        "awaiting_vendor": entry.awaiting_vendor,
        "merged_into": entry.merged_into,
    }


def _event(event: LogEntry) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "type": event.type,
        "account_id": event.account_id,
        "call_id": event.call_id,
        "delivery_id": event.delivery_id,
        "extension_ids": event.extension_ids,
    }
