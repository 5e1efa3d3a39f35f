"""The state machine: folds a call's facts into the call. Pure; knows no vendor.

State belongs to the legs (CSTA connections); the call's state is derived from them. A call is made of one or more
strands, the vendor's own calls: a transfer or a ring group may join several into what the customer experiences as one.
"""

from datetime import datetime, timedelta

from msgspec import structs

from cti.calls.directory import NOBODY, Directory, Person
from cti.calls.facts import CallFacts, Request
from cti.calls.numbers import normalize
from cti.calls.observation import observe
from cti.calls.regrouping import bridged, transferred
from cti.calls.state import ALERTING, CONNECTED, HOLD, INITIATED, NULL, CallState, Leg, StrandState
from integrations.contract.events import CtiEvent, EndReason, EventType, Party, Recording

STOPS_RINGING_WITHIN = timedelta(seconds=3)
"""How soon, before or after somebody answered, the other phones are told to have stopped ringing."""


def fold(facts: CallFacts, directory: Directory) -> CallState:
    """The call that the facts tell of: the same for every order in which they were learnt."""
    return Fold(facts, directory).run()


class Fold:
    """A call in the making."""

    def __init__(self, facts: CallFacts, directory: Directory) -> None:
        self.facts = facts
        self.directory = directory
        self.call = CallState()
        self.aliases = _aliases(facts, directory.region)
        self.keys: dict[Party, str] = {}

    def run(self) -> CallState:
        if self.facts.request is not None and not self.facts.events:
            self._request(self.facts.request)
        for event in self.facts.events:
            _HANDLERS[event.type](self, event)
        self._drop_unreached()
        self._tell_elsewhere()
        if self.facts.closed is not None and self.call.ended_at is None:
            handed_over = self.facts.closed.reason is EndReason.LOST and self.call.leavers
            self.end(self.facts.closed.at, EndReason.TRANSFERRED if handed_over else self.facts.closed.reason)
        return self.call

    # Parties and legs.

    def person(self, party: Party | None) -> Person:
        """Who the party is, with all that the call's events have told of them so far."""
        if party is None:
            return NOBODY
        key = self.keys.get(party)
        if key is not None:
            return self.call.people[key]
        person = self.directory.resolve(party, self.aliases)
        if person.key == NOBODY.key:
            return NOBODY
        known = self.call.people.get(person.key)
        if known is not None:
            person = _merge(known, person)
        self.keys[party] = person.key
        self.call.people[person.key] = person
        return person

    def leg(self, person: Person, role: str, event: CtiEvent, strand: str | None = None) -> Leg | None:
        if person.key == NOBODY.key:
            return None
        leg = self.call.legs.get(person.key)
        strand = strand or event.vendor_call_id
        if leg is None:
            leg = Leg(person=person, role=role, state=INITIATED, strands=set(), joined_at=event.occurred_at)
            self.call.legs[person.key] = leg
        leg.person = person
        leg.role = role if role == "supervisor" else leg.role  # their own phone's call shows them as an ordinary caller
        if strand:
            leg.strands.add(strand)
        return leg

    def begin(self, event: CtiEvent) -> StrandState | None:
        """Notes the strand and its parties; None when the vendor already ended it."""
        key = event.vendor_call_id
        if key is None:
            return None
        strand = self.call.strands.setdefault(key, StrandState(started_at=event.occurred_at))
        if strand.ended_at is not None:
            return None
        strand.direction = strand.direction or event.direction
        if event.via is not None:
            self.call.via = self.person(event.via)
        return strand

    def _caller(self, event: CtiEvent) -> Leg | None:
        person = self.person(event.from_)
        if self.call.caller == NOBODY.key:
            self.call.caller = person.key
        return self.leg(person, "caller" if person.key == self.call.caller else "participant", event)

    def _callee(self, event: CtiEvent) -> Leg | None:
        person = self.person(event.to)
        if self.call.callee == NOBODY.key or self.unreached(self.call.callee):
            self.call.callee = person.key if person.key != NOBODY.key else self.call.callee
        return self.leg(person, "callee", event)

    def unreached(self, key: str) -> bool:
        leg = self.call.legs.get(key)
        return leg is None or leg.state == INITIATED

    # What happened.

    def _request(self, request: Request) -> None:
        """What was asked for, until the PBX tells what it made of it (it may reverse the parties)."""
        caller, callee = self.person(request.from_), self.person(request.to)
        self.call.caller, self.call.callee = caller.key, callee.key
        for person, role in ((caller, "caller"), (callee, "callee")):
            self.call.legs[person.key] = Leg(
                person=person, role=role, state=INITIATED, strands=set(), joined_at=request.requested_at
            )

    def _originated(self, event: CtiEvent) -> None:
        if self.begin(event):
            self._caller(event)
            self._callee(event)

    def _delivered(self, event: CtiEvent) -> None:
        if not self.begin(event):
            return
        self._caller(event)
        leg = self._callee(event)
        if leg and (leg.state in (INITIATED, NULL) or leg.assumed):
            leg.enter(ALERTING)

    def _established(self, event: CtiEvent) -> None:
        if not self.begin(event):
            return
        caller, leg = self._caller(event), self._answering(event)
        if caller and caller.live:
            caller.enter(CONNECTED)
        self.call.answered_at = self.call.answered_at or event.occurred_at
        if leg is None:
            return
        leg.enter(CONNECTED)
        leg.answered_at = leg.answered_at or event.occurred_at
        if leg.role != "caller":
            self.call.callee = leg.person.key
        for other in self.call.legs.values():
            if other is not leg and other.state == ALERTING and event.vendor_call_id in other.strands:
                other.leave(event.occurred_at, EndReason.ANSWERED_ELSEWHERE)

    def _answering(self, event: CtiEvent) -> Leg | None:
        """The leg that answered: the one named, or the only one that rings where the dialled number is named."""
        person = self.person(event.to)
        ringing = [
            leg for leg in self.call.legs.values() if leg.state == ALERTING and event.vendor_call_id in leg.strands
        ]
        named = self.call.legs.get(person.key)
        if len(ringing) == 1 and (named is None or named.state == INITIATED) and not person.is_agent:
            return ringing[0]
        return self.leg(person, "callee", event)

    def _held(self, event: CtiEvent) -> None:
        if self.begin(event):
            self._caller(event)
            self.call.held = True
            holder = self._holder()
            if holder:
                holder.state = HOLD

    def _retrieved(self, event: CtiEvent) -> None:
        if self.begin(event):
            self._caller(event)
            self.call.held = False
            for leg in self.call.legs.values():
                if leg.state == HOLD:
                    leg.state = CONNECTED

    def _holder(self) -> Leg | None:
        """Vendors don't tell who put the call on hold: an agent did, the called one before the calling one."""
        agents = [leg for leg in self.call.legs.values() if leg.live and leg.person.is_agent]
        return next((leg for leg in agents if leg.role != "caller"), agents[0] if agents else None)

    def _recording(self, event: CtiEvent) -> None:
        if self.begin(event):
            self._caller(event)
            started = event.type is EventType.RECORDING_STARTED
            self.call.recording = Recording.ON if started else Recording.OFF

    def _cleared(self, event: CtiEvent) -> None:
        strand = self.begin(event)
        if strand is None:
            return
        self._caller(event)
        person = self.person(event.to)
        if event.reason is EndReason.ANSWERED_ELSEWHERE and self._others_live(person.key, event):
            leg = self.call.legs.get(person.key)
            if leg and leg.live:
                leg.leave(event.occurred_at, event.reason)
            return
        strand.ended_at = event.occurred_at
        ended = {key for key, state in self.call.strands.items() if state.ended_at is not None}
        for leg in self.call.legs.values():
            if leg.live and leg.strands and leg.strands <= ended:
                leg.leave(event.occurred_at, event.reason or EndReason.HANGUP)
        if len(ended) == len(self.call.strands):
            self._callee(event)
            self.end(event.occurred_at, event.reason or EndReason.HANGUP)

    def _others_live(self, key: str, event: CtiEvent) -> bool:
        return any(
            leg.live and leg.role != "caller" and event.vendor_call_id in leg.strands
            for other, leg in self.call.legs.items()
            if other != key
        )

    # The end.

    def end(self, at: datetime, reason: EndReason) -> None:
        if reason is EndReason.HANGUP and self.call.answered_at is None:
            reason = EndReason.CANCELLED
        self.call.ended_at, self.call.end_reason = at, reason
        self.call.held, self.call.recording, self.call.conference = False, Recording.OFF, False
        for leg in self.call.legs.values():
            if leg.live:
                leg.leave(at, reason)

    def _tell_elsewhere(self) -> None:
        """Phones that stopped ringing because another one answered; vendors that show states don't say so."""
        answered_at = self.call.answered_at
        if answered_at is None or not self.call.connections:
            return
        for leg in self.call.legs.values():
            gave_up = leg.end_reason in (EndReason.CANCELLED, EndReason.NO_ANSWER) and leg.answered_at is None
            if gave_up and leg.left_at is not None and abs(leg.left_at - answered_at) <= STOPS_RINGING_WITHIN:
                leg.end_reason = EndReason.ANSWERED_ELSEWHERE

    def _drop_unreached(self) -> None:
        """A dialled number that led to others (a dialplan, a ring group) never was a party."""
        callees = {key: leg for key, leg in self.call.legs.items() if leg.role == "callee"}
        if any(leg.reached for leg in callees.values()):
            for key, leg in callees.items():
                if not leg.reached:
                    del self.call.legs[key]


