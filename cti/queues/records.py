"""Queues, their agents and their callers as the API shows them. Inside the tenant's scope."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from common.ids import public_id
from common.times import rfc3339_or_none, utc_now
from cti.calls.models import Call, CallKey
from cti.calls.numbers import normalize
from cti.queues.known import STATS_FIELDS
from cti.queues.reading import own_extensions_of
from integrations.contract.things import QueuedCall
from integrations.models import Extension, Queue, QueueMember


def queues_json(queues: Sequence[Queue]) -> list[dict[str, Any]]:
    """Queues with the statistics last heard of."""
    extensions, now = own_extensions_of(queues), utc_now()
    return [
        {
            "id": queue.public_id,
            "account_id": public_id("acc", queue.account_id),
            "vendor_queue_id": queue.vendor_queue_id,
            "number": queue.number or None,
            "name": queue.name,
            "extension_id": extensions[queue].public_id if queue in extensions else None,
            "pause_codes": queue.pause_codes,
            "skills": queue.skills,
            "stats": {name: queue.stats.get(name) for name in STATS_FIELDS},
            "stats_at": rfc3339_or_none(queue.stats_at),
            "stats_age_s": round((now - queue.stats_at).total_seconds(), 3) if queue.stats_at else None,
        }
        for queue in queues
    ]


def queue_agents_json(queue: Queue, agents: Sequence[QueueMember]) -> list[dict[str, Any]]:
    """Who answers the queue's calls, with our extensions where the directory has them."""
    wanted = [agent.vendor_extension_id for agent in agents]
    listed = Extension.objects.filter(account_id=queue.account_id, vendor_extension_id__in=wanted)
    lines = {each.vendor_extension_id: each for each in listed}
    return [
        {
            "extension_id": lines[agent.vendor_extension_id].public_id if agent.vendor_extension_id in lines else None,
            "vendor_extension_id": agent.vendor_extension_id,
            "name": agent.name or (lines[agent.vendor_extension_id].name if agent.vendor_extension_id in lines else ""),
            "state": agent.state,
            "pause_code": agent.pause_code,
            "skill": agent.skill,
            "since": rfc3339_or_none(agent.since),
            "logged_in_at": rfc3339_or_none(agent.logged_in_at),
        }
        for agent in agents
    ]


def queue_calls_json(
    queue: Queue, waiting: Sequence[QueuedCall], visible: QuerySet[Call], region: str
) -> list[dict[str, Any]]:
    """Who waits, with our calls where they are `visible`."""
    keys = CallKey.objects.filter(
        account_id=queue.account_id, vendor_call_id__in=[each.vendor_call_id for each in waiting], call__in=visible
    )
    calls = {key.vendor_call_id: public_id("call", key.call_id) for key in keys}
    return [
        {
            "call_id": calls.get(each.vendor_call_id),
            "vendor_call_id": each.vendor_call_id,
            "number": normalize(each.number, region) if each.number else None,
            "name": each.name,
            "position": each.position,
            "waiting_since": rfc3339_or_none(each.waiting_since),
        }
        for each in waiting
    ]
