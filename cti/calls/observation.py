"""Folding what vendors show of a call (EventType.OBSERVED) into it: connections, from them legs, from them what follows.

A connection is a leg as one of the vendor's calls shows it. A party may have several: it is on two calls, as in a
consultation, or both sides of a conversation tell of it; then what the vendor says of the party itself outweighs what it
says of it from the other side (`inferred`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from cti.calls.directory import NOBODY, Person
from cti.calls.state import (
    ALERTING,
    CONNECTED,
    FAIL,
    HOLD,
    INITIATED,
    NULL,
    PARKED,
    QUEUED,
    TALKING,
    CallState,
    Connection,
    Leaver,
    Leg,
    TransferTold,
)
from integrations.contract.events import CtiEvent, EndReason, LegView

if TYPE_CHECKING:
    from cti.calls.machine import Fold

_RANK = (NULL, INITIATED, QUEUED, PARKED, ALERTING, HOLD, CONNECTED)
_UNREACHED_REASONS = (EndReason.VOICEMAIL, EndReason.BUSY, EndReason.REJECTED, EndReason.NO_ANSWER, EndReason.FAILED)


def observe(fold: "Fold", event: CtiEvent) -> None:
    """Takes in how one of the vendor's calls stands."""
    strand = fold.begin(event)
    if strand is None or event.vendor_call_id is None:
        return
    touched = dict.fromkeys(_connections(fold, event, event.vendor_call_id))
    for key in touched:
        _settle_leg(fold.call, key, event.occurred_at)
    _settle_parties(fold, event)
    _hand_over(fold.call, event.occurred_at)
    _settle_call(fold, event)
    _end_strands(fold, event)


# Connections.


def _connections(fold: "Fold", event: CtiEvent, strand: str) -> Iterable[str]:
    """Updates the connections of the strand; yields the keys of the legs that it touched."""
    shown = set()
    for view in event.legs:
        person = fold.person(view.party)
        if person.key == NOBODY.key:
            continue
        shown.add(view.vendor_leg_id)
        connection = _connection(fold.call, strand, view, person)
        if event.order is not None and event.order < connection.order:
            continue
        _take(connection, view, person, event)
        fold.leg(person, view.role, event)
        yield person.key
    for connection in fold.call.connections.values():
        if event.complete and connection.strand == strand and connection.live and connection.vendor_leg_id not in shown:
            connection.end(None)
            yield connection.key


def _connection(call: CallState, strand: str, view: LegView, person: Person) -> Connection:
    connection = call.connections.get((strand, view.vendor_leg_id))
    if connection is None:
        connection = call.connections[strand, view.vendor_leg_id] = Connection(
            person.key, strand, view.vendor_leg_id, view.inferred
        )
    elif connection.key != person.key:  # it is known better by now, as who it is
        former, connection.key = connection.key, person.key
        if not any(each.key == former for each in call.connections.values()):
            call.legs.pop(former, None)
    return connection


def _take(connection: Connection, view: LegView, person: Person, event: CtiEvent) -> None:
    connection.muted, connection.device_id, connection.parked_at = view.muted, view.device_id, view.parked_at
    connection.inferred, connection.transfer = view.inferred, view.transfer
    connection.order = connection.order if event.order is None else event.order
    if view.state in (NULL, FAIL):
        connection.end(view.reason or (EndReason.FAILED if view.state is FAIL else None))
        return
    connection.state = QUEUED if view.state is ALERTING and person.is_queue else view.state
    connection.reason, connection.left_lately = None, False


def end_connections(call: CallState, key: str, reason: EndReason) -> None:
    """The vendor says that somebody has left, before it shows that they have."""
    for connection in call.connections.values():
        if connection.key == key and connection.live:
            connection.end(reason)


# Legs.


def _of_leg(call: CallState, key: str) -> list[Connection]:
    """The leg's connections, without those that only the other side tells of where there are any."""
    every = [each for each in call.connections.values() if each.key == key]
    return [each for each in every if not each.inferred] or every


