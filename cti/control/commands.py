"""Commands: placing a call, and acting on one. The same for the REST API and for the websocket.

Each checks in one short transaction, asks the vendor outside of any, and stores the outcome in another.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import NotFound, PermissionDenied

from cti.calls import store
from cti.calls.models import Call
from cti.control import params as bodies
from cti.control.actions import ACTIONS
from cti.control.capabilities import find_account, require
from cti.control.devices import check_device
from cti.control.lines import destination, line_of, require_own_line
from cti.control.orders import Order, check_order
from cti.control.vendor import ask, outcome_unknown
from cti.control.visibility import find_call
from integrations.contract.capabilities import Capability
from integrations.contract.commands import Destination, LegRef, Originate
from integrations.contract.errors import CallGone, InvalidCallState, VendorError, VendorTimeout
from integrations.contract.events import EndReason, Party
from integrations.models import PbxAccount
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
        require(account, Capability.ORIGINATE)
        line = line_of(params["from"], account)
        require_own_line(principal, line)
        command = _originate_command(params, account)
    if command.device_id is not None:
        check_device(account, line, command.device_id)
    expected = _expect(principal, account, command, params.get("external_id", ""))
    with _undone_if_refused(lambda: store.discard_expected(principal.tenant_id, expected.pk)):
        vendor_call_id = ask(account, "originate", lambda adapter: adapter.originate(command))
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
    from_, to = _party(command.from_), _party(command.to)
    return store.expect_outbound(principal.tenant_id, account.pk, from_=from_, to=to, external_id=external_id)


def _party(named: Destination | LegRef | None) -> Party:
    return Party(extension_id=named.extension_id, number=named.number) if named else Party()


@contextmanager
def _undone_if_refused(undo: Callable[[], object]) -> Iterator[None]:
    """Around asking for a call that is stored already. After a VendorTimeout it may ring: then it waits for its events."""
    try:
        yield
    except VendorTimeout:
        raise
    except VendorError:
        undo()
        raise


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
        order = check_order(principal, find_call(principal, call_id), action, body, if_match)
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
    tenant_id, call_id = order.call.tenant_id, order.call.pk
    store.ask_consultation(tenant_id, call_id, _party(order.ref.acting), _party(order.params["to"]))
    with _undone_if_refused(lambda: store.forget_consultation(tenant_id, call_id)):
        return _send(order, "consult")


def _send(order: Order, action: str) -> str | None:
    """Asks the vendor; answers its id of a consultation call that it placed."""
    try:
        return ask(order.account, action, lambda adapter: order.operation.send(adapter, order.ref, order.params))
    except CallGone as error:
        if order.ref.vendor_call_id == order.call.snapshot["vendor_call_id"]:  # not just a part of it
            store.close_call(order.call.tenant_id, order.call.pk, EndReason.LOST)
        raise InvalidCallState(f"The PBX no longer has this call: {error}") from error


def require_control(principal: Principal) -> None:
    """Raises PermissionDenied for who may not control calls; REST's views ask before, the websocket relies on it."""
    if not principal.has_scope(Scope.CALLS_CONTROL):
        raise PermissionDenied("This takes the scope calls:control.")
