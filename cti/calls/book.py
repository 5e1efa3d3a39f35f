"""The calls that one transaction works on: finds the call of each vendor event, folds it, collects what is to be told.

Pure: whoever reads and writes the database (cti.ingest, cti.calls.store) fills a book and empties it again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field, structs

from common.ids import new_uuid
from cti.calls import view
from cti.calls.changes import Change, changes
from cti.calls.directory import Directory
from cti.calls.facts import CallFacts, Closed, Request
from cti.calls.machine import fold
from cti.calls.matching import MATCH_WITHIN, find_asking, find_nameless, find_placed, same_parties
from cti.calls.state import CallState
from integrations.contract.events import CtiEvent, EndReason, Notice


class AccountContext(Struct, frozen=True):
    """What the calls of an account need to know of it."""

    id: UUID
    vendor: str
    directory: Directory
    actions: view.Actions
    directory_version: int = 0


class Entry(Struct, gc=False):
    """A call in the book."""

    id: UUID
    account: AccountContext
    facts: CallFacts
    version: int = 0
    merged_into: UUID | None = None
    awaiting_vendor: bool = False
    snapshot: dict[str, Any] = field(default_factory=dict)
    folded: CallState | None = None
    dirty: bool = False

    @property
    def state(self) -> CallState:
        if self.folded is None:
            self.folded = fold(self.facts, self.account.directory)
        return self.folded


class Told(Struct, frozen=True, gc=False):
    """An event for the log, with the call as it was right after."""

    type: str
    change: dict[str, Any]
    snapshot: dict[str, Any]
    entry: Entry
    occurred_at: datetime
    cause: CtiEvent | None


class Noted(Struct, frozen=True):
    """An event for the log that isn't about a call."""

    notice: Notice
    account: AccountContext


