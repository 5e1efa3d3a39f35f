"""What a process remembers of tenants between batches, so that most batches need no reading.

A memory is what the database held at one revision of the tenant's log head. Every writer moves the revision on, and a batch that
was planned from memory commits only if it hasn't moved (`cti.calls.commit`); so a memory may be out of date, or forget, but a
batch never builds on what is no longer so. What isn't remembered is unknown, not absent: an event of a call that was forgotten
looks like a new call's, and the vendor's call id, which is unique, refuses it (docs/calls.md).
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from cti.calls.book import AccountContext, Book, Entry
from cti.calls.commit import Changes, Head, Key
from cti.ingest.plan import MAX_WAITING, Incoming, Waiting

MAX_CALLS = 2_000
"""Of one tenant. Those that have ended leave first, then those of which nothing was heard for longest."""
MAX_NAMES = 20_000
"""Of one tenant: vendor call ids of calls that must be read before anything is planned for them."""
MAX_SEEN = 5_000
MAX_CALLS_IN_ALL = 20_000
IDLE_SECONDS = 60.0
HEARD_OF_EVERY = timedelta(seconds=10)


class Memory:
    """One tenant's. `accounts` are those of which everything that planning needs is remembered or named in `unread`."""

    def __init__(self) -> None:
        self.head = Head(0, 0)
        self.spoiled = False
        """It may not be as the database is, whatever the revision says."""
        self.accounts: dict[UUID, AccountContext] = {}
        self.waiting: list[Waiting] = []
        self.seen: OrderedDict[Key, None] = OrderedDict()
        """The identities of vendor events that came lately, by account; in the order of their coming."""
        self._entries: OrderedDict[UUID, Entry] = OrderedDict()  # what was used last comes last
        self._keys: dict[Key, UUID] = {}
        self._names: dict[UUID, list[Key]] = {}
        self._ended: OrderedDict[UUID, None] = OrderedDict()
        self._awaiting: set[UUID] = set()
        self._unread: OrderedDict[Key, None] = OrderedDict()
        self._heard_of: dict[UUID, datetime] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def suffices(self, batch: Iterable[Incoming]) -> bool:
        """Whether the batch can be planned without reading, and written in one statement.

        Events that name no call may belong to any recent one; what notices tell is kept beside the log.
        """
        return all(
            incoming.account_id in self.accounts
            and incoming.names_its_calls
            and not incoming.notices
            and self._unread.keys().isdisjoint(incoming.vendor_calls())
            for incoming in batch
        )

    def open_book(self, keys: Iterable[Key], accounts: Iterable[UUID]) -> Book:
        """The remembered calls of these names, and those of these accounts that the vendor has yet to tell of."""
        book = Book()
        for call_id in dict.fromkeys(call_id for key in keys if (call_id := self._keys.get(key))):
            self._put(book, call_id)
        for call_id in self._awaiting:
            if self._entries[call_id].account.id in accounts:
                self._put(book, call_id)
        return book

    def _put(self, book: Book, call_id: UUID) -> None:
        book.put(self._entries[call_id])
        book.keys.update(dict.fromkeys(self._names[call_id], call_id))

    def close_book(self, changes: Changes) -> None:
        """Remembers what is committed now."""
        book, self.head = changes.book, changes.after()
        for key, call_id in book.keys.items():
            before = self._keys.get(key)
            if before is not call_id and before != call_id:  # comparing UUIDs takes long
                self._keys[key] = call_id
                self._names.setdefault(call_id, []).append(key)
                self._unread.pop(key, None)
                if before is not None:
                    self._names[before].remove(key)
        for call_id, entry in book.entries.items():
            entry.dirty = False
            self._entries[call_id] = entry
            self._entries.move_to_end(call_id)
            if entry.snapshot["ended_at"] is not None:
                self._ended[call_id] = None
            self._names.setdefault(call_id, [])
            (self._awaiting.add if entry.awaiting_vendor else self._awaiting.discard)(call_id)
        self._forget()

    def still_holds(self, locked: Head, accounts: Mapping[UUID, AccountContext]) -> bool:
        """Whether nobody has written since but for the lock itself, and no directory has changed."""
        return locked.revision == self.head.revision + 1 and all(
            self.accounts.get(account_id, account) is account for account_id, account in accounts.items()
        )

    def learn(self, accounts: Mapping[UUID, AccountContext], live: Iterable[Key]) -> None:
        """Accounts are known when what is remembered of them and the names of their live calls are all that there is."""
        self.accounts.update(accounts)
        self._unread.update(dict.fromkeys(key for key in live if key not in self._keys))

    def heard_of(self, accounts: Iterable[UUID], now: datetime) -> list[UUID]:
        """Those of the accounts for which it is time to store that their vendor speaks."""
        due = [each for each in accounts if each not in self._heard_of or now - self._heard_of[each] > HEARD_OF_EVERY]
        self._heard_of.update(dict.fromkeys(due, now))
        return due

    def _forget(self) -> None:
        while len(self._entries) > MAX_CALLS:
            call_id = next(iter(self._ended or self._entries))
            entry = self._entries.pop(call_id)
            self._ended.pop(call_id, None)
            if call_id in self._awaiting:  # no name would lead back to it: the account must be learnt anew
                self._awaiting.discard(call_id)
                self.accounts.pop(entry.account.id, None)
            for key in self._names.pop(call_id):
                del self._keys[key]
                self._unread[key] = None
        del self.waiting[:-MAX_WAITING]
        while len(self._unread) > MAX_NAMES:
            self._unread.popitem(last=False)
        while len(self.seen) > MAX_SEEN:
            self.seen.popitem(last=False)


class Memories:
    """Those of the tenants that are busy; what was idle longest is forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[UUID, tuple[float, Memory]] = OrderedDict()
        self._calls = 0

    def take(self, tenant_id: UUID) -> Memory | None:
        """Hands a tenant's memory over. It isn't here while a batch changes it, nor comes back when that fails."""
        _, memory = self._kept.pop(tenant_id, (0.0, None))
        self._calls -= len(memory or ())
        return memory

    def keep(self, tenant_id: UUID, memory: Memory) -> None:
        """Keeps a memory that is as the database is, for the tenant's next batch."""
        now = self._clock()
        self._kept[tenant_id] = now, memory
        self._calls += len(memory)
        while self._calls > MAX_CALLS_IN_ALL or next(iter(self._kept.values()))[0] < now - IDLE_SECONDS:
            _, (_, forgotten) = self._kept.popitem(last=False)
            self._calls -= len(forgotten)
