"""Folding what vendors say of parties that change: transfers, and calls that become one."""

from typing import TYPE_CHECKING

from cti.calls.directory import NOBODY, Person
from cti.calls.handing_over import have_talked
from cti.calls.observation import end_connections
from cti.calls.state import ALERTING, CONNECTED, HOLD, INITIATED, NULL, StrandState, TransferTold
from integrations.contract.events import CtiEvent, EndReason, Strand

if TYPE_CHECKING:
    from cti.calls.machine import Fold


def transferred(fold: "Fold", event: CtiEvent) -> None:
    """The vendor says who talked to whom before and after."""
    transfer = event.transfer
    if transfer is None or not fold.begin(event):
        return
    after_from, after_to = fold.person(transfer.after_from), fold.person(transfer.after_to)
    initiator = fold.person(transfer.initiator) if transfer.initiator else None
    asked = initiator is not None and any(
        have_talked(fold.call, initiator.key, each.key) for each in (after_from, after_to)
    )
    told = TransferTold(
        before_from=fold.person(transfer.before_from),
        before_to=fold.person(transfer.before_to),
        after_from=after_from,
        after_to=after_to,
        initiator=initiator,
        mode="attended" if asked else transfer.mode,
    )
    fold.call.transfers[event.identity] = told
    for person, role in ((after_from, "caller"), (after_to, "callee")):
        leg = fold.leg(person, role, event)
        if leg and (leg.state == INITIATED or not leg.live):
            leg.enter(CONNECTED, assumed=True)
    for key in {told.before_from.key, told.before_to.key} - {after_from.key, after_to.key}:
        if key in fold.call.legs:
            fold.call.legs[key].leave(event.occurred_at, EndReason.TRANSFERRED)
            end_connections(fold.call, key, EndReason.TRANSFERRED)
        for connection in fold.call.connections.values():  # as the vendor showed them until now
            if connection.key == key:
                connection.state, connection.reason = NULL, EndReason.TRANSFERRED
    fold.call.caller = after_from.key if after_from.key != NOBODY.key else fold.call.caller
    fold.call.callee = after_to.key if after_to.key != NOBODY.key else fold.call.callee
    fold.call.held = any(leg.state == HOLD for leg in fold.call.legs.values())


def bridged(fold: "Fold", event: CtiEvent) -> None:
    """The vendor says which of its calls became one conversation."""
    for strand in event.strands:
        state = fold.call.strands.setdefault(strand.vendor_call_id, StrandState(started_at=event.occurred_at))
        state.direction = state.direction or strand.direction
        if state.ended_at is not None:
            continue
        for person in (fold.person(strand.from_), fold.person(strand.to)):
            _connect_bridged(fold, person, event, strand)
    _bridge_parties(fold, event)
    fold.call.answered_at = fold.call.answered_at or event.occurred_at


def _connect_bridged(fold: "Fold", person: Person, event: CtiEvent, strand: Strand) -> None:
    if person.is_dialplan:
        return
    role = "callee" if person.is_agent else "participant"
    leg = fold.leg(person, "caller" if person.key == fold.call.caller else role, event, strand.vendor_call_id)
    if leg and leg.state in (INITIATED, ALERTING):
        leg.enter(CONNECTED)


def _bridge_parties(fold: "Fold", event: CtiEvent) -> None:
    """The eldest strand says who called; an agent that it was connected to is the callee."""
    primary = fold.call.primary
    eldest = next((strand for strand in event.strands if strand.vendor_call_id == primary), None)
    if eldest and eldest.from_ is not None:
        fold.call.caller = fold.person(eldest.from_).key
    callee = fold.call.people.get(fold.call.callee, NOBODY)
    if callee.is_dialplan or (not callee.is_agent and callee.key not in fold.call.legs):
        agents = (fold.person(strand.to) for strand in event.strands)
        fold.call.callee = next((agent.key for agent in agents if agent.is_agent), fold.call.callee)
