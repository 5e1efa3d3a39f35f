"""Voicemail boxes: a call that nobody answers leaves a message."""

import uuid

from sandbox.engine.core import Core
from sandbox.engine.directory import Party
from sandbox.engine.errors import NotDialable, WrongState
from sandbox.engine.events import EngineEvent, Kind, LineKind
from sandbox.engine.model import Call, Cause, Leg, LegState, Role
from sandbox.engine.stored import VoiceMessage


class Voicemail:
    """Messages are stored in `company.voicemail` when their call has ended."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.company = core.company
        core.company.reactions.append(self._store)

    def deposit(self, call: Call, owner: Party, role: Role, cause: Cause | None = None) -> Leg:
        """Connects the call to the owner's box: a leg in voicemail instead of those that ring. The caller talks until they hang up.

        Raises NotDialable for somebody without a box, WrongState when somebody talks there or the call has ended.
        """
        if owner.extension is None or owner.extension.is_dialplan:
            raise NotDialable("Only a user has a voicemail box")
        if call.ended_at is not None or any(each.role is role for each in call.talking) or role is Role.SUPERVISOR:
            raise WrongState("Only a call that nobody has answered goes to voicemail")
        self.core.unpark(call)
        others = call.in_state(LegState.ALERTING, LegState.QUEUED)
        for other in others:
            self.core.close(other, cause or Cause.FORWARDED)
        leg = self.core.add(call, owner, role, LegState.VOICEMAIL)
        call.voicemail = VoiceMessage(
            id=uuid.uuid4().hex,
            call_id=call.id,
            extension_id=owner.extension.id,
            caller=call.party(role.other),
            at=self.company.now(),
        )
        self.core.tell(Kind.VOICEMAIL, call, leg=leg, cause=cause)
        self.core.tell_cleared(call, others)
        seconds = self.company.behaviour.voicemail_max_s
        self.core.later(seconds, call, leg, lambda: self.core.end(call, Cause.TIMED_OUT))
        return leg

    def _store(self, event: EngineEvent) -> None:
        message = event.call.voicemail
        if event.kind is not Kind.ENDED or message is None:
            return
        message.seconds = event.at - message.at
        self.company.voicemail[message.id] = message
        owner = self.company.extensions[message.extension_id]
        self.core.tell_line(LineKind.VOICEMAIL_STORED, owner, message=message)
