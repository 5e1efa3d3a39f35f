"""From a vendor's request to a typed delivery: the edge where untrusted payloads end."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec
import structlog

from common.ids import new_uuid
from cti.ingest.plan import Incoming
from integrations import registry
from integrations.contract.adapter import WebhookRequest
from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, Ignored, Notice, Reconcile

log = structlog.get_logger(__name__)
T = TypeVar("T", CtiEvent, Notice, Reconcile)
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def parse_delivery(
    vendor: str,
    *,
    account_id: UUID,
    subscription_id: UUID | None,
    headers: Mapping[str, str],
    body: bytes,
    received_at: datetime,
    query: Mapping[str, str] | None = None,
) -> Incoming:
    """What a delivery says, or why it can't be read; never raises for anything that a vendor can send."""
    events: tuple[CtiEvent, ...] = ()
    notices: tuple[Notice, ...] = ()
    reconcile: tuple[Reconcile, ...] = ()
    ignored = error = None
    try:
        request = WebhookRequest(headers, body, query or {}, received_at)
        parsed = registry.adapter_class(vendor).parse(request)
    except MalformedPayload as malformed:
        error = str(malformed)
    except Exception as defect:
        # A defect of ours must cost neither the delivery nor those behind it: it is kept, shown, and can be replayed.
        log.exception("payload_not_read", vendor=vendor)
        error = f"could not be read: {type(defect).__name__}"
    else:
        if isinstance(parsed, Ignored):
            ignored = parsed.why.replace("\0", "")
        else:
            events = tuple(_without_nul(each) for each in parsed if isinstance(each, CtiEvent))
            notices = tuple(_without_nul(each) for each in parsed if isinstance(each, Notice))
            reconcile = tuple(_without_nul(each) for each in parsed if isinstance(each, Reconcile))
    return Incoming(
        id=new_uuid(),
        account_id=account_id,
        subscription_id=subscription_id,
        received_at=received_at,
        body=body,
        events=events,
        notices=notices,
        reconcile=reconcile,
        ignored=ignored,
        error=error,
    )


def _without_nul(told: T) -> T:
    """PostgreSQL's text can't hold NUL, which a caller's name may: it goes, the rest of what was told stays."""
    encoded = _encoder.encode(told)
    if b"\\u0000" not in encoded:
        return told
    return msgspec.json.decode(_NUL.sub(rb"\1", encoded), type=type(told))


_encoder = msgspec.json.Encoder()


def decode_waiting(vendor: str, body: bytes) -> CtiEvent:
    """The event of a delivery that was stored as waiting, read again from its raw body."""
    parsed = registry.adapter_class(vendor).parse(WebhookRequest(headers={}, body=body))
    if isinstance(parsed, Ignored):
        raise MalformedPayload(parsed.why)
    return _without_nul(next(each for each in parsed if isinstance(each, CtiEvent)))
