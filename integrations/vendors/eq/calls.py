"""From a row to what it shows of a conversation's legs. Pure."""

from datetime import datetime
from enum import StrEnum

from msgspec import structs

from integrations.contract.events import CtiEvent, Direction, EndReason, EventType, LegState, LegView, Party
from integrations.vendors.eq.rows import Kind, Role, Row, leg_id

_OPPOSITE = {Role.CALLER: "callee", Role.CALLEE: "caller"}


class Change(StrEnum):
    """What has become of a row."""

    SHOWN = "shown"
    """It is new, or differs."""
    LEFT = "left"
    """The extension has left, and the other side goes on elsewhere: at another phone, or where it is `parked_at`."""
    GONE = "gone"


def observed(
    row: Row,
    change: Change,
    reason: EndReason | None = None,
    parked_at: str | None = None,
    *,
    identity: str,
    at: datetime,
    peers: tuple[str, ...],
) -> CtiEvent:
    """How its legs stand then."""
    caller, callee = _ends(row)
    return CtiEvent(
        identity=identity,
        type=EventType.OBSERVED,
        occurred_at=at,
        vendor_call_id=row.key,
        direction=_direction(row),
        from_=caller,
        to=callee,
        via=row.queue if row.kind is Kind.LINE else None,
        legs=tuple(_after(leg, row, change, reason, parked_at) for leg in _legs(row)),
        complete=True,
        peers=peers,
        recording=row.recording,
        recording_id=row.recording_id,
    )


def _legs(row: Row) -> tuple[LegView, ...]:
    """The row's own leg, and the other side's as it is seen from there. Whoever supervises has no other side."""
    own = LegView(
        vendor_leg_id=leg_id(row),
        party=_own_party(row),
        state=row.state,
        role="caller" if row.kind is Kind.PARKED else row.role.value,
        muted=row.muted,
        parked_at=row.place if row.kind is Kind.PARKED else None,
        inferred=row.kind is Kind.PARKED,
    )
    if row.kind is Kind.PARKED or row.role is Role.SUPERVISOR:
        return (own,)
    state = LegState.CONNECTED
    if row.role is Role.CALLER and not row.is_talking:
        state = LegState.ALERTING if row.is_calling else LegState.INITIATED
    other = LegView(leg_id(row, "remote"), row.party, state, _OPPOSITE[row.role], inferred=True)
    return (own, other)


def _own_party(row: Row) -> Party:
    match row.kind:
        case Kind.LINE:
            return Party(extension_id=row.place)
        case Kind.QUEUED:
            return row.queue or Party()
        case Kind.PARKED:
            return row.party


def _after(leg: LegView, row: Row, change: Change, reason: EndReason | None, parked_at: str | None) -> LegView:
    """With its row everybody whom it showed is gone, but for the other side of an extension that has left."""
    is_own = leg.vendor_leg_id == leg_id(row)
    if change is Change.SHOWN:
        return leg
    if change is Change.LEFT and not is_own:
        state = LegState.CONNECTED if parked_at is None else LegState.PARKED
        return structs.replace(leg, state=state, parked_at=parked_at)
    return structs.replace(leg, state=LegState.NULL, muted=False, reason=reason if is_own else None)


def _ends(row: Row) -> tuple[Party | None, Party | None]:
    """Who calls whom."""
    if row.kind is Kind.PARKED or row.role is Role.CALLEE:
        return row.party, None if row.kind is Kind.PARKED else _own_party(row)
    return (_own_party(row), row.party) if row.role is Role.CALLER else (None, None)


def _direction(row: Row) -> Direction | None:
    """Between two extensions it is internal, which shows where both are known. Of who is parked nothing tells it."""
    if row.kind is Kind.PARKED or row.role is Role.SUPERVISOR:
        return None
    return Direction.OUTBOUND if row.role is Role.CALLER else Direction.INBOUND
