"""The state machine: folds a call's facts into the call. Pure; knows no vendor.

State belongs to the legs (CSTA connections); the call's state is derived from them. A call is made of one or more
strands, the vendor's own calls: a transfer or a ring group may join several into what the customer experiences as one.
"""

from datetime import datetime

from msgspec import structs

from cti.calls.directory import NOBODY, Directory, Person
from cti.calls.facts import CallFacts, Request
from cti.calls.numbers import normalize
from cti.calls.state import ALERTING, CONNECTED, HOLD, INITIATED, NULL, CallState, Leg, StrandState, TransferTold
from integrations.contract.events import CtiEvent, EndReason, EventType, Party, Strand


def fold(facts: CallFacts, directory: Directory) -> CallState:
    """The call that the facts tell of: the same for every order in which they were learnt."""
    return _Fold(facts, directory).run()


class _Fold:
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
        if self.facts.closed is not None and self.call.ended_at is None:
            self._end(self.facts.closed.at, self.facts.closed.reason)
        return self.call

    # Parties and legs.

    def _person(self, party: Party | None) -> Person:
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

    def _leg(self, person: Person, role: str, event: CtiEvent, strand: str | None = None) -> Leg | None:
        if person.key == NOBODY.key:
            return None
        leg = self.call.legs.get(person.key)
        strand = strand or event.vendor_call_id
        if leg is None:
            leg = Leg(person=person, role=role, state=INITIATED, strands=set(), joined_at=event.occurred_at)
            self.call.legs[person.key] = leg
        leg.person = person
        if strand:
            leg.strands.add(strand)
        return leg

    def _begin(self, event: CtiEvent) -> StrandState | None:
        """Notes the strand and its parties; None when the vendor already ended it."""
        key = event.vendor_call_id
        if key is None:
            return None
        strand = self.call.strands.setdefault(key, StrandState(started_at=event.occurred_at))
        if strand.ended_at is not None:
            return None
        strand.direction = strand.direction or event.direction
        if event.via is not None:
            self.call.via = self._person(event.via)
        return strand

    def _caller(self, event: CtiEvent) -> Leg | None:
        person = self._person(event.from_)
        if self.call.caller == NOBODY.key:
            self.call.caller = person.key
        return self._leg(person, "caller" if person.key == self.call.caller else "participant", event)

    def _callee(self, event: CtiEvent) -> Leg | None:
        person = self._person(event.to)
        if self.call.callee == NOBODY.key or self._unreached(self.call.callee):
            self.call.callee = person.key if person.key != NOBODY.key else self.call.callee
        return self._leg(person, "callee", event)

    def _unreached(self, key: str) -> bool:
        leg = self.call.legs.get(key)
        return leg is None or leg.state == INITIATED

    # What happened.

    def _request(self, request: Request) -> None:
        """What was asked for, until the PBX tells what it made of it (it may reverse the parties)."""
        caller, callee = self._person(request.from_), self._person(request.to)
        self.call.caller, self.call.callee = caller.key, callee.key
        for person, role in ((caller, "caller"), (callee, "callee")):
            self.call.legs[person.key] = Leg(
                person=person, role=role, state=INITIATED, strands=set(), joined_at=request.requested_at
            )

    def _originated(self, event: CtiEvent) -> None:
        if self._begin(event):
            self._caller(event)
            self._callee(event)

    def _delivered(self, event: CtiEvent) -> None:
        if not self._begin(event):
            return
        self._caller(event)
        leg = self._callee(event)
        if leg and (leg.state in (INITIATED, NULL) or leg.assumed):
            leg.enter(ALERTING)

    def _established(self, event: CtiEvent) -> None:
        if not self._begin(event):
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
        person = self._person(event.to)
        ringing = [
            leg for leg in self.call.legs.values() if leg.state == ALERTING and event.vendor_call_id in leg.strands
        ]
        named = self.call.legs.get(person.key)
        if len(ringing) == 1 and (named is None or named.state == INITIATED) and not person.is_agent:
            return ringing[0]
        return self._leg(person, "callee", event)

    def _held(self, event: CtiEvent) -> None:
        if self._begin(event):
            self._caller(event)
            self.call.held = True
            holder = self._holder()
            if holder:
                holder.state = HOLD

    def _retrieved(self, event: CtiEvent) -> None:
        if self._begin(event):
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
        if self._begin(event):
            self._caller(event)
            self.call.recording = event.type is EventType.RECORDING_STARTED

    def _transferred(self, event: CtiEvent) -> None:
        transfer = event.transfer
        if transfer is None or not self._begin(event):
            return
        after_from, after_to = self._person(transfer.after_from), self._person(transfer.after_to)
        told = TransferTold(
            before_from=self._person(transfer.before_from),
            before_to=self._person(transfer.before_to),
            after_from=after_from,
            after_to=after_to,
            initiator=self._person(transfer.initiator) if transfer.initiator else None,
            mode=transfer.mode,
        )
        self.call.transfers[event.identity] = told
        for person, role in ((after_from, "caller"), (after_to, "callee")):
            leg = self._leg(person, role, event)
            if leg and (leg.state == INITIATED or not leg.live):
                leg.enter(CONNECTED, assumed=True)
        for key in {told.before_from.key, told.before_to.key} - {after_from.key, after_to.key}:
            if key in self.call.legs:
                self.call.legs[key].leave(event.occurred_at, EndReason.TRANSFERRED)
        self.call.caller = after_from.key if after_from.key != NOBODY.key else self.call.caller
        self.call.callee = after_to.key if after_to.key != NOBODY.key else self.call.callee
        self.call.held = any(leg.state == HOLD for leg in self.call.legs.values())

    def _bridged(self, event: CtiEvent) -> None:
        for strand in event.strands:
            state = self.call.strands.setdefault(strand.vendor_call_id, StrandState(started_at=event.occurred_at))
            state.direction = state.direction or strand.direction
            if state.ended_at is not None:
                continue
            for person in (self._person(strand.from_), self._person(strand.to)):
                self._connect_bridged(person, event, strand)
        self._bridge_parties(event)
        self.call.answered_at = self.call.answered_at or event.occurred_at

    def _connect_bridged(self, person: Person, event: CtiEvent, strand: Strand) -> None:
        if person.is_dialplan:
            return
        role = "callee" if person.is_agent else "participant"
        leg = self._leg(person, "caller" if person.key == self.call.caller else role, event, strand.vendor_call_id)
        if leg and leg.state in (INITIATED, ALERTING):
            leg.enter(CONNECTED)

    def _bridge_parties(self, event: CtiEvent) -> None:
        """The eldest strand says who called; an agent that it was connected to is the callee."""
        primary = self.call.primary
        eldest = next((strand for strand in event.strands if strand.vendor_call_id == primary), None)
        if eldest and eldest.from_ is not None:
            self.call.caller = self._person(eldest.from_).key
        callee = self.call.people.get(self.call.callee, NOBODY)
        if callee.is_dialplan or (not callee.is_agent and callee.key not in self.call.legs):
            agents = (self._person(strand.to) for strand in event.strands)
            self.call.callee = next((agent.key for agent in agents if agent.is_agent), self.call.callee)

    def _cleared(self, event: CtiEvent) -> None:
        strand = self._begin(event)
        if strand is None:
            return
        self._caller(event)
        person = self._person(event.to)
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
            self._end(event.occurred_at, event.reason or EndReason.HANGUP)

    def _others_live(self, key: str, event: CtiEvent) -> bool:
        return any(
            leg.live and leg.role != "caller" and event.vendor_call_id in leg.strands
            for other, leg in self.call.legs.items()
            if other != key
        )

    # The end.

    def _end(self, at: datetime, reason: EndReason) -> None:
        if reason is EndReason.HANGUP and self.call.answered_at is None:
            reason = EndReason.CANCELLED
        self.call.ended_at, self.call.end_reason, self.call.held, self.call.recording = at, reason, False, False
        for leg in self.call.legs.values():
            if leg.live:
                leg.leave(at, reason)

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
    parties = (party for event in facts.events for party in (event.from_, event.to) if party is not None)
    return {
        normalize(party.number, region): party.extension_id for party in parties if party.number and party.extension_id
    }


_HANDLERS = {
    EventType.ORIGINATED: _Fold._originated,
    EventType.DELIVERED: _Fold._delivered,
    EventType.ESTABLISHED: _Fold._established,
    EventType.HELD: _Fold._held,
    EventType.RETRIEVED: _Fold._retrieved,
    EventType.RECORDING_STARTED: _Fold._recording,
    EventType.RECORDING_STOPPED: _Fold._recording,
    EventType.TRANSFERRED: _Fold._transferred,
    EventType.BRIDGED: _Fold._bridged,
    EventType.CLEARED: _Fold._cleared,
}
