"""A call as an adapter is to be told of it: the vendor's own names of the call and of its legs. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from common.ids import parse_id, public_id
from cti.calls.models import Call
from integrations.contract.commands import CallRef, LegRef
from integrations.contract.errors import InvalidCallState

_OVER = frozenset({"null", "fail"})


def call_ref(call: Call, acting_leg_id: UUID | None, own_extensions: Mapping[UUID, str]) -> CallRef:
    """The call with its live legs, of which one is to act. `own_extensions` are the vendor's ids of our extensions.

    Raises InvalidCallState while the vendor hasn't named the call.
    """
    shown = call.snapshot
    vendor_call_id = shown["vendor_call_id"]
    if vendor_call_id is None:
        raise InvalidCallState("The PBX hasn't told of this call yet; try again in a moment.")
    legs = {leg["id"]: _leg(leg, vendor_call_id, own_extensions) for leg in shown["legs"] if leg["state"] not in _OVER}
    return CallRef(
        vendor_call_id=vendor_call_id,
        state=shown["state"],
        legs=tuple(legs.values()),
        acting=legs[public_id("leg", acting_leg_id)] if acting_leg_id else None,
    )


def _leg(leg: Mapping[str, Any], vendor_call_id: str, own_extensions: Mapping[UUID, str]) -> LegRef:
    extension_id = parse_id("ext", leg["extension_id"]) if leg["extension_id"] else None
    return LegRef(
        vendor_call_id=vendor_call_id,
        vendor_leg_id=leg["vendor_leg_id"],
        extension_id=own_extensions.get(extension_id) if extension_id else None,
        number=leg["number"],
        role=leg["role"],
        state=leg["state"],
        device_id=leg["device_id"],
    )