def _settle_leg(call: CallState, key: str, at: datetime) -> None:
    """What the leg's connections make of it."""
    leg, connections = call.legs[key], _of_leg(call, key)
    best = max(connections, key=lambda each: _RANK.index(each.state))
    leg.vendor_leg_id, leg.muted, leg.device_id = best.vendor_leg_id, best.muted, best.device_id or leg.device_id
    leg.parked_at = best.parked_at
    if not best.live:
        if leg.live:
            _leave(call, leg, connections, at)
        return
    if best.state == INITIATED:
        leg.state = INITIATED if not leg.reached else leg.state
    elif leg.state != best.state:
        if not leg.live:
            for each in connections:
                each.left_lately = False
        leg.enter(best.state)
    if best.state == QUEUED:
        call.queue = key
    if best.state in TALKING:
        _unpark(call, connections, at)
    if best.state in TALKING and leg.role in ("callee", "participant") and not leg.person.is_service:
        leg.answered_at = leg.answered_at or at
        call.answered_at = call.answered_at or at


def _unpark(call: CallState, connections: list[Connection], at: datetime) -> None:
    """Whoever talks elsewhere was picked up. Where only the other side told that they were parked, it tells no more."""
    for parked in [each for each in connections if each.state == PARKED and each.inferred]:
        parked.end(None)
        if not any(each.live for each in call.connections.values() if each.strand == parked.strand):
            call.strands[parked.strand].ended_at = at


def _leave(call: CallState, leg: Leg, connections: list[Connection], at: datetime) -> None:
    lately = [each for each in connections if each.left_lately]
    reasons = [each.reason for each in lately if each.reason is not None]
    handed_over = EndReason.TRANSFERRED in reasons
    if handed_over and leg.state in TALKING:
        _note_leaver(call, leg, lately, at)
    talked = leg.answered_at is not None or leg.role == "caller"
    told = EndReason.TRANSFERRED if handed_over else reasons[-1] if reasons else None
    leg.leave(at, told or (EndReason.HANGUP if talked else EndReason.CANCELLED))


# Handing over.


def _note_leaver(call: CallState, leg: Leg, connections: list[Connection], at: datetime) -> None:
    """Remembers who talked to whom until now, on the call that the customer is on.

    Who was asked in a consultation goes over to the customer's call too, but hands nothing over.
    """
    left = [each for each in connections if each.reason is EndReason.TRANSFERRED]
    strand = min(left, key=lambda each: (each.strand != call.primary, each.strand)).strand
    mode = next((each.transfer for each in left if each.strand == strand), "blind")
    if mode == "attended" and len(call.strands) > 1 and len({each.strand for each in connections}) == 1:
        return
    keys = [each.key for each in call.connections.values() if each.strand == strand and each.key != leg.person.key]
    counterpart = next((key for key in keys if key in (call.caller, call.callee)), keys[0] if keys else NOBODY.key)
    before = (leg.person.key, counterpart) if leg.role == "caller" else (counterpart, leg.person.key)
    call.leavers[f"{leg.person.key}@{at.isoformat()}"] = Leaver(leg.person.key, *before, mode)


def _hand_over(call: CallState, at: datetime) -> None:
    """Finds out who goes on in the stead of those who left; whoever parked the call has not handed it over."""
    if any(leg.state == PARKED for leg in call.legs.values()):
        call.leavers.clear()
    for identity, leaver in list(call.leavers.items()):
        successor = _successor(call, leaver)
        if successor is None:
            continue
        del call.leavers[identity]
        after_from = successor if leaver.before_from == leaver.key else leaver.before_from
        after_to = successor if leaver.before_to == leaver.key else leaver.before_to
        people = call.people
        call.transfers[identity] = TransferTold(
            before_from=people.get(leaver.before_from, NOBODY),
            before_to=people.get(leaver.before_to, NOBODY),
            after_from=people.get(after_from, NOBODY),
            after_to=people.get(after_to, NOBODY),
            initiator=people.get(leaver.key),
            mode="attended" if have_talked(call, leaver.key, successor) else leaver.mode,
        )
        call.caller, call.callee = after_from, after_to
        _supersede(call, leaver, at)


