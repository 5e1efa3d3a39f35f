"""Commands: placing a call, and acting on one. The same for the REST API and for the websocket.

Each checks in one short transaction, asks the vendor outside of any, and stores the outcome in another.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.http import parse_etags
from msgspec import Struct, structs
from rest_framework.exceptions import NotFound, PermissionDenied

from common.ids import parse_id, public_id
from cti.calls import store
from cti.calls.models import Call
from cti.calls.refs import call_ref
from cti.control import params as bodies
from cti.control.acting import acting_leg, check_leg
from cti.control.actions import ACTIONS, Operation, check_possible, supported_operations
from cti.control.capabilities import capabilities_of, readable_accounts, require
from cti.control.devices import check_device
from cti.control.errors import VersionConflict
from cti.control.lines import destination, find_extension, line_of, require_own_line
from cti.control.situation import situation_of
from cti.control.targets import target_ref
from cti.control.vendor import ask, outcome_unknown
from cti.control.visibility import find_call, own_extensions
from integrations.contract.capabilities import Capability
from integrations.contract.commands import CallRef, Originate
from integrations.contract.errors import CallGone, InvalidCallState, Unsupported, VendorError, VendorTimeout
from integrations.contract.events import EndReason, Party
from integrations.models import Extension, PbxAccount
from tenants import audit
from tenants.models import Scope
from tenants.principals import Principal
from tenants.rls import tenant_scope


class Order(Struct, frozen=True):
    """A command on a call, checked: what to ask of which account's adapter."""

    call: Call
    account: PbxAccount
    operation: Operation
    ref: CallRef
    params: Mapping[str, Any]
    line: Extension | None
    """Whose device acts."""


def originate(principal: Principal, body: Any, request: HttpRequest | None = None) -> Call:
    """Places a call; answers it as soon as the vendor has accepted it.

    Raises DRF's errors for what is wrong with the request, and the contract's for what the vendor says. After a
    VendorTimeout the call may ring nevertheless: the vendor's events will show it.
    """
    require_control(principal)
    with tenant_scope(principal.tenant_id):
        params = bodies.read_params(bodies.OriginateParams, body, principal.region)
        account = find_account(params["account_id"])
        require(account, Capability.ORIGINATE)
        line = line_of(params["from"], account)
        require_own_line(principal, line)
        command = _originate_command(params, account)
    if command.device_id is not None:
        check_device(account, line, command.device_id)
    expected = _expect(principal, account, command, params.get("external_id", ""))
    try:
        vendor_call_id = ask(account, "originate", lambda adapter: adapter.originate(command))
    except VendorTimeout:
        raise  # it may ring: the pending call waits for the vendor's events
    except VendorError:
        store.discard_expected(principal.tenant_id, expected.pk)
        raise
    with outcome_unknown(), tenant_scope(principal.tenant_id):
        call = store.confirm_originated(principal.tenant_id, expected.pk, vendor_call_id)
        audit.record(principal, "call.originated", call.public_id, {"account_id": account.public_id}, request)
    return call


def _originate_command(params: Mapping[str, Any], account: PbxAccount) -> Originate:
    return Originate(
        from_=destination(params["from"], account),
        to=destination(params["to"], account),
        caller_id=params.get("caller_id"),
        device_id=params.get("device_id"),
        options=params.get("options", {}),
    )


def _expect(principal: Principal, account: PbxAccount, command: Originate, external_id: str) -> Call:
    from_, to = command.from_, command.to
    return store.expect_outbound(
        principal.tenant_id,
        account.pk,
        from_=Party(extension_id=from_.extension_id, number=from_.number) if from_ else Party(),
        to=Party(extension_id=to.extension_id, number=to.number),
        external_id=external_id,
    )


def act(
    principal: Principal,
    call_id: str,
    action: str,
    body: Any = None,
    if_match: str | None = None,
    request: HttpRequest | None = None,
) -> Call:
    """Does `action` to the call with that public id; answers the call as it stands when the vendor has accepted.

    `if_match` is an If-Match header's value. Raises NotFound, Unsupported, ValidationError, VersionConflict and
    InvalidCallState, in this order, before anything is sent; then the contract's errors. The vendor's own events tell
    what came of it.
    """
    require_control(principal)
    if action not in ACTIONS:
        raise NotFound(f"There is no action {action!r}.")
    with tenant_scope(principal.tenant_id):
        order = _check(principal, find_call(principal, call_id), action, body, if_match)
    if "device_id" in order.params:
        check_device(order.account, order.line, order.params["device_id"])
    consultation = _consult(order) if action == "consult" else _send(order, action)
    with outcome_unknown(), tenant_scope(principal.tenant_id):
        if consultation is not None:
            store.link(principal.tenant_id, order.call.pk, consultation)
        audit.record(principal, "call.commanded", order.call.public_id, {"action": action}, request)
        return Call.objects.get(pk=order.call.pk)


def _consult(order: Order) -> str | None:
    """As `_send`; events that outrun the vendor's answer find the call that the consultation is for."""
    acting, to = order.ref.acting, order.params["to"]
    asker = Party(extension_id=acting.extension_id, number=acting.number) if acting else Party()
    asked = Party(extension_id=to.extension_id, number=to.number)
    store.ask_consultation(order.call.tenant_id, order.call.pk, asker, asked)
    try:
        return _send(order, "consult")
    except VendorTimeout:
        raise  # it may ring: the call waits for the vendor's events
    except VendorError:
        store.forget_consultation(order.call.tenant_id, order.call.pk)
        raise