def _merge(known: Person, new: Person) -> Person:
    """What both tell of the same party; the later word wins where both speak."""
    return structs.replace(
        new,
        number=new.number or known.number,
        number_raw=new.number_raw or known.number_raw,
        name=new.name or known.name,
        anonymous=new.anonymous and known.anonymous,
    )


def _aliases(facts: CallFacts, region: str) -> dict[str, str]:
    """Numbers that the call's own events name together with an extension's id."""
    told = (party for event in facts.events for party in (event.from_, event.to) if party is not None)
    shown = (view.party for event in facts.events for view in event.legs)
    return {
        normalize(party.number, region): party.extension_id
        for party in (*told, *shown)
        if party.number and party.extension_id
    }


_HANDLERS = {
    EventType.ORIGINATED: Fold._originated,
    EventType.DELIVERED: Fold._delivered,
    EventType.ESTABLISHED: Fold._established,
    EventType.HELD: Fold._held,
    EventType.RETRIEVED: Fold._retrieved,
    EventType.RECORDING_STARTED: Fold._recording,
    EventType.RECORDING_STOPPED: Fold._recording,
    EventType.TRANSFERRED: transferred,
    EventType.BRIDGED: bridged,
    EventType.OBSERVED: observe,
    EventType.CLEARED: Fold._cleared,
}