def _successor(call: CallState, leaver: Leaver) -> str | None:
    """The last that came of those who are on the call and weren't talking before."""
    fitting = [
        (leg.joined_at, key)
        for key, leg in call.legs.items()
        if leg.live
        and leg.role != "supervisor"
        and not leg.person.is_service
        and key not in (leaver.before_from, leaver.before_to)
    ]
    return max(fitting)[1] if fitting else None


def have_talked(call: CallState, key: str, other: str) -> bool:
    """Whether somebody on two of the vendor's calls had the other on one: then it was a consultation, whatever it is called."""
    strands = [{each.strand for each in call.connections.values() if each.key == one} for one in (key, other)]
    return bool(strands[0] & strands[1]) and len(strands[0]) > 1


def _supersede(call: CallState, leaver: Leaver, at: datetime) -> None:
    """The vendor's call of whoever left goes on as another: where it only tells of the other side, it is over."""
    strands = {each.strand for each in call.connections.values() if each.key == leaver.key and not each.inferred}
    for strand in strands:
        connections = [each for each in call.connections.values() if each.strand == strand]
        if any(each.live and not each.inferred for each in connections) or call.strands[strand].ended_at:
            continue
        for connection in connections:
            connection.end(None)
        call.strands[strand].ended_at = at


# The call.


def _settle_parties(fold: "Fold", event: CtiEvent) -> None:
    call = fold.call
    for view in event.legs:
        key = fold.person(view.party).key
        if key not in call.legs or event.vendor_call_id in fold.facts.consultations:
            continue
        if view.role == "caller" and call.caller == NOBODY.key:
            call.caller = key
        elif view.role == "callee" and (fold.unreached(call.callee) or _takes_over(call, key)):
            call.callee = key


def _settle_call(fold: "Fold", event: CtiEvent) -> None:
    call = fold.call
    call.held = _is_held(call, fold.facts.consultations)
    call.conference = call.conference if event.conference is None else event.conference
    call.recording = event.recording or call.recording
    call.recording_saved = call.recording_saved if event.recording_saved is None else event.recording_saved
    call.recording_id = event.recording_id or call.recording_id


def _takes_over(call: CallState, key: str) -> bool:
    """Whether the one who was called is rather this one: it talks, or rings, and the other doesn't."""
    current, candidate = call.legs[call.callee], call.legs[key]
    if current.answered_at is not None and current.live:
        return False
    return candidate.live and (candidate.state in TALKING or not current.live or current.person.is_service)


def _is_held(call: CallState, consultations: Iterable[str]) -> bool:
    """Whether somebody is on hold in the conversation itself; that its agent asks somebody meanwhile is no hold of it.

    Whoever leaves with the others on hold leaves them so, until somebody has taken over.
    """
    live = {key for key, strand in call.strands.items() if strand.ended_at is None}
    counted = live.difference(consultations) or live
    shown = [each for each in call.connections.values() if each.strand in counted]
    if any(each.state == HOLD for each in shown):
        return True
    left = [each for each in shown if each.left_holding and each.left_lately]
    leaving = {leaver.key for leaver in call.leavers.values()}
    talking = {key for key, leg in call.legs.items() if leg.person.is_agent and leg.state == CONNECTED}
    return any(each.key in leaving | talking if each.handed_over else not talking for each in left)


def _end_strands(fold: "Fold", event: CtiEvent) -> None:
    call = fold.call
    strand = event.vendor_call_id or ""
    connections = [each for each in call.connections.values() if each.strand == strand]
    if connections and not any(each.live for each in connections):
        call.strands[strand].ended_at = event.occurred_at
    if call.strands and all(each.ended_at is not None for each in call.strands.values()):
        fold.end(event.occurred_at, event.reason or _end_reason(call))


def _end_reason(call: CallState) -> EndReason:
    """Why a call is over that nobody gave a reason for: what its legs tell."""
    reasons = [leg.end_reason for leg in call.legs.values() if leg.role != "caller"]
    if call.leavers:
        return EndReason.TRANSFERRED
    if call.answered_at is None:
        return next((each for each in _UNREACHED_REASONS if each in reasons), EndReason.HANGUP)
    return EndReason.HANGUP
