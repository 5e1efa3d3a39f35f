"""Commands: placing a call, and acting on one. The same for the REST API and for the websocket.

Each checks in one short transaction, asks the vendor outside of any, and stores the outcome in another.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.http import parse_etags
from rest_framework.exceptions import NotFound, PermissionDenied

from common.ids import public_id
from cti.calls import store
from cti.calls.models import Call
from cti.control import params as bodies
from cti.control.actions import ACTIONS, Operation, check_possible, supported_operations
from cti.control.capabilities import capabilities_of, readable_accounts
from cti.control.errors import VersionConflict
from cti.control.fields import Target
from cti.control.vendor import ask, outcome_unknown
from cti.control.visibility import find_call, own_extensions
from integrations.contract.capabilities import Capability
from integrations.contract.commands import CallRef, Destination, Originate
from integrations.contract.errors import CallGone, InvalidCallState, Unsupported, VendorError, VendorTimeout
from integrations.contract.events import EndReason, Party
from integrations.models import Extension, PbxAccount
from tenants import audit
from tenants.models import Scope
from tenants.principals import Principal
from tenants.rls import tenant_scope


def originate(principal: Principal, body: Any, request: HttpRequest | None = None) -> Call:
    """Places a call; answers it as soon as the vendor has accepted it.

    Raises DRF's errors for what is wrong with the request, and the contract's for what the vendor says. After a
    VendorTimeout the call may ring nevertheless: the vendor's events will show it.
    """
    require_control(principal)
    with tenant_scope(principal.tenant_id):
        params = bodies.read_params(bodies.OriginateParams, body, principal.region)
        account = find_account(params["account_id"])
        _check_may_originate(principal, account, params)
        from_, to = _destination(params["from"], account), _destination(params["to"], account)
    command = Originate(from_=from_, to=to, caller_id=params.get("caller_id"), options=params.get("options", {}))
    expected = store.expect_outbound(
        principal.tenant_id,
        account.pk,
        from_=Party(extension_id=from_.extension_id, number=from_.number),
        to=Party(extension_id=to.extension_id, number=to.number),
        external_id=params.get("external_id", ""),
    )
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
        call = find_call(principal, call_id)
        account = find_account(call.account_id)
        operations = supported_operations(action, capabilities_of(account))
        params = bodies.read_action(action, body, principal.region)
        operation = _operation(operations, action, params)
        check_version(call, if_match)
        check_possible(operation, action, call.state, call.snapshot["recording"]["state"])
        ref = _reference(call, params)
        if "to" in params:
            params["to"] = _destination(params["to"], account)
    try:
        ask(account, action, lambda adapter: operation.send(adapter, ref, params))
    except CallGone as error:
        if ref.vendor_call_id == call.snapshot["vendor_call_id"]:  # not just a leg of it
            store.close_call(principal.tenant_id, call.pk, EndReason.LOST)
        raise InvalidCallState(f"The PBX no longer has this call: {error}") from error
    with outcome_unknown(), tenant_scope(principal.tenant_id):
        audit.record(principal, "call.commanded", call.public_id, {"action": action}, request)
        return Call.objects.get(pk=call.pk)


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


def _check_may_originate(principal: Principal, account: PbxAccount, params: Mapping[str, Any]) -> None:
    if Capability.ORIGINATE not in capabilities_of(account):
        raise Unsupported("This account can't place calls: the vendor can't, or hasn't permitted it.")
    _check_no_device(params)
    own = own_extensions(principal)
    if own is not None and not _is_among(own, params["from"], account):
        raise PermissionDenied("You can place calls from your own lines only.")


def _is_among(own: frozenset[UUID], target: Target, account: PbxAccount) -> bool:
    if target.extension_id is not None:
        return target.extension_id in own
    return Extension.objects.filter(pk__in=own, account=account, number=target.number).exists()


def _operation(operations: Mapping[str, Operation], action: str, params: Mapping[str, Any]) -> Operation:
    _check_no_device(params)
    variant = bodies.variant_of(action, params)
    if variant not in operations:
        raise Unsupported(f"This account's PBX can't do `{action}` with `{variant}`.")
    return operations[variant]


def _check_no_device(params: Mapping[str, Any]) -> None:
    if "device_id" in params:  # no connected vendor has devices yet
        raise Unsupported("This PBX doesn't tell its devices apart; leave `device_id` out.")


def _reference(call: Call, params: Mapping[str, Any]) -> CallRef:
    """The vendor's call: the one that the call is on, or the one that the leg is on."""
    vendor_call_id = call.snapshot["vendor_call_id"]
    if "leg_id" in params:
        leg_id = public_id("leg", params["leg_id"])
        leg = next((leg for leg in call.snapshot["legs"] if leg["id"] == leg_id), None)
        if leg is None:
            raise NotFound(f"This call has no leg {leg_id}.")
        vendor_call_id = leg["vendor_leg_id"]
    if vendor_call_id is None:
        raise InvalidCallState("The PBX hasn't told of this call yet; try again in a moment.")
    return CallRef(vendor_call_id=vendor_call_id, state=call.state)


def _destination(target: Target, account: PbxAccount) -> Destination:
    """As the vendor knows it. An extension must be the account's own; raises NotFound."""
    if target.extension_id is None:
        return Destination(number=target.number)
    extension = Extension.objects.filter(pk=target.extension_id, account=account).first()
    if extension is None:
        raise NotFound(f"This account has no extension {public_id('ext', target.extension_id)}.")
    return Destination(extension_id=extension.vendor_extension_id)
