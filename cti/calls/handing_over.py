"""Who goes on with a conversation in the stead of those who leave it, where the vendor shows how calls stand."""

from datetime import datetime

from cti.calls.directory import NOBODY
from cti.calls.state import PARKED, TALKING, CallState, Connection, Leaver, Leg, TransferTold
from integrations.contract.events import EndReason


def implied_mode(call: CallState, leg: Leg) -> str | None:
    """How an agent who leaves without a reason hands over to whom the other party is left with; None where there is nobody."""
    ends = {call.caller, call.callee}
    if leg.state not in TALKING or not leg.person.is_agent or leg.role == "supervisor" or leg.person.key not in ends:
        return None
    left = {
        key: each
        for key, each in call.legs.items()
        if each.live and each is not leg and each.role != "supervisor" and not each.person.is_service
    }
    others = ends - {leg.person.key}
    successors = [each for key, each in left.items() if key not in others]
    if not successors or not others & left.keys():
        return None
    return "attended" if any(each.answered_at for each in successors) else "blind"


def note_leaver(call: CallState, leg: Leg, connections: list[Connection], at: datetime) -> None:
    """Remembers who talked to whom until now, on the call that the customer is on.

    Who was asked in a consultation goes over to the customer's call too, but hands nothing over.
    """
    left = [each for each in connections if each.reason is EndReason.TRANSFERRED]
    strand = min(left, key=lambda each: (each.strand != call.primary, each.strand)).strand
    mode = next((each.transfer for each in left if each.strand == strand), "blind")
    if mode == "attended" and len(call.strands) > 1 and len({each.strand for each in connections}) == 1:
        return
    keys = [each.key for each in call.connections.values() if each.strand == strand and each.key != leg.person.key]
    counterpart = next((key for key in keys if key in (call.caller, call.callee)), keys[0] if keys else NOBODY.key)
    before = (leg.person.key, counterpart) if leg.role == "caller" else (counterpart, leg.person.key)
    call.leavers[f"{leg.person.key}@{at.isoformat()}"] = Leaver(leg.person.key, *before, mode)


def hand_over(call: CallState, at: datetime) -> None:
    """Finds out who goes on in the stead of those who left; whoever parked the call has not handed it over."""
    if any(leg.state == PARKED for leg in call.legs.values()):
        call.leavers.clear()
    for identity, leaver in list(call.leavers.items()):
        successor = _successor(call, leaver)
        if successor is None:
            continue
        del call.leavers[identity]
        after_from = successor if leaver.before_from == leaver.key else leaver.before_from
        after_to = successor if leaver.before_to == leaver.key else leaver.before_to
        people = call.people
        call.transfers[identity] = TransferTold(
            before_from=people.get(leaver.before_from, NOBODY),
            before_to=people.get(leaver.before_to, NOBODY),
            after_from=people.get(after_from, NOBODY),
            after_to=people.get(after_to, NOBODY),
            initiator=people.get(leaver.key),
            mode="attended" if have_talked(call, leaver.key, successor) else leaver.mode,
        )
        call.caller, call.callee = after_from, after_to
        _supersede(call, leaver, at)


def _successor(call: CallState, leaver: Leaver) -> str | None:
    """The last that came of those who are on the call and weren't talking before."""
    fitting = [
        (leg.joined_at, key)
        for key, leg in call.legs.items()
        if leg.live
        and leg.role != "supervisor"
        and not leg.person.is_service
        and key not in (leaver.before_from, leaver.before_to)
    ]
    return max(fitting)[1] if fitting else None


def have_talked(call: CallState, key: str, other: str) -> bool:
    """Whether somebody on two of the vendor's calls had the other on one: then it was a consultation, whatever it is called."""
    strands = [{each.strand for each in call.connections.values() if each.key == one} for one in (key, other)]
    return bool(strands[0] & strands[1]) and len(strands[0]) > 1


def _supersede(call: CallState, leaver: Leaver, at: datetime) -> None:
    """The vendor's call of whoever left goes on as another: where it only tells of the other side, it is over."""
    strands = {each.strand for each in call.connections.values() if each.key == leaver.key and not each.inferred}
    for strand in strands:
        connections = [each for each in call.connections.values() if each.strand == strand]
        if any(each.live and not each.inferred for each in connections) or call.strands[strand].ended_at:
            continue
        for connection in connections:
            connection.end(None)
        call.strands[strand].ended_at = at
