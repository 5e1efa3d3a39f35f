"""A call as an adapter is to be told of it: the vendor's own names of the call and of its legs. Inside the tenant's scope."""

from collections.abc import Iterator
from uuid import UUID

from common.ids import public_id
from cti.calls import store
from cti.calls.facts import decode_facts
from cti.calls.machine import fold
from cti.calls.models import Call
from cti.calls.state import CallState, Leg
from cti.calls.view import leg_id
from integrations.contract.commands import CallRef, LegRef
from integrations.contract.errors import InvalidCallState


def call_ref(call: Call, acting_leg_id: UUID | None) -> CallRef:
    """The call with its live legs, of which one is to act: where it is on several of the vendor's calls, on the customer's.

    Raises InvalidCallState while the vendor hasn't named the call.
    """
    vendor_call_id = call.snapshot["vendor_call_id"]
    if vendor_call_id is None:
        raise InvalidCallState("The PBX hasn't told of this call yet; try again in a moment.")
    state = fold(decode_facts(call.facts), store.read_account(call.account_id).directory)
    refs = {key: list(_refs(state, key, leg)) for key, leg in state.legs.items() if leg.live}
    acting = next((refs[key] for key in refs if acting_leg_id and _is(call, key, acting_leg_id)), [])
    return CallRef(
        vendor_call_id=vendor_call_id,
        state=call.state,
        legs=tuple(ref for each in refs.values() for ref in each),
        acting=min(acting, key=lambda ref: ref.vendor_call_id != vendor_call_id, default=None),
    )


def _is(call: Call, key: str, wanted: UUID) -> bool:
    return leg_id(call.pk, key) == public_id("leg", wanted)


def _refs(state: CallState, key: str, leg: Leg) -> Iterator[LegRef]:
    """One for each of the vendor's calls that the leg is on; as those show it where they do."""
    extension_id = key.removeprefix("x:") if key.startswith("x:") else None
    shown = [each for each in state.connections.values() if each.key == key]
    shown = [each for each in shown if not each.inferred] or shown
    for connection in shown:
        if connection.live:
            yield LegRef(
                vendor_call_id=connection.strand,
                vendor_leg_id=connection.vendor_leg_id,
                extension_id=extension_id,
                number=leg.person.number,
                role=leg.role,
                state=connection.state,
                device_id=connection.device_id,
            )
    for strand in sorted(leg.strands) if not shown else ():
        if state.strands[strand].ended_at is None:
            yield LegRef(
                vendor_call_id=strand,
                vendor_leg_id=strand,
                extension_id=extension_id,
                number=leg.person.number,
                role=leg.role,
                state=leg.state,
            )
