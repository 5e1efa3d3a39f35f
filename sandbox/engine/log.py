"""The call log: every ended call, as each extension on it saw it."""

from sandbox.engine.core import Core
from sandbox.engine.directory import Extension, Party
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call, Leg, LegState, Role
from sandbox.engine.stored import LogDirection, LogEntry, RecordingState


class CallLog:
    """Entries are in `company.log`, oldest first."""

    def __init__(self, core: Core) -> None:
        self.company = core.company
        core.company.reactions.append(self._write)

    def of(self, extension: Extension) -> list[LogEntry]:
        """Newest first; those moved to the trash included."""
        return [each for each in reversed(self.company.log) if each.extension_id == extension.id]

    def _write(self, event: EngineEvent) -> None:
        if event.kind is not Kind.ENDED:
            return
        call = event.call
        parties = [leg.party for leg in call.legs] + [each.party for each in call.diversions] + [call.dialled]
        for extension_id in dict.fromkeys(party.extension_id for party in parties):
            extension = self.company.extensions.get(extension_id or "")
            if extension is not None and extension.is_user:
                self._add(call, extension)

    def _add(self, call: Call, extension: Extension) -> None:
        own = _own_leg(call, self.company.party_of(extension))
        if own.role is Role.SUPERVISOR:
            return
        outgoing = own.role is Role.CALLER
        answered_at = call.answered_at if outgoing else own.answered_at
        stored = [each.id for each in call.recordings if each.state is RecordingState.STORED]
        message = call.voicemail if call.voicemail and call.voicemail.extension_id == extension.id else None
        self.company.log.append(
            LogEntry(
                id=next(self.company.numbers),
                call_id=call.id,
                extension_id=extension.id,
                direction=LogDirection.OUTGOING if outgoing else LogDirection.INCOMING,
                remote=_remote(call, own),
                started_at=own.started_at,
                answered_at=answered_at,
                ended_at=own.ended_at or self.company.now(),
                cause=own.cause or "",
                missed=not outgoing and call.answered_at is None,
                via=call.via,
                recording_ids=tuple(stored),
                voicemail_id=message.id if message else None,
            )
        )


def _own_leg(call: Call, party: Party) -> Leg:
    """The leg on which they talked, else their last. Who was called but busy, say, never had one."""
    legs = [leg for leg in call.legs if leg.party.extension is party.extension]
    answered = [leg for leg in legs if leg.answered_at is not None]
    if answered or legs:
        return answered[0] if answered else legs[-1]
    unreached = Leg("", party, Role.CALLEE, LegState.ENDED, call.created_at)
    unreached.ended_at, unreached.cause = call.ended_at, call.end_cause
    return unreached


def _remote(call: Call, own: Leg) -> Party:
    """Whoever talked at the other side, else who it was meant for or came from."""
    others = [leg for leg in call.legs if leg.role is own.role.other]
    talked = next((leg.party for leg in others if leg.answered_at is not None), None)
    if talked is not None:
        return talked
    return call.dialled if own.role is Role.CALLER or not others else others[0].party
