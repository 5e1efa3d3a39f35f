"""Which leg of a call a command is for. Pure."""

from collections.abc import Collection

from cti.control.actions import Operation
from cti.control.situation import LegNow, Situation
from integrations.contract.errors import InvalidCallState


def acting_leg(
    operation: Operation, action: str, call: Situation, *, own: Collection[str] | None, people: Collection[str]
) -> str | None:
    """The id of the leg that acts where the command names none; None where the PBX shows none of ours on the call.

    By public ids: `own` are an agent's lines, who act with those alone, and `people` the lines that are no queues or menus,
    which act only where nobody else is on the call. Raises InvalidCallState where no leg's state allows the operation, or
    where several legs' does, so that nobody can know whose is meant: whom the call is from or to comes before others.
    """
    ours = call.candidates()
    if own is not None:
        candidates = [leg for leg in ours if not leg.id or leg.extension_id in own]
    else:
        candidates = [leg for leg in ours if leg.extension_id in people] or list(ours)
    suitable = [leg for leg in candidates if operation.suits(leg, call)]
    if not suitable:
        raise InvalidCallState(_why_none(operation, action, candidates, call))
    # Nobody whose phone rings is more meant than the others.
    suitable = [leg for leg in suitable if leg.extension_id in call.parties and leg.state != "alerting"] or suitable
    if operation.leg and len({leg.vendor_leg_id for leg in suitable}) > 1:
        names = ", ".join(leg.id for leg in suitable)
        raise InvalidCallState(f"Several legs of this call can do that; name one of them as `leg_id`: {names}.")
    return suitable[0].id or None


def check_leg(operation: Operation, action: str, call: Situation, leg_id: str) -> None:
    """Raises InvalidCallState unless the state of the leg that the command names allows the operation."""
    leg = call.find(leg_id)
    if leg is None:
        raise InvalidCallState("This leg has left the call.")
    if not operation.suits(leg, call):
        raise InvalidCallState(_why_none(operation, action, [leg], call))


def _why_none(operation: Operation, action: str, candidates: list[LegNow], call: Situation) -> str:
    if not candidates:
        return f"`{action}` is not possible: your line is not on this call (any more)."
    if operation.others and all(call.others(leg) < operation.others for leg in candidates):
        return f"`{action}` is not possible while only two are on the call."
    muted = [leg for leg in candidates if operation.muted not in {None, leg.muted}]
    if muted:
        return f"`{action}` is not possible: the line is {'already' if muted[0].muted else 'not'} muted."
    states = ", ".join(sorted({leg.state for leg in candidates}))
    return f"`{action}` is not possible while the line is {states}."
