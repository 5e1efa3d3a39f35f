"""A PBX account's extensions as the state machine needs them: who a party is."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from cti.calls.numbers import normalize
from integrations.contract.events import Party


class QueueEntry(Struct, frozen=True):
    """A queue of callers."""

    id: UUID
    vendor_queue_id: str
    number: str
    agents: Sequence[UUID] = ()
    """The extensions of those who answer it."""


class Entry(Struct, frozen=True):
    """An extension."""

    id: UUID
    vendor_extension_id: str
    number: str
    name: str
    type: str
    external_number: str = ""


class Person(Struct, frozen=True, gc=False):
    """A party, resolved: `key` is the same for every way in which the vendor names the same party of a call."""

    key: str
    number: str | None = None
    number_raw: str | None = None
    name: str | None = None
    extension_id: UUID | None = None
    anonymous: bool = False
    is_agent: bool = False
    """One of our users' phones, neither an outside party nor a dialplan."""
    is_dialplan: bool = False
    is_queue: bool = False
    queue_id: UUID | None = None

    @property
    def is_service(self) -> bool:
        """Nobody who speaks: a menu, a group or a queue that leads to somebody."""
        return self.is_dialplan or self.is_queue


NOBODY = Person(key="?")


class Directory:
    """Finds parties among an account's extensions; `region` is the country of numbers without a country code."""

    def __init__(self, entries: Iterable[Entry], region: str, queues: Iterable[QueueEntry] = ()) -> None:
        self.region = region
        self._queues: dict[str, QueueEntry] = {}
        for queue in queues:
            self._queues |= {name: queue for name in (queue.number, queue.vendor_queue_id) if name}
        self._by_id: dict[str, Entry] = {}
        self._by_number: dict[str, Entry] = {}
        for entry in entries:
            self._by_id[entry.vendor_extension_id] = entry
            self._by_number[entry.number] = entry
            if entry.external_number:
                self._by_number.setdefault(normalize(entry.external_number, region), entry)

    def resolve(self, party: Party | None, aliases: dict[str, str]) -> Person:
        """Who that is. `aliases` maps numbers to the vendor's extension ids as this call's own events tell them."""
        if party is None:
            return NOBODY
        number = normalize(party.number, self.region) if party.number else None
        vendor_id = party.extension_id or (aliases.get(number) if number else None)
        entry = self._by_id.get(vendor_id) if vendor_id else None
        if entry is None and number and not vendor_id:
            entry = self._by_number.get(number)
        if entry is not None:
            return self._person(entry, party, number)
        key = f"x:{vendor_id}" if vendor_id else f"n:{number}" if number else "anonymous" if party.anonymous else "?"
        return Person(
            key=key,
            number=number,
            number_raw=party.number,
            name=party.name,
            anonymous=party.anonymous,
            is_agent=vendor_id is not None,
        )

    def extension_id(self, vendor_extension_id: str | None) -> UUID | None:
        """Our id of the vendor's extension."""
        entry = self._by_id.get(vendor_extension_id or "")
        return entry.id if entry else None

    def queue_id(self, *names: str | None) -> UUID | None:
        """Our id of the queue with one of these names: the vendor's id, or its number."""
        return next((self._queues[name].id for name in names if name in self._queues), None)

    def agents_of(self, vendor_queue_id: str | None) -> Sequence[UUID]:
        """The extensions of those who answer the vendor's queue."""
        entry = self._queues.get(vendor_queue_id or "")
        return entry.agents if entry else ()

    def _person(self, entry: Entry, party: Party, number: str | None) -> Person:
        return Person(
            key=f"x:{entry.vendor_extension_id}",
            number=entry.number if entry.type == "user" else number or entry.number,
            number_raw=party.number or entry.number,
            name=entry.name or party.name,
            extension_id=entry.id,
            anonymous=party.anonymous,
            is_agent=entry.type == "user",
            is_dialplan=entry.type == "dialplan",
            is_queue=entry.type == "queue",
            queue_id=self.queue_id(entry.vendor_extension_id, entry.number) if entry.type == "queue" else None,
        )
