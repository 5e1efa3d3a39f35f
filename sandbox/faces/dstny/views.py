"""Calls as each user sees them: a callId of their own for the same conversation, and a stateToken that changes with it."""

import secrets
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.engine.directory import Party
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call, Cause, Leg, LegState
from sandbox.faces.dstny.errors import unknown
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.states import Renderer

_ENDED_KEPT = 500
# In order: of two legs that somebody has on a call, that is theirs which is further on.
_VISIBLE = (LegState.CONNECTED, LegState.HELD, LegState.PARKED, LegState.INITIATED, LegState.ALERTING)
_FAILURES = {
    Cause.BUSY: 486,
    Cause.DO_NOT_DISTURB: 486,
    Cause.NO_ANSWER: 408,
    Cause.REJECTED: 603,
    Cause.UNREACHABLE: 480,
}


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(slots=True, eq=False)
class View:
    """One user's part in one call. `leg` is None when it is over; `shown` is what was last seen, durations left out.

    `first`: the whole state as it began, which is what making a call answers.
    """

    id: str
    person_id: str
    call: Call
    leg: Leg | None
    token: int
    shown: dict[str, Any]
    transferred_by: Party | None = None
    first: dict[str, Any] | None = None


class Views:
    """Follows the engine; `listeners` are told of every change of anybody's view."""

    def __init__(self, people: People, renderer: Renderer) -> None:
        self.people = people
        self.renderer = renderer
        self.listeners: list[Callable[[Person, View, Change], None]] = []
        self._hidden: set[tuple[str, str]] = set()
        self._hides_from: Person | None = None
        self._live: dict[tuple[str, str], View] = {}
        self._ended: deque[View] = deque(maxlen=_ENDED_KEPT)
        self._transferred_by: dict[str, Party] = {}

    def of(self, person: Person) -> list[View]:
        return [each for each in self._live.values() if each.person_id == person.id]

    def find(self, person: Person, call_id: str, *, ended: bool = False) -> View:
        """One of the user's live calls; with `ended` those that ended lately too. Raises ApiError 404."""
        views: list[View] = [*self._live.values(), *(self._ended if ended else ())]
        for each in views:
            if each.id == call_id and each.person_id == person.id:
                return each
        raise unknown("callId", call_id)

    def anybodys(self, call_id: str) -> View:
        """Raises ApiError 404."""
        for each in self._live.values():
            if each.id == call_id:
                return each
        raise unknown("callId", call_id)

    def of_call(self, call: Call, person: Person) -> View:
        """The user's view of that call, also when it has ended already. Raises ApiError 404."""
        for view in (*self._live.values(), *reversed(self._ended)):
            if view.call is call and view.person_id == person.id:
                return view
        raise unknown("callId", call.id)

    @contextmanager
    def hiding_new_calls(self, person: Person) -> Iterator[None]:
        """Calls that begin now are never this user's: the PBX makes them on its own, for a transfer."""
        self._hides_from = person
        try:
            yield
        finally:
            self._hides_from = None

    def is_hidden(self, call: Call) -> bool:
        """Whether somebody who is on it doesn't see it."""
        return any(call_id == call.id for call_id, _ in self._hidden)

    def render(self, view: View) -> dict[str, Any]:
        """The whole state now."""
        return self.renderer.whole(view.id, view.token, view.call, view.leg, view.shown)

    def follow(self, event: EngineEvent) -> None:
        """The engine's listener."""
        if event.kind is Kind.CREATED and self._hides_from is not None:
            self._hidden.add((event.call.id, self._hides_from.id))
        if event.transfer is not None:
            self._transferred_by[event.call.id] = event.transfer.initiator
        for call in self._concerned(event):
            self.refresh(call, event)
        if event.kind is Kind.ENDED:
            self._transferred_by.pop(event.call.id, None)
            self._hidden = {each for each in self._hidden if each[0] != event.call.id}

    def refresh(self, call: Call, event: EngineEvent | None = None) -> None:
        """Looks at the call anew for everybody who is, or was, on it."""
        for person in self.people.all:
            if (call.id, person.id) in self._hidden:
                continue
            leg = _leg_of(call, person)
            view = self._live.get((call.id, person.id))
            if view is None and leg is not None and (view := self._moved(person, leg)):
                view.call, view.transferred_by = call, self._transferred_by.get(call.id)
                self._live[call.id, person.id] = view
            if view is None and leg is not None:
                self._begin(call, person, leg)
            elif view is not None and leg is None:
                self._end(view, person, event)
            elif view is not None and leg is not None:
                self._update(view, person, leg, event)

    def _concerned(self, event: EngineEvent) -> list[Call]:
        """First the calls to which somebody's part of this one has moved: their views move along, instead of ending."""
        peers = [leg.peer.call_id for leg in event.call.legs if leg.peer]
        onward = [self.people.company.calls[each] for each in dict.fromkeys(peers) if each in self.people.company.calls]
        return [*onward, event.call, *([event.consultation] if event.consultation else [])]

    def _moved(self, person: Person, leg: Leg) -> View | None:
        """The view of a leg that this one has taken over: the user's own part, and its callId, go on."""
        for key, view in self._live.items():
            if view.person_id == person.id and view.leg and view.leg.peer and view.leg.peer.leg_id == leg.id:
                del self._live[key]
                return view
        return None

    def _begin(self, call: Call, person: Person, leg: Leg) -> None:
        view = View(uuid.uuid4().hex[:22], person.id, call, leg, _token(), {}, self._transferred_by.get(call.id))
        self._live[call.id, person.id] = view
        view.shown = self.renderer.facts(call, leg, view.transferred_by)
        view.first = self.render(view)
        self._tell(person, view, Change.NEW)

    def _update(self, view: View, person: Person, leg: Leg, event: EngineEvent | None) -> None:
        """A change is what makes a difference to the state, its `event` aside: that says what the last change was."""
        view.leg = leg
        shown = self.renderer.facts(view.call, leg, view.transferred_by)
        if shown != {name: value for name, value in view.shown.items() if name != "event"}:
            view.shown, view.token = shown | _named(event, leg), _token()
            self._tell(person, view, Change.CHANGED)

    def _end(self, view: View, person: Person, event: EngineEvent | None) -> None:
        view.shown = self.renderer.ended(view.shown) | _ending(view, event)
        view.leg, view.token = None, _token()
        del self._live[view.call.id, person.id]
        self._ended.append(view)
        self._tell(person, view, Change.DELETED)

    def _tell(self, person: Person, view: View, change: Change) -> None:
        for listener in self.listeners:
            listener(person, view, change)


