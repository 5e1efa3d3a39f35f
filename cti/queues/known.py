"""What is known of queues and of their agents without asking: the last that a notice told or that an answer said.

Pure: makes the SQL that keeps it (cti.presence.known). Older news never replaces newer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from common.ids import new_uuid
from cti.presence.statements import Statement, told
from integrations.contract.events import Notice
from integrations.contract.things import QueueAgent
from integrations.texts import fitting

_KEEP_STATS = """
    UPDATE integrations_queue SET stats = stats || %s::jsonb, stats_at = %s
    WHERE account_id = %s AND vendor_queue_id = %s AND (stats_at IS NULL OR stats_at <= %s)"""
_KEEP_AGENT = """
    WITH kept AS (
        INSERT INTO integrations_queuemember AS known
            (id, tenant_id, account_id, queue_id, vendor_extension_id,
             name, state, pause_code, skill, since, logged_in_at, heard_at)
        SELECT %(id)s, tenant_id, account_id, id, %(line)s,
            %(name)s, %(state)s, %(pause_code)s, %(skill)s, %(since)s, %(logged_in_at)s, %(at)s
        FROM integrations_queue WHERE account_id = %(account)s AND vendor_queue_id = %(queue)s
        ON CONFLICT (queue_id, vendor_extension_id) DO UPDATE SET
            name = coalesce(nullif(excluded.name, ''), known.name),
            state = excluded.state, pause_code = excluded.pause_code, skill = excluded.skill,
            since = CASE
                WHEN excluded.since IS NOT NULL THEN excluded.since
                WHEN (known.state, known.pause_code) IS NOT DISTINCT FROM (excluded.state, excluded.pause_code)
                THEN known.since
                ELSE excluded.heard_at
            END,
            logged_in_at = excluded.logged_in_at, heard_at = excluded.heard_at
        WHERE known.heard_at <= excluded.heard_at
        RETURNING xmax = 0 AS joined
    )
    UPDATE integrations_pbxaccount SET directory_version = directory_version + 1
    WHERE id = %(account)s AND EXISTS (SELECT FROM kept WHERE joined)"""
"""Whoever joins a queue hears of it from then on: those who remember the directory must read it again."""
AGENT_STATES = ("logged_out", "available", "busy", "paused", "wrap_up")
STATS_FIELDS = (
    "waiting",
    "longest_wait_s",
    "agents_logged_in",
    "agents_available",
    "answered",
    "abandoned",
    "average_wait_s",
)


def keep_queue_notice(account_id: UUID, notice: Notice) -> Statement | None:
    """Keeps the `stats` that a notice of a queue tells."""
    if notice.vendor_queue_id and isinstance(notice.data.get("stats"), Mapping):
        return keep_stats(account_id, notice.vendor_queue_id, notice.data["stats"], notice.occurred_at)
    return None


def keep_agent_notice(account_id: UUID, notice: Notice) -> Statement | None:
    """Keeps the state that a notice of an agent tells, if it is one; a notice is told when the state changes."""
    if not notice.vendor_queue_id or not notice.vendor_extension_id:
        return None
    fields = {"since": notice.occurred_at} | {name: value for name, value in notice.data.items() if value is not None}
    try:
        agent = msgspec.convert(fields | {"vendor_extension_id": notice.vendor_extension_id}, QueueAgent)
    except msgspec.ValidationError:
        return None
    return keep_agent(account_id, notice.vendor_queue_id, agent, notice.occurred_at)


def keep_stats(account_id: UUID, vendor_queue_id: str, counted: Mapping[str, Any], at: datetime) -> Statement:
    """Keeps what was counted of a queue."""
    return Statement(_KEEP_STATS, (told(counted, STATS_FIELDS), at, account_id, vendor_queue_id, at))


def keep_agent(account_id: UUID, vendor_queue_id: str, agent: QueueAgent, at: datetime) -> Statement | None:
    """Keeps how an agent is in a queue; nothing of a state that isn't one of AGENT_STATES."""
    if agent.state not in AGENT_STATES:
        return None
    fields = {
        "id": new_uuid(),
        "account": account_id,
        "queue": vendor_queue_id,
        "line": agent.vendor_extension_id,
        "name": fitting(agent.name, 300),
        "state": agent.state,
        "pause_code": fitting(agent.pause_code, 100) if agent.pause_code else None,
        "skill": fitting(agent.skill, 100) if agent.skill else None,
        "since": agent.since,
        "logged_in_at": agent.logged_in_at,
        "at": at,
    }
    return Statement(_KEEP_AGENT, fields)
