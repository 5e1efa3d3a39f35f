"""From a batch of one tenant's deliveries to what is written of them. Pure."""

import hashlib
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Struct

from cti.calls.book import AccountContext, Book, Entry, Noted
from cti.calls.commit import DeliveryRow
from integrations.contract.events import CtiEvent, Notice, Reconcile

log = structlog.get_logger(__name__)


class Incoming(Struct, frozen=True, gc=False):
    """A delivery as it came in: raw, and what the adapter made of it."""

    id: UUID
    account_id: UUID
    subscription_id: UUID | None
    received_at: datetime
    body: bytes
    events: tuple[CtiEvent, ...] = ()
    notices: tuple[Notice, ...] = ()
    reconcile: tuple[Reconcile, ...] = ()
    ignored: str | None = None
    error: str | None = None

    @property
    def identity(self) -> str | None:
        """What makes it a duplicate of an earlier one: everything that it tells has been told."""
        if len(self.events) > 1:
            identities = "\n".join(event.identity for event in self.events)
            return f"sha256:{hashlib.sha256(identities.encode()).hexdigest()}"
        if self.events:
            return self.events[0].identity
        return self.notices[0].identity if self.notices else None

    @property
    def names_its_calls(self) -> bool:
        """Else it may belong to any recent one between its parties."""
        return all(event.vendor_call_id is not None or event.strands for event in self.events)

    def vendor_calls(self) -> list[tuple[UUID, str]]:
        """The vendor's calls that it names."""
        return [(self.account_id, name) for event in self.events for name in event.names]


MAX_WAITING = 200
"""The latest deliveries that wait for their calls; whatever waits behind so many has long missed its call."""


class Waiting(Struct):
    """An earlier delivery that came without a call id, and waits for the call that it belongs to."""

    id: UUID
    account_id: UUID
    event: CtiEvent


class Plan(Struct):
    """What is to be written, beside the calls in the book."""

    deliveries: list[DeliveryRow] = []
    found: list[tuple[UUID, UUID]] = []
    by_identity: dict[str, UUID] = {}
    broken: bool = False
    """An event could not be applied: what it left in the book may not be what is stored."""


def plan(
    batch: Sequence[Incoming],
    book: Book,
    accounts: Mapping[UUID, AccountContext],
    seen: MutableMapping[tuple[UUID, str], None],
    waiting: list[Waiting],
) -> Plan:
    """Applies the batch to the book in the order of arrival. One delivery's trouble is its own: it is kept as unparsed."""
    out = Plan()
    for incoming in batch:
        account = accounts.get(incoming.account_id)
        if account is None:
            continue  # disconnected a moment ago: its hook no longer exists, so nothing is stored
        identity = incoming.identity
        if identity is not None and (incoming.account_id, identity) in seen:
            out.deliveries.append(_row(incoming, "duplicate", note=f"seen before as {identity}"))
            continue
        row = _apply(incoming, account, book, waiting, out)
        out.deliveries.append(row)
        if row.identity is not None:
            seen[incoming.account_id, row.identity] = None
    return out


def _apply(incoming: Incoming, account: AccountContext, book: Book, waiting: list[Waiting], out: Plan) -> DeliveryRow:
    if incoming.error is not None:
        return _row(incoming, "unparsed", note=incoming.error)
    for notice in incoming.notices:
        book.noted.append(Noted(notice, account))
        out.by_identity[notice.identity] = incoming.id
    if incoming.notices and not incoming.events:
        return _row(incoming, "applied", identity=incoming.identity)
    if incoming.ignored is not None or not incoming.events:
        return _row(incoming, "ignored", note=incoming.ignored or "nothing in it is about a call")
    call: Entry | None = None
    mine = [each for each in waiting if each.account_id == incoming.account_id]
    try:
        for event in incoming.events:
            call = book.apply(event, account, [each.event for each in mine]) or call
            out.by_identity[event.identity] = incoming.id
    except Exception as error:
        # A defect of ours in one event must not cost the others: it is kept, shown, and can be replayed once mended.
        log.exception("event_not_applied", delivery=str(incoming.id))
        out.broken = True
        return _row(incoming, "unparsed", note=f"could not be applied: {type(error).__name__}")
    first = incoming.events[0]
    if call is None:
        waiting.append(Waiting(id=incoming.id, account_id=incoming.account_id, event=first))
        return _row(incoming, "waiting", identity=incoming.identity, note="names no call; waits for the events that do")
    for each in mine:
        if call.facts.knows(each.event.identity):
            waiting.remove(each)
            _found(each, call, out)
    return _row(incoming, "applied", identity=incoming.identity, call_id=call.id)


def _found(each: Waiting, call: Entry, out: Plan) -> None:
    """The call of an earlier delivery is known now: of this batch, or of one already written."""
    for row in out.deliveries:
        if row.id == each.id:
            row.status, row.note, row.call_id = "applied", "", call.id
            return
    out.found.append((each.id, call.id))


def _row(
    incoming: Incoming, status: str, *, identity: str | None = None, note: str = "", call_id: UUID | None = None
) -> DeliveryRow:
    return DeliveryRow(
        id=incoming.id,
        account_id=incoming.account_id,
        subscription_id=incoming.subscription_id,
        received_at=incoming.received_at,
        status=status,
        identity=identity,
        note=note,
        call_id=call_id,
        body=incoming.body,
    )