class Book:
    """The calls of a tenant that a transaction has read, by id and by the vendor's ids."""

    def __init__(self, new_id: Callable[[], UUID] = new_uuid) -> None:
        self.entries: dict[UUID, Entry] = {}
        self.keys: dict[tuple[UUID, str], UUID] = {}
        self.new_keys: dict[tuple[UUID, str], UUID] = {}
        self.told: list[Told] = []
        self.noted: list[Noted] = []
        self._new_id = new_id

    def put(self, entry: Entry) -> None:
        self.entries.setdefault(entry.id, entry)

    # One vendor event.

    def apply(self, event: CtiEvent, account: AccountContext, waiting: "list[CtiEvent] | None" = None) -> Entry | None:
        """Takes in one event; answers the call that it belongs to, or None when it names none and none fits.

        `waiting` are events of the account that came without a call id; those that fit a new call join it.
        """
        if event.vendor_call_id is None and not event.strands:
            return self._apply_nameless(event, account)
        names = event.names
        ids = {self.keys[account.id, name]: None for name in names if (account.id, name) in self.keys}
        found = [self.entries[call_id] for call_id in ids]
        if not found:
            found = [self._expected(event, account) or self._open(account)]
        joined = [name for each in found for name in each.state.strands] if len(found) > 1 else []
        entry = self._join(found, event) if joined else found[0]
        for name in names:
            self._own(account, name, entry)
        for earlier in waiting or ():
            if same_parties(earlier, event) and abs(event.occurred_at - earlier.occurred_at) <= MATCH_WITHIN:
                entry.facts.add(structs.replace(earlier, vendor_call_id=names[0]))
        self._add(entry, event, joined)
        return entry

    def _open(self, account: AccountContext) -> Entry:
        entry = Entry(id=self._new_id(), account=account, facts=CallFacts())
        self.put(entry)
        return entry

    def _own(self, account: AccountContext, name: str, entry: Entry) -> None:
        if self.keys.get((account.id, name)) != entry.id:
            self.keys[account.id, name] = self.new_keys[account.id, name] = entry.id

    def _add(self, entry: Entry, event: CtiEvent, joined: Sequence[str] = ()) -> None:
        before = entry.state if entry.version else None
        if entry.facts.add(event):
            entry.awaiting_vendor = entry.facts.asking is not None
            self._step(entry, before, event, event.occurred_at, joined)

    def _step(
        self,
        entry: Entry,
        before: CallState | None,
        cause: CtiEvent | None,
        at: datetime,
        joined: Sequence[str] = (),
    ) -> None:
        """Folds anew, and notes what changed."""
        entry.folded = None
        if before and before.ended_at and entry.state.ended_at is None:  # nothing reopens a call
            entry.facts.closed = Closed(at=before.ended_at, reason=before.end_reason or EndReason.HANGUP)
            entry.folded = None
        after = entry.state
        entry.dirty = True
        shown = self._show(entry)
        out = changes(entry.id, before, after, cause, joined)
        if not out and shown == entry.snapshot:
            return
        if not out and not (before and before.ended_at):
            out = [Change("call.updated", {})]
        entry.version += 1
        shown["version"] = entry.version
        entry.snapshot = shown
        self.told += [Told(change.type, change.change, shown, entry, at, cause) for change in out]

    @staticmethod
    def _show(entry: Entry) -> dict[str, Any]:
        shown = view.snapshot(
            call_id=entry.id,
            account_id=entry.account.id,
            vendor=entry.account.vendor,
            facts=entry.facts,
            call=entry.state,
            actions=entry.account.actions,
        )
        shown["version"] = entry.version
        return shown

    # Events that don't say which call.

    def _apply_nameless(self, event: CtiEvent, account: AccountContext) -> Entry | None:
        entry = find_nameless(self.entries.values(), event, account)
        if entry is not None:
            self._add(entry, structs.replace(event, vendor_call_id=entry.facts.events[0].vendor_call_id))
        return entry

    def _expected(self, event: CtiEvent, account: AccountContext) -> Entry | None:
        """The call that we asked for, or during which we asked for another, and of which this is the first word."""
        placed = find_placed(self.entries.values(), event, account)
        if placed is not None:
            return placed
        entry = find_asking(self.entries.values(), event, account)
        if entry is not None:
            entry.facts.asking = None
            entry.facts.consultations = [*entry.facts.consultations, *event.names]
        return entry

    # Joining calls that turn out to be one.

    def _join(self, entries: list[Entry], event: CtiEvent) -> Entry:
        """Lets the eldest call that is still going on take over the connections of the others."""
        survivor = min(entries, key=lambda entry: (entry.state.ended_at is not None, *_seniority(entry)))
        before = survivor.state if survivor.version else None
        for other in entries:
            if other is survivor:
                continue
            self._absorb(other, survivor, event.occurred_at)
        survivor.folded = before  # so that the step of `event` itself tells what the join brought
        return survivor

    def _absorb(self, other: Entry, survivor: Entry, at: datetime) -> None:
        """What is known of the other, and its names, are the survivor's from now on."""
        for known in other.facts.events:
            survivor.facts.add(known)
        for name in other.facts.vendor_call_ids():
            self._own(survivor.account, name, survivor)
        before = other.state
        other.merged_into = survivor.id
        other.facts.closed = Closed(at=at, reason=EndReason.TRANSFERRED)
        self._step(other, before, None, at)

    # What isn't told by the vendor.

    def expect(self, account: AccountContext, facts: CallFacts) -> Entry:
        """A call that is about to be asked for: stored with version 0, told to nobody."""
        entry = self._open(account)
        entry.facts, entry.awaiting_vendor, entry.dirty = facts, True, True
        entry.snapshot = self._show(entry)
        return entry

    def confirm(self, entry: Entry, vendor_call_id: str | None, at: datetime) -> None:
        """The vendor accepted a call that we asked for.

        Its events may have been faster, and not been known for what was asked for: then their call is this one.
        """
        before, other = entry.state if entry.version else None, None
        if vendor_call_id and entry.facts.request:
            owner = self.keys.get((entry.account.id, vendor_call_id))
            if owner is not None and owner != entry.id:
                other = self.entries[owner]
                self._absorb(other, entry, at)
            if owner != entry.id:
                self._own(entry.account, vendor_call_id, entry)
                entry.awaiting_vendor = False
                entry.facts.request = structs.replace(entry.facts.request, vendor_call_id=vendor_call_id)
        if before is None or other is not None:
            self._step(entry, before, None, at)

    def ask(self, entry: Entry, asking: Request | None) -> None:
        """A consultation is about to be asked of the vendor; None: it refused."""
        entry.facts.asking, entry.awaiting_vendor, entry.dirty = asking, asking is not None, True

    def link(self, entry: Entry, vendor_call_id: str, at: datetime) -> None:
        """A call of the vendor's that somebody on this call placed, to ask: its events are this call's too."""
        other = self.entries.get(self.keys.get((entry.account.id, vendor_call_id), entry.id), entry)
        before = entry.state
        entry.facts.asking, entry.awaiting_vendor = None, False
        if vendor_call_id not in before.strands:  # else whoever is asked is on the very call
            entry.facts.consultations = sorted({*entry.facts.consultations, vendor_call_id})
        if other is not entry:  # its events were faster
            self._absorb(other, entry, at)
        self._own(entry.account, vendor_call_id, entry)
        self._step(entry, before, None, at)

    def close(self, entry: Entry, reason: EndReason, at: datetime) -> None:
        """Gives up a call that the vendor no longer has."""
        before = entry.state if entry.version else None
        if entry.state.ended_at is None:
            entry.facts.closed = Closed(at=at, reason=reason)
            entry.awaiting_vendor = False
            self._step(entry, before, None, at)


def _seniority(entry: Entry) -> tuple[bool, datetime, UUID]:
    inbound = any(strand.direction == "inbound" for strand in entry.state.strands.values())
    began = min(event.occurred_at for event in entry.facts.events)
    return not inbound, began, entry.id