def _leg_of(call: Call, person: Person) -> Leg | None:
    mine = [leg for leg in call.live if leg.party.extension_id == person.extension.id and leg.state in _VISIBLE]
    return min(mine, key=lambda leg: _VISIBLE.index(leg.state), default=None)


def _named(event: EngineEvent | None, leg: Leg) -> dict[str, str]:
    """The events that the document's examples name."""
    if event is None:
        return {}
    if event.kind in (Kind.MUTED, Kind.UNMUTED) and event.leg is leg:
        return {"event": event.kind.upper()}
    if event.kind is Kind.CONFERENCED:
        return {"event": "PARTICIPANT_ADDED"}
    if event.kind is Kind.CLEARED and event.call.conference:
        return {"event": "PARTICIPANT_LEFT"}
    return {}


def _ending(view: View, event: EngineEvent | None) -> dict[str, str]:
    """A call that never came about has FAILED for whoever made it. Where it was parked is told as phones do."""
    if view.call.conference:
        return {"event": "LEFT_CONFERENCE"}
    if event is not None and event.kind is Kind.PARKED and view.call.parking:
        return {"event": "PARKED", "eventDescription": f"Call parked at {view.call.parking.slot}"}
    code = _FAILURES.get(event.cause) if event and event.cause else None
    if code is None or view.call.answered_at is not None or view.shown["inbound"]:
        return {}
    return {"event": "FAILED", "eventDescription": f"Call setup failed with status code {code}"}


def _token() -> int:
    """An int64 that says nothing: tokens are compared, not ordered."""
    return secrets.randbelow(2**40)
