"""What is done in queues: agents who log in and pause, callers who are taken out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied

from common.ids import InvalidId, parse_id
from common.times import utc_now
from cti.calls.models import Call
from cti.control.capabilities import require
from cti.control.fields import TargetField
from cti.control.lines import destination
from cti.control.params import read_params
from cti.control.vendor import ask
from cti.control.visibility import find_call, own_extensions
from cti.queues.agents import tell_agents
from cti.queues.reading import find_queue
from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.errors import CallGone, InvalidCallState
from integrations.contract.things import AgentAction
from integrations.models import Extension, PbxAccount, Queue
from tenants import audit
from tenants.models import Scope
from tenants.principals import Principal
from tenants.rls import tenant_scope

Ask = Callable[[PbxAdapter, AgentAction], Awaitable[None]]

AGENT_ACTIONS: dict[str, tuple[Capability, Ask]] = {
    "login": (Capability.AGENT_LOGIN, lambda adapter, action: adapter.login_agent(action)),
    "logout": (Capability.AGENT_LOGOUT, lambda adapter, action: adapter.logout_agent(action)),
    "pause": (Capability.AGENT_PAUSE, lambda adapter, action: adapter.pause_agent(action)),
    "resume": (Capability.AGENT_RESUME, lambda adapter, action: adapter.resume_agent(action)),
    "end-wrap-up": (Capability.AGENT_END_WRAP_UP, lambda adapter, action: adapter.end_wrap_up(action)),
}


_WAITING = frozenset({"queued", "alerting"})
"""Whoever waits may be ringing an agent meanwhile."""


class AgentParams(serializers.Serializer[Any]):
    """Why an agent pauses, and with which skill they log in: codes of the queue's, where it has a list of them."""

    pause_code = serializers.CharField(required=False, max_length=100)
    skill = serializers.CharField(required=False, max_length=100)


class StealParams(serializers.Serializer[Any]):
    """Who takes the caller."""

    to = TargetField()


def act_in_queue(
    principal: Principal, queue_id: str, extension_id: str, action: str, body: Any, request: HttpRequest | None = None
) -> tuple[Queue, Extension]:
    """Has an agent do `action` in the queue. Agents do so for their own lines; for others it takes queues:control.

    Raises NotFound, PermissionDenied, Unsupported and ValidationError, in this order; then the contract's errors.
    """
    queue, account = find_queue(principal, queue_id)
    capability, send = AGENT_ACTIONS[action]
    with tenant_scope(principal.tenant_id):
        line = _line(account, extension_id)
        _require_queue_control(principal, line)
        require(account, capability)
    params = read_params(AgentParams, body, principal.region)
    _check_choice("pause_code", queue.pause_codes, params)
    _check_choice("skill", queue.skills, params)
    command = AgentAction(queue.vendor_queue_id, line.vendor_extension_id, **params)
    ask(account, f"queue_{action}", lambda adapter: send(adapter, command))
    _record(principal, queue, {"action": action, "extension_id": line.public_id}, request)
    tell_agents(account, queue)
    return queue, line


def steal(principal: Principal, queue_id: str, call_id: str, body: Any, request: HttpRequest | None = None) -> Call:
    """Takes the caller out of the queue. Raises NotFound, Unsupported, ValidationError, InvalidCallState, VendorError."""
    queue, account = find_queue(principal, queue_id)
    with tenant_scope(principal.tenant_id):
        call = find_call(principal, call_id)
        if call.account_id != account.pk or call.snapshot["queue_id"] not in (None, queue.public_id):
            raise NotFound(f"This queue has no call {call_id}.")
        require(account, Capability.STEAL)
        to = destination(read_params(StealParams, body, principal.region)["to"], account)
        vendor_call_id = call.snapshot["vendor_call_id"]
        if call.state not in _WAITING or vendor_call_id is None:
            raise InvalidCallState("The call doesn't wait in a queue (any more).")
    try:
        ask(account, "steal", lambda adapter: adapter.steal(queue.vendor_queue_id, vendor_call_id, to))
    except CallGone as error:
        raise InvalidCallState("The call doesn't wait in a queue (any more).") from error
    _record(principal, queue, {"action": "steal", "call_id": call.public_id}, request)
    with tenant_scope(principal.tenant_id):
        return Call.objects.get(pk=call.pk)


def _line(account: PbxAccount, extension_id: str) -> Extension:
    try:
        return Extension.objects.get(pk=parse_id("ext", extension_id), account=account)
    except (InvalidId, Extension.DoesNotExist) as error:
        raise NotFound(f"This account has no extension {extension_id}.") from error


def _require_queue_control(principal: Principal, line: Extension) -> None:
    if principal.has_scope(Scope.QUEUES_CONTROL):
        return
    own = own_extensions(principal)
    if own is None or line.pk not in own:
        raise PermissionDenied("This takes the scope queues:control.")


def _check_choice(field: str, choices: Sequence[Mapping[str, str]], params: Mapping[str, str]) -> None:
    """Raises ValidationError for a code that isn't among the queue's. Where it has no list, the vendor judges."""
    codes = [each["code"] for each in choices]
    if codes and field in params and params[field] not in codes:
        raise serializers.ValidationError({field: [f"This queue has no such code; it has {', '.join(codes)}."]})


def _record(principal: Principal, queue: Queue, detail: dict[str, str], request: HttpRequest | None) -> None:
    """The vendor accepted it: what it told of the queue before is old."""
    with tenant_scope(principal.tenant_id):
        Queue.objects.filter(pk=queue.pk).update(acted_at=utc_now())
        audit.record(principal, "queue.commanded", queue.public_id, detail, request)
