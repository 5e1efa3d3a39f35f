"""The other call of a command that joins two. Inside the tenant's scope."""

from uuid import UUID

from msgspec import structs

from common.ids import public_id
from cti.calls.models import Call
from cti.calls.refs import call_ref
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
    whole = call_ref(target, None)
    if ref.acting is None:
        return whole
    theirs = [leg for leg in whole.legs if leg.extension_id == ref.acting.extension_id]
    if theirs:
        return structs.replace(whole, acting=min(theirs, key=lambda leg: leg.vendor_call_id != whole.vendor_call_id))
    raise InvalidCallState("Whoever acts on this call isn't on the other one.")
