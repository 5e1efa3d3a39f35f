"""What the control API shows: plain data for JSON."""

from dataclasses import asdict
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sandbox.engine.directory import Agent, Extension, Party
from sandbox.engine.model import Call, Leg, Role
from sandbox.outbox import Delivery, DeliveryState
from sandbox.pbx import Pbx


def show_pbx(pbx: Pbx, *, base_url: str) -> dict[str, Any]:
    """Everything about one company; `base_url` is the sandbox's own address."""
    company = pbx.company
    return {
        "company": company.slug,
        "name": company.name,
        "tenant": company.tenant,
        "vendor": pbx.face.vendor,
        "features": sorted(pbx.face.features),
        "base_url": base_url.rstrip("/") + pbx.face.base_path,
        "users": [asdict(user) for user in company.users],
        "extensions": [show_extension(pbx, each) for each in company.extensions.values()],
        "orbits": list(company.orbits),
        "calls": [show_call(call) for call in company.calls.values()],
        "behaviour": asdict(company.behaviour),
        "delivery": asdict(pbx.outbox.policy),
        "dialect": asdict(pbx.face.dialect),
        "connection": asdict(pbx.face.connection),
        "choices": show_choices(pbx.face.dialect) | show_choices(pbx.outbox.policy),
        "faults": asdict(pbx.faults.settings),
        "traffic": asdict(pbx.traffic.progress),
        "deliveries": count_deliveries(pbx),
        **pbx.face.describe(),
    }


def show_choices(settings: Any) -> dict[str, list[Any]]:
    """The values that each setting of a few may have."""
    choices: dict[str, list[Any]] = {}
    for name, kind in get_type_hints(type(settings)).items():
        if get_origin(kind) is Literal:
            choices[name] = list(get_args(kind))
        elif isinstance(kind, type) and issubclass(kind, StrEnum):
            choices[name] = list(kind)
    return choices


def show_extension(pbx: Pbx, extension: Extension) -> dict[str, Any]:
    return {
        "id": extension.id,
        "number": extension.number,
        "name": extension.name,
        "type": "dialplan" if extension.is_dialplan else "user",
        "external_number": extension.external_number,
        "members": list(extension.members),
        "caller_ids": [asdict(each) for each in extension.caller_ids],
        "caller_id": extension.caller_id,
        "devices": [asdict(each) for each in extension.devices],
        "settings": asdict(extension.settings) if extension.is_user else None,
        "queue": show_queue(pbx, extension) if extension.queue else None,
    }


def show_queue(pbx: Pbx, extension: Extension) -> dict[str, Any]:
    """`waiting`: the ids of its calls, next first. Statistics are of everything since the start."""
    queue = pbx.company.queue(extension.id)
    return {
        "waiting": list(queue.waiting),
        "agents": [show_agent(pbx, each) for each in queue.agents.values()],
        "settings": asdict(queue.settings),
        "statistics": asdict(pbx.switch.queues.statistics(extension)),
    }


def show_agent(pbx: Pbx, agent: Agent) -> dict[str, Any]:
    return {
        "extension_id": agent.extension_id,
        "state": agent.state,
        "free": pbx.switch.queues.is_free(agent),
        "pause_code": agent.pause_code,
        "answered": agent.answered,
    }


def show_call(call: Call) -> dict[str, Any]:
    return {
        "id": call.id,
        "direction": call.direction,
        "state": call.state,
        "from": show_party(call.party(Role.CALLER)),
        "to": show_party(call.party(Role.CALLEE)),
        "via": show_party(call.via) if call.via else None,
        "legs": [show_leg(leg) for leg in call.legs],
        "recording": call.recording,
        "recordings": [asdict(each) for each in call.recordings],
        "conference": call.conference,
        "parked": call.parking.slot if call.parking else None,
        "digits": [each.digits for each in call.digits],
        "voicemail_id": call.voicemail.id if call.voicemail else None,
        "consultation_for": call.consultation_for,
        "created_at": call.created_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "end_cause": call.end_cause,
    }


def show_leg(leg: Leg) -> dict[str, Any]:
    """`devices`: the phones that ring, or the one that it is on."""
    return {
        "id": leg.id,
        "role": leg.role,
        "state": leg.state,
        **show_party(leg.party),
        "devices": [each.name for each in leg.devices],
        "muted": leg.muted,
        "supervises": leg.supervision.mode if leg.supervision else None,
        "cause": leg.cause,
    }


def show_party(party: Party) -> dict[str, Any]:
    """`extension_id` is null for somebody outside; an anonymous caller has no number."""
    return {"number": party.number, "name": party.name, "extension_id": party.extension_id}


def show_delivery(delivery: Delivery) -> dict[str, Any]:
    """The address and the headers stay out: they hold the receiver's secrets."""
    shown = asdict(delivery)
    del shown["url"], shown["headers"]
    shown["body"] = delivery.body.decode()
    return shown


def count_deliveries(pbx: Pbx) -> dict[str, int]:
    return {state.value: pbx.outbox.counts[state] for state in DeliveryState} | {"total": pbx.outbox.counts.total()}
