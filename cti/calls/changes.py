"""What to tell the world when a call went from one state to the next: the contract's events, in their order. Pure."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from cti.calls.state import ALERTING, CallState, TransferTold
from cti.calls.view import leg_id, party
from integrations.contract.events import CtiEvent, EndReason, EventType


class Change(Struct, frozen=True):
    """An event to be logged: its type and what its `data.change` says."""

    type: str
    change: dict[str, Any]


def changes(call_id: UUID, before: CallState | None, after: CallState, cause: CtiEvent | None) -> list[Change]:
    """The events of one step. A call that was over stays silent: nothing follows `call.cleared`."""
    if before is not None and before.ended_at is not None:
        return []
    out = [Change("call.originated", {})] if before is None else []
    previous = before or CallState()
    out += _legs(call_id, previous, after)
    if cause is not None:
        out += _told(cause, after)
    out += _call(previous, after)
    if after.ended_at is not None:
        reason = after.end_reason or EndReason.HANGUP
        if reason is EndReason.FAILED:
            out.append(Change("call.failed", {"reason": reason.value}))
        out.append(Change("call.cleared", {"reason": reason.value}))
    return out


def _legs(call_id: UUID, before: CallState, after: CallState) -> list[Change]:
    delivered, established = [], []
    for key, leg in after.legs.items():
        old = before.legs.get(key)
        if leg.answered_at and leg.role != "caller" and not (old and old.answered_at):
            established.append(Change("call.established", {"leg_id": leg_id(call_id, key)}))
        elif leg.state == ALERTING and not (old and old.state == ALERTING):
            delivered.append(Change("call.delivered", {"leg_id": leg_id(call_id, key)}))
    return delivered + established


def _told(cause: CtiEvent, after: CallState) -> list[Change]:
    """What the vendor says in so many words, and the states alone don't show."""
    if cause.type is EventType.BRIDGED:
        return [Change("call.bridged", {"vendor_call_ids": [strand.vendor_call_id for strand in cause.strands]})]
    if cause.identity in after.transfers:
        return [Change("call.transferred", _transfer(after.transfers[cause.identity]))]
    return []


def _transfer(told: TransferTold) -> dict[str, Any]:
    return {
        "before": {"from": party(told.before_from), "to": party(told.before_to)},
        "after": {"from": party(told.after_from), "to": party(told.after_to)},
        "initiator": party(told.initiator) if told.initiator else None,
        "mode": told.mode,
    }


def _call(before: CallState, after: CallState) -> list[Change]:
    out = []
    if after.ended_at is None and before.held != after.held:
        out.append(Change("call.held" if after.held else "call.retrieved", {}))
    if before.recording != after.recording:
        out.append(Change("call.recording_changed", {"recording": {"state": "on" if after.recording else "off"}}))
    return out
