"""Finding the call of a vendor event by other means than the vendor's call id: by who calls whom, and when. Pure."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from cti.calls.directory import NOBODY
from cti.calls.facts import Request
from integrations.contract.events import CtiEvent, EventType, Party

if TYPE_CHECKING:
    from cti.calls.book import AccountContext, Entry

MATCH_WITHIN = timedelta(seconds=90)
"""How far apart a call that was asked for, or told of without its id, and the events that name it may be."""


def find_placed(entries: "Iterable[Entry]", event: CtiEvent, account: "AccountContext") -> "Entry | None":
    """The oldest call that was asked for between these parties, whichever way round the vendor placed it."""
    fitting = []
    for entry in entries:
        request = entry.facts.request
        if entry.account.id != account.id or not entry.awaiting_vendor or request is None or entry.facts.closed:
            continue
        if _is_of(event, request, account):
            fitting.append((request.requested_at, entry.id, entry))
    return min(fitting, default=(None, None, None))[2]


def find_asking(entries: "Iterable[Entry]", event: CtiEvent, account: "AccountContext") -> "Entry | None":
    """The call on which somebody is placing this one, to ask."""
    for entry in entries:
        asking = entry.facts.asking
        if asking is None or entry.account.id != account.id or entry.facts.closed:
            continue
        if asking.requested_at + MATCH_WITHIN > event.occurred_at and _is_of(event, asking, account):
            return entry
    return None


def find_nameless(entries: "Iterable[Entry]", event: CtiEvent, account: "AccountContext") -> "Entry | None":
    """The call that an event belongs to which doesn't say: one between the same parties whose beginning wasn't told."""
    for entry in entries:
        began = entry.facts.events[0] if entry.facts.events else None
        if (
            entry.account.id == account.id
            and began is not None
            and same_parties(began, event)
            and abs(began.occurred_at - event.occurred_at) <= MATCH_WITHIN
            and not any(known.type is EventType.ORIGINATED for known in entry.facts.events)
        ):
            return entry
    return None


def same_parties(left: CtiEvent, right: CtiEvent) -> bool:
    """Whether two events name the same parties, as far as both name them, in the same direction."""
    if left.direction and right.direction and left.direction is not right.direction:
        return False
    return _fits(left.from_, right.from_) and _fits(left.to, right.to)


def _is_of(event: CtiEvent, request: Request, account: "AccountContext") -> bool:
    """Whether the event tells of what was asked for; the caller's leg may be shown before the other."""
    wanted = (_key(request.from_, account), _key(request.to, account))
    told = {_key(party, account) for party in _ends(event)} - {NOBODY.key}
    return told == set(wanted) or (bool(event.legs) and told == {wanted[0]})


def _ends(event: CtiEvent) -> tuple[Party | None, Party | None]:
    """Who calls whom, as far as the event tells."""
    shown = {view.role: view.party for view in reversed(event.legs)}
    return event.from_ or shown.get("caller"), event.to or shown.get("callee")


def _key(party: Party | None, account: "AccountContext") -> str:
    return account.directory.resolve(party, {}).key


def _fits(left: Party | None, right: Party | None) -> bool:
    if left is None or right is None:
        return False
    if left.extension_id and right.extension_id:
        return left.extension_id == right.extension_id
    if left.number and right.number:
        return left.number.lstrip("+0") == right.number.lstrip("+0")
    return left == right
