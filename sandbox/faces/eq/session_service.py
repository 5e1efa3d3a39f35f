""" "Supervisor Session", "Agent Session", and who is signed in now. The agent's sign-out is missing in the document."""

from typing import Any

from sandbox.engine.events import LineEvent, LineKind
from sandbox.faces.eq.dispatch import Handler
from sandbox.faces.eq.errors import blank, nonexistent, not_found
from sandbox.faces.eq.lookup import Lookup
from sandbox.faces.eq.requests import Ask
from sandbox.faces.eq.sessions import Kind, Session, Sessions


class SessionService:
    """Signing in answers the token. A session is also made at a phone, when an agent signs in to a queue there."""

    def __init__(self, sessions: Sessions, lookup: Lookup) -> None:
        self.sessions = sessions
        self.lookup = lookup

    def operations(self) -> dict[str, Handler]:
        return {
            "supervisor_sign_in": lambda ask: self.sign_in(ask, Kind.SUPERVISOR),
            "supervisor_sign_out": lambda ask: self.sign_out(ask, Kind.SUPERVISOR),
            "agent_sign_in": lambda ask: self.sign_in(ask, Kind.AGENT),
            "agent_sign_out": lambda ask: self.sign_out(ask, Kind.AGENT),
            "active_supervisor_sessions": lambda _: [
                self._show(each) for each in self.sessions.active(Kind.SUPERVISOR)
            ],
            "active_agent_sessions": lambda _: [self._show(each) for each in self.sessions.active(Kind.AGENT)],
        }

    def sign_in(self, ask: Ask, kind: Kind) -> str:
        """An agent needs an extension, a supervisor may do without. Deleted users are treated as nonexistent."""
        records = self.lookup.records
        users = records.supervisors if kind is Kind.SUPERVISOR else records.agents
        key = ask.values.required("user")
        if kind is Kind.AGENT and not ask.values.text("extension"):
            raise blank("extension")
        user = users.get(key)
        if user is None:
            raise nonexistent("user", f"{kind} {key}")
        return self.sessions.sign_in(kind, user, self._extension_id(ask), force=ask.values.flag("force")).token

    def sign_out(self, ask: Ask, kind: Kind) -> None:
        session = self.sessions.find(kind, ask.path["token"])
        if session is None:
            raise not_found("token", "such session, or it is no longer valid")
        self.sessions.end(session)

    def follow(self, event: LineEvent) -> None:
        """Whoever signs in to a queue at a phone where nobody is signed in is whoever usually sits there."""
        line = event.extension
        if event.kind is not LineKind.AGENT or event.queue is None or self.sessions.at(line.id):
            return
        agent = self.lookup.records.seated_at(line.number)
        if agent and not self.sessions.of_agent(agent) and self.lookup.is_signed_in(event.queue, line):
            self.sessions.sign_in(Kind.AGENT, agent, line.id, by_phone=True)

    def sign_in_at_phones(self) -> None:
        """The agents who are in queues from the beginning."""
        for agent in self.lookup.records.agents:
            line = self.lookup.company.extension(agent.seat)
            if line is not None and agent.queues:
                self.sessions.sign_in(Kind.AGENT, agent, line.id, by_phone=True)

    def _extension_id(self, ask: Ask) -> str | None:
        return self.lookup.extension(ask.values, "extension").id if ask.values.text("extension") else None

    def _show(self, session: Session) -> dict[str, Any]:
        """The token stays out: whoever has it is that user."""
        own: dict[str, Any] = {key: each for key, each in session.user.values.items() if key in ("username", "number")}
        line = self.sessions.line(session)
        return {
            "user": int(session.user.key),
            **own,
            "firstName": session.user.values["firstName"],
            "lastName": session.user.values["lastName"],
            "extension": line.number if line else None,
            "startTime": int(session.started_at),
            "lastPing": int(session.pinged_at),
        }
