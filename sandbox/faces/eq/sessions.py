""" "User Sessions": who is signed in, where, and until when. A user has one active session at most, an extension one user."""

import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sandbox.engine.directory import Agent, AgentState, Extension
from sandbox.engine.switch import Switch
from sandbox.faces.eq.connection import Connection
from sandbox.faces.eq.errors import ApiError, refused, unauthorized
from sandbox.faces.eq.records import Record, Records

TOKEN_BYTES = 64


class Kind(StrEnum):
    SUPERVISOR = "supervisor"
    AGENT = "agent"


@dataclass(slots=True, eq=False)
class Session:
    """`extension_id` is None for a supervisor who sits nowhere. `places`: where an agent was in queues when they timed out,
    by the queues' ids. One that began at a phone (`by_phone`) needs no keeping alive.
    """

    token: str
    kind: Kind
    user: Record
    extension_id: str | None
    started_at: float
    pinged_at: float
    by_phone: bool = False
    active: bool = True
    places: dict[str, Agent] = field(default_factory=dict)


class Sessions:
    """Signing out destroys a session; timing out deactivates it, and the next request on the user's behalf brings it back."""

    def __init__(self, switch: Switch, connection: Connection, records: Records) -> None:
        self.switch = switch
        self.company = switch.company
        self.connection = connection
        self.records = records
        self._sessions: dict[str, Session] = {}

    def active(self, kind: Kind) -> list[Session]:
        return [each for each in self._sessions.values() if each.active and each.kind is kind]

    def of_agent(self, agent: Record) -> Session | None:
        """The agent's active session."""
        return next((each for each in self.active(Kind.AGENT) if each.user is agent), None)

    def line(self, session: Session) -> Extension | None:
        """Where the user is signed in, unless that extension has been deleted."""
        return self.company.extensions.get(session.extension_id or "")

    def at(self, extension_id: str | None) -> Session | None:
        """Whoever is signed in at that extension."""
        if extension_id is None:
            return None
        return next(
            (each for each in self._sessions.values() if each.active and each.extension_id == extension_id), None
        )

    def sign_in(
        self, kind: Kind, user: Record, extension_id: str | None, *, force: bool = False, by_phone: bool = False
    ) -> Session:
        """`force` ends the user's other session. Raises ApiError: already_signed_in, or the extension is in_use."""
        if not force and any(each.user is user for each in self.active(kind)):
            raise _already_signed_in(kind)
        if (there := self.at(extension_id)) is not None and there.user is not user:
            raise _in_use()
        for each in [each for each in self._sessions.values() if each.user is user]:
            self.end(each)
        now = self.company.now()
        token = secrets.token_hex(TOKEN_BYTES // 2)
        session = Session(token, kind, user, extension_id, now, now, by_phone)
        self._sessions[token] = session
        if not by_phone:
            self._watch(session)
        return session

    def find(self, kind: Kind, token: str) -> Session | None:
        """Active or not."""
        session = self._sessions.get(token)
        return session if session and session.kind is kind else None

    def authenticate(self, kind: Kind, token: str, parameter: str) -> Session:
        """Pings the session, and activates it again. Raises ApiError 401 when it is gone, or somebody is in its place."""
        session = self.find(kind, token)
        if session is None:
            raise unauthorized(parameter, "nonexistent", "The session doesn't exist or is no longer valid")
        if not session.active:
            self._reactivate(session)
        session.pinged_at = self.company.now()
        return session

    def end(self, session: Session) -> None:
        """Signs the user out, of all queues as well."""
        if session.active:
            self._leave_queues(session)
        self._sessions.pop(session.token, None)

    def end_of(self, user: Record) -> None:
        """Signs the user out wherever they are signed in, as when they are deleted."""
        for each in [each for each in self._sessions.values() if each.user is user]:
            self.end(each)

    def time_out(self) -> int:
        """Deactivates every session that would have to be kept alive; answers how many."""
        due = [each for each in self._sessions.values() if each.active and not each.by_phone]
        for each in due:
            self._deactivate(each)
        return len(due)

    def destroy(self) -> int:
        """Signs everybody out; answers how many."""
        count = len(self._sessions)
        for each in list(self._sessions.values()):
            self.end(each)
        return count

    def _watch(self, session: Session) -> None:
        """Looks again when the session is due to time out."""
        due = session.pinged_at + self.connection.session_s - self.company.now()

        def look() -> None:
            if session.active and session.token in self._sessions:
                self._watch(session)

        if due > 0:
            self.company.later(due, look)
        else:
            self._deactivate(session)

    def _deactivate(self, session: Session) -> None:
        """The user is no longer signed in; where they were in queues is remembered."""
        session.places = self._places(session)
        self._leave_queues(session)
        session.active = False

    def _reactivate(self, session: Session) -> None:
        """Raises ApiError 401 for a conflict: signed in elsewhere, or another user at the extension."""
        if any(each.user is session.user for each in self.active(session.kind)):
            raise _conflict(_already_signed_in(session.kind))
        if self.at(session.extension_id) is not None:
            raise _conflict(_in_use())
        session.active, session.pinged_at = True, self.company.now()
        self._watch(session)
        line = self.line(session)
        for queue_id, agent in session.places.items():
            queue = self.company.extensions.get(queue_id)
            if queue is not None and line is not None:
                paused = agent.state is AgentState.PAUSED
                self.switch.queues.log_in(queue, line, skill=agent.skill, code=agent.pause_code, paused=paused)

    def _places(self, session: Session) -> dict[str, Agent]:
        """The queues where the user is signed in, and how."""
        line = self.line(session)
        if session.kind is not Kind.AGENT or line is None:
            return {}
        places = {each.id: replace(self.switch.queues.agent(each, line)) for each in self.switch.queues.of_agent(line)}
        return {key: agent for key, agent in places.items() if agent.state is not AgentState.LOGGED_OUT}

    def _leave_queues(self, session: Session) -> None:
        line = self.line(session)
        for queue_id in self._places(session):
            if line is not None:
                self.switch.queues.log_out(self.company.extensions[queue_id], line)


def _already_signed_in(kind: Kind) -> ApiError:
    return refused(None, "already_signed_in", f"The {kind} is already signed in with another session")


def _in_use() -> ApiError:
    return refused("extension", "in_use", "Another user is signed in at the extension")


def _conflict(error: ApiError) -> ApiError:
    """The same as what refuses a request on the user's behalf."""
    return ApiError(401, error.problems)