def _send(order: Order, action: str) -> str | None:
    """Asks the vendor; answers its id of a consultation call that it placed."""
    try:
        return ask(order.account, action, lambda adapter: order.operation.send(adapter, order.ref, order.params))
    except CallGone as error:
        if order.ref.vendor_call_id == order.call.snapshot["vendor_call_id"]:  # not just a part of it
            store.close_call(order.call.tenant_id, order.call.pk, EndReason.LOST)
        raise InvalidCallState(f"The PBX no longer has this call: {error}") from error


def _check(principal: Principal, call: Call, action: str, body: Any, if_match: str | None) -> Order:
    account = find_account(call.account_id)
    operations = supported_operations(action, capabilities_of(account))
    params = bodies.read_action(action, body, principal.region)
    operation = _operation(operations, action, params)
    named = _resolve(principal, account, params)
    leg = _named_leg(principal, call, action, params)
    check_version(call, if_match)
    situation = situation_of(call.snapshot)
    check_possible(operation, action, situation)
    if leg:
        check_leg(operation, action, situation, leg)
    leg_id = leg or acting_leg(operation, action, situation, own=_own_lines(principal), people=_people(call))
    ref = _reference(call, leg_id, explicit=leg is not None)
    if "target_call_id" in params:
        named["target"] = target_ref(principal, call, ref, params["target_call_id"])
    line = named.pop("line", None) or _line_of_leg(account, ref)
    return Order(call, account, operation, ref, params | named, line)


def etag(call: Call) -> str:
    """The strong entity tag of a call."""
    return f'"{call.version}"'


def check_version(call: Call, if_match: str | None) -> None:
    """Raises VersionConflict unless If-Match, where it is given, names the call's current version."""
    if if_match is None or if_match.strip() == "*":
        return
    if etag(call) not in parse_etags(if_match):
        raise VersionConflict(f"The call is at version {call.version} by now.")


def require_control(principal: Principal) -> None:
    """Raises PermissionDenied for who may not control calls; REST's views ask before, the websocket relies on it."""
    if not principal.has_scope(Scope.CALLS_CONTROL):
        raise PermissionDenied("This takes the scope calls:control.")


def find_account(account_id: UUID) -> PbxAccount:
    """The account, without its secrets, inside the tenant's scope. Raises NotFound."""
    account = readable_accounts().filter(pk=account_id).first()
    if account is None:
        raise NotFound(f"There is no account {public_id('acc', account_id)}.")
    return account


def _operation(operations: Mapping[str, Operation], action: str, params: Mapping[str, Any]) -> Operation:
    variant = bodies.variant_of(action, params)
    if variant not in operations:
        raise Unsupported(f"This account's PBX can't do `{action}` with `{variant}`.")
    # Who is connected with another call's party needs nobody more on this one.
    return structs.replace(operations[variant], others=0) if "target_call_id" in params else operations[variant]


def _resolve(principal: Principal, account: PbxAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the body names, as the vendor knows it; `line` is whose device is meant where that isn't the acting leg's."""
    named: dict[str, Any] = {}
    if "to" in params:
        named["to"] = destination(params["to"], account)
    if "by" in params:
        line = line_of(params["by"], account)
        require_own_line(principal, line)
        named["by"], named["line"] = destination(params["by"], account), line
    if "extension_id" in params:
        line = find_extension(account, params["extension_id"])
        require_own_line(principal, line)
        named["by"], named["line"] = line.vendor_extension_id, line
    return named


def _named_leg(principal: Principal, call: Call, action: str, params: Mapping[str, Any]) -> str | None:
    """The leg that the body names. Raises NotFound where the call has none such, or it is none of an agent's business."""
    if "leg_id" not in params:
        return None
    leg_id = public_id("leg", params["leg_id"])
    leg = next((leg for leg in call.snapshot["legs"] if leg["id"] == leg_id), None)
    if leg is None:
        raise NotFound(f"This call has no leg {leg_id}.")
    own = _own_lines(principal)
    if own is not None and action != "disconnect-leg" and leg["extension_id"] not in own:
        raise PermissionDenied("Agents act with their own lines only.")
    return leg_id


def _own_lines(principal: Principal) -> frozenset[str] | None:
    own = own_extensions(principal)
    return None if own is None else frozenset(public_id("ext", each) for each in own)


def _people(call: Call) -> frozenset[str]:
    """The lines on the call that somebody picks up."""
    lines = Extension.objects.filter(pk__in=call.extension_ids, type__in=("user", "device"))
    return frozenset(public_id("ext", each) for each in lines.values_list("pk", flat=True))


def _reference(call: Call, leg_id: str | None, *, explicit: bool) -> CallRef:
    """The vendor's call: the one that the customer is on, or the one that the leg is on which the command names."""
    ref = call_ref(call, parse_id("leg", leg_id) if leg_id else None)
    return structs.replace(ref, vendor_call_id=ref.acting.vendor_call_id) if explicit and ref.acting else ref


def _line_of_leg(account: PbxAccount, ref: CallRef) -> Extension | None:
    if ref.acting is None or ref.acting.extension_id is None:
        return None
    return Extension.objects.filter(account=account, vendor_extension_id=ref.acting.extension_id).first()
