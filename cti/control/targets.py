"""The other call of a command that joins two. Inside the tenant's scope."""

from uuid import UUID

from msgspec import structs

from common.ids import parse_id, public_id
from cti.calls.models import Call
from cti.calls.refs import call_ref
from cti.control.lines import vendor_ids
from cti.control.visibility import find_call
from integrations.contract.commands import CallRef
from integrations.contract.errors import InvalidCallState
from tenants.principals import Principal


def target_ref(principal: Principal, call: Call, ref: CallRef, target_id: UUID) -> CallRef:
    """The other call, with the leg that whoever acts on the first has there.

    A consultation is a part of the call that it was placed from: then both are the same. Raises NotFound, and
    InvalidCallState where whoever acts isn't on the other call.
    """
    target = find_call(principal, public_id("call", target_id))
    if target.merged_into is not None:
        target = Call.objects.get(pk=target.merged_into)
    if target.pk == call.pk:
        return _consultation(ref)
    if target.account_id != call.account_id:
        raise InvalidCallState("The other call is on another PBX.")
    if target.state == "ended":
        raise InvalidCallState("The other call has ended.")
    return _with_acting(target, ref)


def _consultation(ref: CallRef) -> CallRef:
    acting = ref.acting
    for leg in ref.legs:
        if acting and leg.extension_id == acting.extension_id and leg.vendor_call_id != acting.vendor_call_id:
            return structs.replace(ref, vendor_call_id=leg.vendor_call_id, acting=leg)
    raise InvalidCallState("No consultation is going on; name the other call as `target_call_id`.")


def _with_acting(target: Call, ref: CallRef) -> CallRef:
    lines = vendor_ids(target.account_id, target.snapshot["legs"])
    whole = call_ref(target, None, lines)
    if ref.acting is None:
        return whole
    for leg in target.snapshot["legs"]:
        extension_id = parse_id("ext", leg["extension_id"]) if leg["extension_id"] else None
        if leg["left_at"] is None and extension_id and lines.get(extension_id) == ref.acting.extension_id:
            return call_ref(target, parse_id("leg", leg["id"]), lines)
    raise InvalidCallState("Whoever acts on this call isn't on the other one.")
