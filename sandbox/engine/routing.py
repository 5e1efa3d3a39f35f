"""Whom a call rings: a phone, a ring group, a queue; or, as its user wants it, another number or the voicemail box."""

from sandbox.engine.core import Core
from sandbox.engine.directory import VOICEMAIL, Extension, Party
from sandbox.engine.errors import NotDialable
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call, Cause, Diversion, Leg, LegState, Role
from sandbox.engine.queues import Queues
from sandbox.engine.voicemail import Voicemail

MOST_DIVERSIONS = 5


class Routing:
    """Brings a call to its target, and on from there when nobody answers."""

    def __init__(self, core: Core, queues: Queues, voicemail: Voicemail) -> None:
        self.core = core
        self.company = core.company
        self.queues = queues
        self.voicemail = voicemail
        core.company.reactions.append(self._wake_campers)

    def route(self, call: Call, target: Party, role: Role, *, bypass: bool = False) -> None:
        """Rings the target. `bypass`: whatever diversions and do-not-disturb say."""
        extension = target.extension
        if extension is None:
            self._ring_outside(call, target, role)
        elif extension.queue is not None:
            self._enter_queue(call, target, extension, role)
        elif extension.is_dialplan:
            self._ring_group(call, target, extension, role)
        else:
            self._ring_user(call, target, extension, role, bypass=bypass)

    def forward(self, call: Call, leg: Leg, target: Party, cause: Cause = Cause.FORWARDED) -> None:
        """Stops all ringing and waiting on that side, and rings the target instead."""
        others = [each for each in call.in_state(LegState.ALERTING, LegState.QUEUED) if each.role is leg.role]
        for other in others:
            self.core.close(other, cause)
        call.diversions.append(Diversion(leg.party, cause))
        self.core.tell(Kind.DIVERTED, call, leg=leg, cause=cause, target=target)
        self.core.tell_cleared(call, [each for each in others if each is not leg])
        self.route(call, target, leg.role)

    def divert(self, call: Call, target: Party, number: str, role: Role, cause: Cause, leg: Leg | None = None) -> None:
        """Sends a call that was meant for `target` to a number or to VOICEMAIL instead; `leg` is what rang there, if it did."""
        to_box = number == VOICEMAIL
        onward = target if to_box else self._next(call, number)
        if leg is not None:
            self.core.close(leg, cause)
        if onward is None:
            self.core.end(call, cause)
            return
        call.diversions.append(Diversion(target, cause))
        self.core.tell(Kind.DIVERTED, call, leg=leg, cause=cause, target=onward)
        if to_box:
            self.voicemail.deposit(call, target, role, cause)
        else:
            self.route(call, onward, role)

    def no_answer(self, call: Call, leg: Leg) -> None:
        """As the user wants it: another number, else the voicemail box, else the call is over."""
        extension = leg.party.extension
        number = _when_unanswered(extension) if extension else None
        if number is None:
            self.core.end(call, Cause.NO_ANSWER)
        else:
            self.divert(call, leg.party, number, leg.role, Cause.NO_ANSWER, leg)

    def camp_on(self, call: Call, target: Party, role: Role, back_to: Party) -> None:
        """Rings the target as soon as it has no other call; at once when it has none. After a while it rings `back_to`."""
        if target.extension is None or target.extension.is_dialplan or self._is_free(call, target.extension):
            self.route(call, target, role)
            return
        leg = self.core.add(call, target, role, LegState.QUEUED)
        self.core.tell(Kind.QUEUED, call, leg=leg, cause=Cause.CAMP_ON)
        seconds = self.company.behaviour.park_timeout_s
        self.core.later(seconds, call, leg, lambda: self.forward(call, leg, back_to, Cause.TIMED_OUT))

    def _ring_outside(self, call: Call, target: Party, role: Role) -> None:
        leg = self._alert(call, target, role)
        behaviour = self.company.behaviour
        self.core.later(behaviour.ring_timeout_s, call, leg, lambda: self.core.end(call, Cause.NO_ANSWER))
        if behaviour.customer_answers_after_s is not None:
            self.core.later(behaviour.customer_answers_after_s, call, leg, lambda: self.core.connect(call, leg, None))

    def _ring_group(self, call: Call, target: Party, plan: Extension, role: Role) -> None:
        """The members who are still there and can be reached; their own diversions don't count."""
        call.via = target
        members = [each for each in map(self.company.extensions.get, plan.members) if each]
        talking = call.party(role.other).extension
        legs = [
            self._alert(call, self.company.party_of(each), role)
            for each in members
            if each is not talking and _reachable(each) and not self.company.is_busy(each)
        ]
        if not legs:
            self.core.end(call, Cause.NO_ANSWER)
            return

        def give_up() -> None:
            if call.ended_at is None and any(leg.state is LegState.ALERTING for leg in legs):
                self.core.end(call, Cause.NO_ANSWER)

        self.company.later(self.company.behaviour.ring_timeout_s, give_up)

    def _ring_user(self, call: Call, target: Party, extension: Extension, role: Role, *, bypass: bool) -> None:
        refusal = self._refusal(extension, bypass=bypass)
        if refusal is not None:
            cause, number = refusal
            if number is None:
                self.core.end(call, cause)
            else:
                self.divert(call, target, number, role, cause)
            return
        leg = self._alert(call, target, role)
        seconds = self.company.behaviour.ring_timeout_s
        if _when_unanswered(extension):
            seconds = min(seconds, extension.settings.no_answer_s)
        self.core.later(seconds, call, leg, lambda: self.no_answer(call, leg))

    def _refusal(self, extension: Extension, *, bypass: bool) -> tuple[Cause, str | None] | None:
        """Why the line doesn't ring, and where the call goes instead; None when it rings."""
        settings = extension.settings
        box = VOICEMAIL if settings.voicemail else None
        if settings.divert_always and not bypass:
            return Cause.DIVERTED, settings.divert_always
        if settings.dnd and not bypass:
            return Cause.DO_NOT_DISTURB, settings.divert_busy or box
        if self.company.is_busy(extension):
            return Cause.BUSY, settings.divert_busy or box
        if extension.devices and not extension.online:
            return Cause.UNREACHABLE, settings.divert_no_answer or box
        return None

    def _alert(self, call: Call, target: Party, role: Role) -> Leg:
        devices = target.extension.online if target.extension else []
        leg = self.core.add(call, target, role, LegState.ALERTING, devices)
        self.core.tell(Kind.ALERTING, call, leg=leg)
        return leg

    def _next(self, call: Call, number: str) -> Party | None:
        """Nobody after too many diversions, which may go in circles, or by a number that reaches nobody."""
        if len(call.diversions) >= MOST_DIVERSIONS:
            return None
        try:
            return self.company.party(number)
        except NotDialable:
            return None

    def _enter_queue(self, call: Call, target: Party, queue: Extension, role: Role) -> None:
        call.via = target
        leg = self.queues.enter(call, target, role)
        settings = self.company.queue(queue.id).settings
        self.core.later(settings.max_wait_s, call, leg, lambda: self._overflow(call, leg, queue))

    def _overflow(self, call: Call, leg: Leg, queue: Extension) -> None:
        self.queues.give_up(call, queue)
        number = self.company.queue(queue.id).settings.overflow
        if number is None:
            self.core.end(call, Cause.TIMED_OUT)
        else:
            self.divert(call, leg.party, number, leg.role, Cause.TIMED_OUT, leg)

    def _is_free(self, call: Call, extension: Extension) -> bool:
        return not any(
            leg.is_live and leg.state is not LegState.QUEUED
            for other in self.company.calls.values()
            if other is not call
            for leg in other.legs
            if leg.party.extension_id == extension.id
        )

    def _wake_campers(self, event: EngineEvent) -> None:
        """When somebody's leg ended, those who camp on them may ring."""
        if event.kind not in (Kind.ENDED, Kind.CLEARED, Kind.TRANSFERRED, Kind.PARKED):
            return
        for call in list(self.company.calls.values()):
            for leg in call.in_state(LegState.QUEUED):
                target = leg.party.extension
                if target is not None and target.is_user and self._is_free(call, target):
                    self.core.close(leg, Cause.CAMP_ON)
                    self.route(call, leg.party, leg.role)


def _reachable(extension: Extension) -> bool:
    return not extension.settings.dnd and not (extension.devices and not extension.online)


def _when_unanswered(extension: Extension) -> str | None:
    settings = extension.settings
    return settings.divert_no_answer or (VOICEMAIL if settings.voicemail else None)
