"""What Dstny tells of users' calls, as events: webhooks of users and calls, and what our streams pass on.

A user has calls of their own, each with a `callId` of theirs: both sides of a call between two users tell of it, each under
its own id. `correlationId`, where it is sent, names what they have in common. No payload says whose it is, so the user stands
in the hook's address (`?user=`), or beside the state in what our streams and reads pass on: `{"user": …, "state": …}`.

A `stateToken` says which state it is, not in which order states came, and no payload has a time: what came later counts.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from integrations.contract.adapter import WebhookRequest
from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, Ignored, Notice, NoticeType, Reconcile
from integrations.contract.things import VendorQueue
from integrations.vendors.dstny.calls import may_go_on, observed, transferred
from integrations.vendors.dstny.queues import Group
from integrations.vendors.dstny.wire import CallState, Unreadable, UserState, convert, decode, many, unwrapped

_MAX_ID = 200
_MAX_IDENTITY = 300


class Told(Struct, frozen=True):
    """What our own streams and reads hand to `parse`, with whose it is."""

    user: str
    state: Any = None
    groups: list[Group] | None = None


def told(user: str, state: Any) -> bytes:
    """A state as `parse` reads it."""
    return msgspec.json.encode({"user": user, "state": state})


def told_groups(user: str, groups: Sequence[Any]) -> bytes:
    """A user's distribution groups as `parse` reads them."""
    return msgspec.json.encode({"user": user, "groups": groups})


def parse_delivery(request: WebhookRequest) -> Sequence[CtiEvent | Notice | Reconcile] | Ignored:
    """What a delivery says. Raises MalformedPayload, saying what is wrong, for what isn't of the document."""
    try:
        value = decode(request.body)
        if not isinstance(value, dict):
            raise MalformedPayload("not a Dstny notification: it is no object")
        return _parse(value, request)
    except Unreadable as error:
        raise MalformedPayload(f"not a Dstny notification: {error}") from error


def _parse(value: Mapping[str, Any], request: WebhookRequest) -> Sequence[CtiEvent | Notice | Reconcile] | Ignored:
    if "changedField" in value:  # "User Device Information": {"timeStamp", "changedField"}
        return Ignored("a user's devices have changed; they are listed when they are needed")
    if "user" in value and ("state" in value or "groups" in value):
        ours = convert(value, Told)
        if ours.groups is not None:
            return [_queue(each, request) for each in ours.groups]
        return [event for call in _calls(unwrapped(ours.state)) for event in _shown(ours.user, call, request)]
    user = request.query.get("user") or value.get("userId") or value.get("user")
    if not isinstance(user, str):
        raise MalformedPayload("the notification doesn't say whose calls it is about")
    if "callId" not in value and "calls" not in value:
        if "stateToken" not in value:
            raise MalformedPayload("the notification has neither calls nor a stateToken")
        return [Reconcile(user)]  # "the new stateToken of the state will be posted": how the call stands is to be asked
    calls = _calls(value)
    events = [event for call in calls for event in _shown(user, call, request)]
    over = tuple(call.call_id for call in calls if may_go_on(call))
    # Webhooks of users tell of new and deleted calls alone: what happens in between is told by webhooks of each call.
    return [*events, Reconcile(user, over)] if "calls" in value or over else events


def _calls(state: Any) -> list[CallState]:
    """Of one call's state, or of a user's."""
    if not isinstance(state, dict):
        raise Unreadable("the state of a call is no object")
    calls = [convert(state, CallState)] if "callId" in state else many(convert(state, UserState).calls)
    if not all(1 <= len(call.call_id) <= _MAX_ID and len(call.correlation_id or "") <= _MAX_ID for call in calls):
        raise Unreadable(f"a callId has 1 to {_MAX_ID} characters, and a correlationId no more")
    return calls


def _shown(user: str, call: CallState, request: WebhookRequest) -> Iterator[CtiEvent]:
    """What a state says, in the order in which it happened: a transfer rings whom nobody had asked before."""
    if may_go_on(call):
        return
    shown = observed(user, call, identity=_identity(user, call), at=request.received_at)
    to_here = transferred(user, call, identity=_bounded(f"{user}:{call.call_id}:transferred"), at=request.received_at)
    if to_here is None:
        yield shown
    elif call.status.upper() == "RINGING":
        yield from (to_here, shown)
    else:
        yield from (shown, to_here)


def _identity(user: str, call: CallState) -> str:
    """A state is told by several ways, and more than once: the same token of the same call is the same state."""
    digest = hashlib.sha256(msgspec.json.encode(call)).hexdigest()[:16] if call.state_token is None else ""
    parts = (user, call.call_id, str(call.state_token or digest), call.status, call.event or "")
    return _bounded(":".join(quote(part, safe="") for part in parts))


def _bounded(identity: str) -> str:
    return identity if len(identity) <= _MAX_IDENTITY else hashlib.sha256(identity.encode()).hexdigest()


def _queue(group: Group, request: WebhookRequest) -> Notice:
    queue: VendorQueue = group.queue()
    data = {"stats": {name: value for name, value in msgspec.to_builtins(queue.stats).items() if value is not None}}
    return Notice(
        identity=_bounded(f"queue:{queue.vendor_queue_id}:{request.received_at.isoformat()}"),
        type=NoticeType.QUEUE,
        occurred_at=request.received_at,
        data=data,
        vendor_queue_id=queue.vendor_queue_id,
    )
