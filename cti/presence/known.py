"""What is known of lines and queues without asking: the last that a notice told or that an answer said.

Pure: makes the SQL that keeps it, for the async ingest and for synchronous code alike. Older news never replaces newer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from msgspec import Struct

from integrations.contract.events import Notice, NoticeType

_KEEP_PRESENCE = """
    UPDATE integrations_extension SET presence = coalesce(presence, '{}') || %s::jsonb, presence_at = %s
    WHERE account_id = %s AND vendor_extension_id = %s AND (presence_at IS NULL OR presence_at <= %s)"""
_KEEP_LINE_STATE = """
    UPDATE integrations_extension SET line_state = left(%s, 40), line_state_at = %s
    WHERE account_id = %s AND vendor_extension_id = %s AND (line_state_at IS NULL OR line_state_at <= %s)"""
_KEEP_STATS = """
    UPDATE integrations_queue SET stats = stats || %s::jsonb, stats_at = %s
    WHERE account_id = %s AND vendor_queue_id = %s AND (stats_at IS NULL OR stats_at <= %s)"""
PRESENCE_FIELDS = ("activity", "available", "note", "expires_at")
STATS_FIELDS = (
    "waiting",
    "longest_wait_s",
    "agents_logged_in",
    "agents_available",
    "answered",
    "abandoned",
    "average_wait_s",
)


class Statement(Struct, frozen=True):
    """SQL and its parameters, to be run inside the tenant's scope."""

    sql: str
    parameters: tuple[Any, ...]


def apply_notice(account_id: UUID, notice: Notice) -> Statement | None:
    """What keeps a notice's news; None where it says nothing that stays.

    `data` has the fields of `contract.things.Presence`, a `line_state`, or `stats` with those of `QueueStats`.
    """
    at, data = notice.occurred_at, notice.data
    if notice.type is NoticeType.PRESENCE and notice.vendor_extension_id:
        return keep_presence(account_id, notice.vendor_extension_id, data, at)
    if notice.type is NoticeType.LINE_STATE and notice.vendor_extension_id and isinstance(data.get("line_state"), str):
        state = data["line_state"].replace("\0", "")
        return Statement(_KEEP_LINE_STATE, (state, at, account_id, notice.vendor_extension_id, at))
    if notice.type is NoticeType.QUEUE and notice.vendor_queue_id and isinstance(data.get("stats"), Mapping):
        return keep_stats(account_id, notice.vendor_queue_id, data["stats"], at)
    return None


def keep_presence(account_id: UUID, vendor_extension_id: str, told: Mapping[str, Any], at: datetime) -> Statement:
    """Keeps what was told of a line's presence."""
    return Statement(_KEEP_PRESENCE, (_told(told, PRESENCE_FIELDS), at, account_id, vendor_extension_id, at))


def keep_stats(account_id: UUID, vendor_queue_id: str, told: Mapping[str, Any], at: datetime) -> Statement:
    """Keeps what was counted of a queue."""
    return Statement(_KEEP_STATS, (_told(told, STATS_FIELDS), at, account_id, vendor_queue_id, at))


def _told(values: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    """Without what the vendor doesn't tell, and without NUL, which PostgreSQL's JSON can't hold."""
    told = {
        name: value.replace("\0", "") if isinstance(value, str) else value
        for name in fields
        if (value := values.get(name)) is not None
    }
    return orjson.dumps(told).decode()
