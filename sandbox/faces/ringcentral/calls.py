"""Call control of sessions: call-out, conference, get, drop, supervise, bring-in."""

from typing import Any

from sandbox.engine.directory import Extension
from sandbox.engine.model import Leg
from sandbox.faces.ringcentral.control import Control
from sandbox.faces.ringcentral.errors import forbidden, invalid, not_found
from sandbox.faces.ringcentral.requests import Ask
from sandbox.faces.ringcentral.sessions import Session


class SessionCalls:
    """The first half of the call-control table."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.switch = control.switch

    def call_out(self, ask: Ask) -> dict[str, Any]:
        """From a device of the user's, or for an administrator anybody's; to a park orbit, it picks up what is parked there."""
        caller, device = self.control.phone(_text(ask.nested("from"), "deviceId"), "from.deviceId")
        if caller.id != ask.grant.user.extension_id and not ask.grant.user.is_admin:
            raise forbidden("CallControl")
        to, company = ask.nested("to"), self.control.company
        orbit = (_text(to, "phoneNumber") or _text(to, "extensionNumber") or "").lstrip("*")
        if (call := self.switch.parked.slots.get(orbit)) is not None:
            with self.control.refusing():
                self.switch.parked.retrieve(orbit, caller, device)
        else:
            callee = self.control.dialled(to)
            with self.control.refusing():
                call = self.switch.calls.dial(
                    company.party_of(caller), callee, device=device, pickup=company.behaviour.auto_pickup
                )
        return {"session": self.control.show_session(self.control.sessions.of(call))}

    def conference(self, ask: Ask) -> dict[str, Any]:
        """An empty conference with the user as its host."""
        with self.control.refusing():
            call = self.switch.conferences.start(self.control.company.extensions[ask.grant.user.extension_id])
        return {"session": self.control.show_session(self.control.sessions.of(call))}

    def get(self, ask: Ask) -> dict[str, Any]:
        return self.control.show_session(self.control.session(ask))

    def drop(self, ask: Ask) -> None:
        """Ends the call for everybody."""
        with self.control.refusing():
            self.switch.calls.end(self.control.session(ask).call)

    def bring_in(self, ask: Ask) -> dict[str, Any]:
        """Takes a party of another session into this conference."""
        session = self.control.session(ask)
        other = self.control.any_session(ask, ask.required("sessionId"), "sessionId")
        party = next((each for each in other.parties if each.id == ask.required("partyId")), None)
        if party is None:
            raise not_found("partyId")
        if not session.call.conference:
            raise self.control.wrong_state("the session is no conference")
        with self.control.refusing():
            leg = self.switch.conferences.bring_in(session.call, other.call, party.leg)
        return self._show(session, leg)

    def supervise(self, ask: Ask) -> dict[str, Any]:
        """Lets the owner of `supervisorDeviceId` listen to the agent of this session."""
        session = self.control.sessions.find(ask.path["session"])
        if session is None:
            raise not_found("telephonySessionId")
        agent = self._agent(ask)
        leg = next((each for each in session.call.talking if each.party.extension is agent), None)
        if leg is None:
            raise not_found("agentExtensionId")
        return self.listen(ask, session, leg)

    def listen(self, ask: Ask, session: Session, agent: Leg) -> dict[str, Any]:
        """What both supervise operations do: mode Listen is the only one that RingCentral has."""
        if ask.text("mode") not in (None, "Listen"):
            raise invalid("mode")
        supervisor, device = self.control.phone(ask.text("supervisorDeviceId"), "supervisorDeviceId")
        auto_answer = ask.body.get("autoAnswer", True)
        if not isinstance(auto_answer, bool):
            raise invalid("autoAnswer")
        with self.control.refusing():
            leg = self.switch.supervisions.start(
                session.call, agent, supervisor, device=device, auto_answer=auto_answer
            )
        return self._show(session, leg)

    def _agent(self, ask: Ask) -> Extension:
        for name in ("agentExtensionId", "agentExtensionNumber", "extensionNumber"):
            if (value := ask.text(name)) is not None:
                return self.control.extension(value, name)
        raise invalid("agentExtensionId")

    def _show(self, session: Session, leg: Leg) -> dict[str, Any]:
        party = session.party_of(leg)
        if party is None:
            raise not_found("partyId")
        return self.control.sessions.render(session, party)


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(name)
    return value
