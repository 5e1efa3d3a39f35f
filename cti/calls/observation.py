"""Folding what vendors show of a call (EventType.OBSERVED) into it: connections, from them legs, from them what follows.

A connection is a leg as one of the vendor's calls shows it. A party may have several: it is on two calls, as in a
consultation, or both sides of a conversation tell of it; then what the vendor says of the party itself outweighs what it
says of it from the other side (`inferred`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from cti.calls.directory import NOBODY, Person
from cti.calls.handing_over import hand_over, implied_mode, note_leaver
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
    Leg,
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
        _settle_leg(fold.call, key, event)
    _settle_parties(fold, event)
    hand_over(fold.call, event.occurred_at)
    _settle_call(fold, event)
    strand.shown_whole |= event.complete
    _end_strands(fold, event)


# Connections.


def _connections(fold: "Fold", event: CtiEvent, strand: str) -> Iterable[str]:
    """Updates the connections of the strand; yields the keys of the legs that it touched."""
    shown = set()
    for view in event.legs:
        person = fold.person(view.party)
        if person.key == NOBODY.key or _comes_too_soon(fold.call, strand, person, event):
            continue
        shown.add(view.vendor_leg_id)
        connection = _connection(fold.call, strand, view, person)
        order = view.order if view.order is not None else event.order
        if order is not None and order < connection.order:
            continue
        connection.order = connection.order if order is None else order
        _take(connection, view, person)
        fold.leg(person, view.role, event)
        yield person.key
    for connection in fold.call.connections.values():
        if event.complete and connection.strand == strand and connection.live and connection.vendor_leg_id not in shown:
            connection.end(None)
            connection.order = max(connection.order, event.order or 0)
            yield connection.key


def _comes_too_soon(call: CallState, strand: str, person: Person, event: CtiEvent) -> bool:
    """Whether somebody new in a conversation is only hinted at, where the next whole view tells what they do there."""
    if not event.in_passing or not call.strands[strand].shown_whole or person.key in call.legs:
        return False
    return any(leg.person.is_agent and leg.state in TALKING for leg in call.legs.values())


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


def _take(connection: Connection, view: LegView, person: Person) -> None:
    connection.muted, connection.device_id, connection.parked_at = view.muted, view.device_id, view.parked_at
    connection.inferred, connection.transfer = view.inferred, view.transfer
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


def _settle_leg(call: CallState, key: str, event: CtiEvent) -> None:
    """What the leg's connections make of it."""
    leg, connections, at = call.legs[key], _of_leg(call, key), event.occurred_at
    best = max(connections, key=lambda each: _RANK.index(each.state))
    leg.vendor_leg_id, leg.muted, leg.device_id = best.vendor_leg_id, best.muted, best.device_id or leg.device_id
    leg.parked_at = best.parked_at
    if not best.live:
        if leg.live:
            _leave(call, leg, connections, event)
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


def _leave(call: CallState, leg: Leg, connections: list[Connection], event: CtiEvent) -> None:
    at, lately = event.occurred_at, [each for each in connections if each.left_lately]
    if event.hands_over and (mode := implied_mode(call, leg)):
        for connection in lately:
            connection.reason, connection.transfer = connection.reason or EndReason.TRANSFERRED, mode
    reasons = [each.reason for each in lately if each.reason is not None]
    handed_over = EndReason.TRANSFERRED in reasons
    if handed_over and leg.state in TALKING:
        note_leaver(call, leg, lately, at)
    talked = leg.answered_at is not None or leg.role == "caller"
    told = EndReason.TRANSFERRED if handed_over else reasons[-1] if reasons else None
    untold = EndReason.HANGUP if talked else EndReason.CANCELLED
    if event.hands_over and not talked and call.answered_at is not None and leg.joined_at <= call.answered_at:
        untold = EndReason.ANSWERED_ELSEWHERE
    leg.leave(at, told or untold)


# The call.


def _settle_parties(fold: "Fold", event: CtiEvent) -> None:
    call = fold.call
    for view in event.legs:
        key = fold.person(view.party).key
        if key not in call.legs or event.vendor_call_id in fold.facts.consultations:
            continue
        if view.role == "caller" and not _is_shown(call, call.caller):
            call.legs.pop(call.caller, None)
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
    call.tags = call.tags if event.tags is None else event.tags


def _is_shown(call: CallState, key: str) -> bool:
    """Else it was only said who calls, or nobody."""
    return any(each.key == key for each in call.connections.values())


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
