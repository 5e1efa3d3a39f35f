"""What CallGear tells of calls, as events: notifications, and what our own asking passes on. Pure.

What our asking passes on is `{"asked_at": …, "call": …}`, a session as list.calls showed it, or `{"asked_at": …, "over": id}`
for one that it shows no more.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from integrations.contract.adapter import WebhookRequest
from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, EventType, Ignored
from integrations.vendors.callgear.calls import observed, originated
from integrations.vendors.callgear.notifications import parse_notification
from integrations.vendors.callgear.wire import Unreadable, convert, decode, is_id, read_call


class Asked(Struct, frozen=True, omit_defaults=True):
    """What our own asking hands to `parse`."""

    asked_at: datetime
    call: Mapping[str, Any] | None = None
    over: str | None = None


def shown(call: Mapping[str, Any], at: datetime) -> bytes:
    """A session as `parse` reads it."""
    return msgspec.json.encode(Asked(at, call))


def over(call_id: str, at: datetime) -> bytes:
    """That a session is over, as `parse` reads it."""
    return msgspec.json.encode(Asked(at, over=call_id))


def parse_delivery(request: WebhookRequest) -> Sequence[CtiEvent] | Ignored:
    """What a delivery says. Raises MalformedPayload, saying what is wrong."""
    asked = _asked(request.body)
    if asked is None:
        return parse_notification(request.body, request.received_at)
    try:
        return _told(convert(asked, Asked))
    except (Unreadable, OverflowError) as error:
        raise MalformedPayload(f"not a call as list.calls shows it: {error}") from error


def _asked(body: bytes) -> Any:
    """What our own asking passed on; None for all else."""
    try:
        value = decode(body)
    except Unreadable:
        return None
    return value if isinstance(value, dict) and "asked_at" in value else None


def _told(asked: Asked) -> list[CtiEvent]:
    at = asked.asked_at.astimezone(UTC) if asked.asked_at.tzinfo else asked.asked_at.replace(tzinfo=UTC)
    if asked.call is not None:
        call = read_call(asked.call)
        return [originated(call, at), observed(call, at)]
    if asked.over is None or not is_id(asked.over):
        raise Unreadable("it names no call session")
    return [CtiEvent(f"{asked.over}:over", EventType.CLEARED, at, vendor_call_id=asked.over)]
