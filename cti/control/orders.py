"""A command on a call, checked: what it asks of which adapter, for which leg, and whether that is possible now."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, structs
from rest_framework.exceptions import NotFound, PermissionDenied

from common.ids import parse_id, public_id
from cti.calls.models import Call
from cti.calls.refs import call_ref
from cti.control import params as bodies
from cti.control.acting import acting_leg, check_leg
from cti.control.actions import Operation, check_possible, supported_operations
from cti.control.capabilities import capabilities_of, find_account
from cti.control.lines import destination, find_extension, line_of, require_own_line
from cti.control.situation import situation_of
from cti.control.targets import target_ref
from cti.control.versions import check_version
from cti.control.visibility import own_extensions
from integrations.contract.commands import CallRef
from integrations.contract.errors import Unsupported
from integrations.models import Extension, PbxAccount
from tenants.principals import Principal


class Order(Struct, frozen=True):
    """A command on a call, checked: what to ask of which account's adapter."""

    call: Call
    account: PbxAccount
    operation: Operation
    ref: CallRef
    params: Mapping[str, Any]
    line: Extension | None
    """Whose device acts."""


def check_order(principal: Principal, call: Call, action: str, body: Any, if_match: str | None) -> Order:
    """Inside the tenant's scope. Raises Unsupported, NotFound, ValidationError, VersionConflict and InvalidCallState."""
    account = find_account(call.account_id)
    operations = supported_operations(action, capabilities_of(account))
    params = bodies.read_action(action, body, principal.region)
    operation = _operation(operations, action, params)
    named, line = _resolve(principal, account, params)
    named_leg = _named_leg(principal, call, action, params)
    check_version(call, if_match)
    ref = _reference(call, _acting(principal, call, operation, action, named_leg), explicit=named_leg is not None)
    if "target_call_id" in params:
        named["target"] = target_ref(principal, call, ref, params["target_call_id"])
    return Order(call, account, operation, ref, params | named, line or _line_of_leg(account, ref))


def _acting(principal: Principal, call: Call, operation: Operation, action: str, named_leg: str | None) -> str | None:
    """The leg that acts. Raises InvalidCallState where the call's state, or the leg's, doesn't allow it."""
    situation = situation_of(call.snapshot)
    check_possible(operation, action, situation)
    if named_leg is not None:
        check_leg(operation, action, situation, named_leg)
        return named_leg
    return acting_leg(operation, action, situation, own=_own_lines(principal), people=_people(call))


def _operation(operations: Mapping[str, Operation], action: str, params: Mapping[str, Any]) -> Operation:
    variant = bodies.variant_of(action, params)
    if variant not in operations:
        raise Unsupported(f"This account's PBX can't do `{action}` with `{variant}`.")
    # Who is connected with another call's party needs nobody more on this one.
    return structs.replace(operations[variant], others=0) if "target_call_id" in params else operations[variant]


def _resolve(
    principal: Principal, account: PbxAccount, params: Mapping[str, Any]
) -> tuple[dict[str, Any], Extension | None]:
    """What the body names, as the vendor knows it, and whose line it is where the body says whose takes the call."""
    named: dict[str, Any] = {}
    line = None
    if "to" in params:
        named["to"] = destination(params["to"], account)
    if "by" in params:
        # Agents may have anybody listen, for it is their own line's leg that they have listened to (`_acting`).
        line = line_of(params["by"], account)
        named["by"] = destination(params["by"], account)
    if "extension_id" in params:
        line = find_extension(account, params["extension_id"])
        named["by"] = line.vendor_extension_id
        require_own_line(principal, line)
    return named, line


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
