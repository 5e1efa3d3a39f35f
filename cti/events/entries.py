"""Events as they are logged and sent: the JSON of the contract, made once and kept byte for byte."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from msgspec import Struct

from common.ids import new_uuid, public_id
from common.times import rfc3339


class LogEntry(Struct, frozen=True, array_like=True, gc=False):
    """One event of the log. Array-like, since it also travels as a hint between processes."""

    sequence: int
    type: str
    account_id: UUID | None
    extension_ids: list[UUID]
    body: str
    received_at: datetime
    call_id: UUID | None = None
    delivery_id: UUID | None = None


def log_entry(
    *,
    tenant_id: UUID,
    sequence: int,
    kind: str,
    occurred_at: datetime,
    received_at: datetime,
    account_id: UUID | None,
    vendor: str | None,
    data: dict[str, Any],
    call_id: UUID | None = None,
    delivery_id: UUID | None = None,
    extension_ids: list[UUID] | None = None,
) -> LogEntry:
    """An event with its JSON body; `data` may hold orjson fragments."""
    body = orjson.dumps(
        {
            "id": public_id("evt", new_uuid()),
            "type": kind,
            "sequence": sequence,
            "occurred_at": rfc3339(occurred_at),
            "received_at": rfc3339(received_at),
            "tenant_id": public_id("ten", tenant_id),
            "account_id": public_id("acc", account_id) if account_id else None,
            "vendor": vendor,
            "data": data,
        }
    ).decode()
    return LogEntry(
        sequence=sequence,
        type=kind,
        account_id=account_id,
        extension_ids=extension_ids or [],
        body=body,
        received_at=received_at,
        call_id=call_id,
        delivery_id=delivery_id,
    )
