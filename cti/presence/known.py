"""What is known of lines without asking: the last that a notice told or that an answer said. Of queues: cti.queues.known.

Pure: makes the SQL that keeps it. Older news never replaces newer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cti.presence.statements import Statement, told
from cti.queues.known import keep_agent_notice, keep_queue_notice
from integrations.contract.events import Notice, NoticeType

_KEEP_PRESENCE = """
    UPDATE integrations_extension SET presence = coalesce(presence, '{}') || %s::jsonb, presence_at = %s
    WHERE account_id = %s AND vendor_extension_id = %s AND (presence_at IS NULL OR presence_at <= %s)"""
_KEEP_LINE_STATE = """
    UPDATE integrations_extension SET line_state = left(%s, 40), line_state_at = %s
    WHERE account_id = %s AND vendor_extension_id = %s AND (line_state_at IS NULL OR line_state_at <= %s)"""
PRESENCE_FIELDS = ("activity", "available", "note", "expires_at")


def apply_notice(account_id: UUID, notice: Notice) -> Statement | None:
    """What keeps a notice's news; None where it says nothing that stays.

    `data` has the fields of `contract.things.Presence`, or a `line_state`, or is of a queue or an agent (cti.queues.known).
    """
    at, data = notice.occurred_at, notice.data
    if notice.type is NoticeType.PRESENCE and notice.vendor_extension_id:
        return keep_presence(account_id, notice.vendor_extension_id, data, at)
    if notice.type is NoticeType.LINE_STATE and notice.vendor_extension_id and isinstance(data.get("line_state"), str):
        state = data["line_state"].replace("\0", "")
        return Statement(_KEEP_LINE_STATE, (state, at, account_id, notice.vendor_extension_id, at))
    if notice.type is NoticeType.QUEUE:
        return keep_queue_notice(account_id, notice)
    if notice.type is NoticeType.AGENT:
        return keep_agent_notice(account_id, notice)
    return None


def keep_presence(account_id: UUID, vendor_extension_id: str, presence: Mapping[str, Any], at: datetime) -> Statement:
    """Keeps what was told of a line's presence."""
    return Statement(_KEEP_PRESENCE, (told(presence, PRESENCE_FIELDS), at, account_id, vendor_extension_id, at))
