"""Engine events as the document's notifications: "Receiving events from subscriptions"."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sandbox.engine.directory import Party
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call, Direction, Parties
from sandbox.faces.kwebbl.dialect import Dialect

EVENT_TYPES = {
    Kind.CREATED: "created",
    Kind.ALERTING: "ringing",
    Kind.ANSWERED: "answered",
    Kind.HELD: "holding",
    Kind.RETRIEVED: "resume",
    Kind.RECORDING_STARTED: "start_recording",
    Kind.RECORDING_STOPPED: "stop_recording",
    Kind.BRIDGED: "bridged",
    Kind.TRANSFERRED: "transferred",
    Kind.ENDED: "terminated",
}


class Notifications:
    """Renders one event for a mode. `id` and `time` are the caller's: every subscription gets the same ones."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def render(self, event: EngineEvent, event_id: str, *, presence: bool) -> dict[str, Any]:
        """The envelope of "Event Structure"; transferred and bridged differ, as their sections say."""
        body: dict[str, Any] = {"id": event_id, "event_type": self._word(EVENT_TYPES[event.kind])}
        agent = self._presence if presence else self._agent
        if event.kind is Kind.BRIDGED and event.consultation is not None:
            body["calls"] = [self._leg(event.call, agent), self._leg(event.consultation, agent)]
        else:
            if event.kind is not Kind.CREATED or self.dialect.created_call_id:
                body["call_id"] = event.call.id
            body |= self._transfer(event, agent) if event.transfer else self._parties(event, agent, presence=presence)
        if event.cause:
            body["reason"] = event.cause if self.dialect.reasons == "detailed" else "hangup"
        moment = datetime.fromtimestamp(event.at, UTC)
        body["time"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return body

    def _parties(self, event: EngineEvent, agent: Any, *, presence: bool) -> dict[str, Any]:
        body: dict[str, Any] = {"from": agent(event.parties.caller)}
        via = event.call.via
        if via is not None and via.extension is not event.parties.callee.extension and not presence:
            body["via"] = agent(via)
        return body | {"to": agent(event.parties.callee), "direction": self._direction(event.call)}

    def _transfer(self, event: EngineEvent, agent: Any) -> dict[str, Any]:
        transfer = event.transfer
        assert transfer is not None  # noqa: S101 - the caller looked
        return {
            "before": _pair(transfer.before, agent),
            "after": _pair(transfer.after, agent),
            "initiator": agent(transfer.initiator),
            "transfer_type": "attended" if transfer.attended else "blind",
        }

    def _leg(self, call: Call, agent: Any) -> dict[str, Any]:
        return {"call_id": call.id, **_pair(call.parties, agent), "direction": self._direction(call)}

    def _agent(self, party: Party) -> dict[str, Any]:
        """Has at least one of number, extension_id, caller_id. Somebody anonymous has the last alone."""
        if party.extension is None:
            if not party.number:
                return {"caller_id": "anonymous"}
            return {"number": self._number(party.number), "caller_id": party.name or party.number}
        body: dict[str, Any] = {"extension_id": party.extension.id}
        is_external = party.number == party.extension.external_number
        body["number"] = self._number(party.number, prefix=is_external)
        if not party.extension.is_dialplan:
            body["caller_id"] = party.extension.shown_number or party.extension.name
        return body

    def _presence(self, party: Party) -> dict[str, Any]:
        """ "Limited information about the calls": who of ours, and nothing about others."""
        return {"extension_id": party.extension.id} if party.extension else {"caller_id": "anonymous"}

    def _number(self, digits: str, *, prefix: bool = True) -> str | int:
        if prefix and self.dialect.external_prefix:
            return self.dialect.external_prefix + digits
        return int(digits) if self.dialect.json_numbers and not digits.startswith("0") else digits

    def _direction(self, call: Call) -> str:
        return self.dialect.internal_direction if call.direction is Direction.INTERNAL else call.direction.value

    def _word(self, event_type: str) -> str:
        if event_type == "resume":
            return self.dialect.resume_word
        return event_type.replace("_", "-") if self.dialect.recording_words == "hyphen" else event_type


def _pair(parties: Parties, agent: Any) -> dict[str, Any]:
    return {"from": agent(parties.caller), "to": agent(parties.callee)}


def new_event_id() -> str:
    return uuid.uuid4().hex
