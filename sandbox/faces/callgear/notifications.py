"""Tells of sessions as the client area was told to: at each change, by the templates that were pasted there."""

import uuid
from collections.abc import Callable
from typing import Any

from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import TALKING, Leg, LegState, Role
from sandbox.engine.stored import RecordingState
from sandbox.faces.callgear.dialect import Dialect
from sandbox.faces.callgear.facts import Facts
from sandbox.faces.callgear.sessions import Session, Sessions
from sandbox.faces.callgear.templates import Template, Topic
from sandbox.outbox import Outbox

_LANE = "notifications"  # one after another, whatever kinds they are of


class Notifications:
    """Nothing tells of holding, consulting, or what else "list.calls" shows. `link`: where a recording of a session is."""

    def __init__(
        self,
        sessions: Sessions,
        facts: Facts,
        outbox: Outbox,
        dialect: Dialect,
        link: Callable[[Session, str], str],
    ) -> None:
        self.sessions = sessions
        self.facts = facts
        self.outbox = outbox
        self.dialect = dialect
        self.link = link
        self._templates: dict[Topic, Template] = {}
        self._talking: dict[str, list[Leg]] = {}
        self._last: dict[str, Leg] = {}

    @property
    def all(self) -> list[Template]:
        return list(self._templates.values())

    def paste(self, template: Template) -> None:
        """Sets up one kind of event; without an address it is told no more."""
        if template.url:
            self._templates[template.topic] = template
        else:
            self._templates.pop(template.topic, None)

    def drop(self) -> int:
        """Forgets all; answers how many there were."""
        count = len(self._templates)
        self.outbox.cancel(_LANE)
        self._templates.clear()
        return count

    def follow(self, event: EngineEvent) -> None:
        """The engine's listener, after that of the sessions."""
        session = self.sessions.of(event.call)
        if session is None or (session.call.ended_at is not None and session.call is not event.call):
            return
        if event.kind is Kind.CREATED and session.call is event.call:
            self._tell_begin(session, event.at)
        if event.kind is Kind.ALERTING and event.leg is not None:
            self._tell_waiting(session, event.leg, event.at, consulted=session.call is not event.call)
        self._tell_talks(session, event.at)
        if event.kind is Kind.ENDED and session.call is event.call:
            self._tell_end(session, event.at)

    def _tell_begin(self, session: Session, at: float) -> None:
        """An employee who is called first is waited for at once."""
        topic = Topic.INBOUND if session.origin.direction == "in" else Topic.OUTBOUND
        own = next((each for each in session.call.legs if self._is_operator(session, each)), None)
        self._tell(topic, session, at, self.facts.employee(session, own))
        if own is not None and own.state is LegState.INITIATED:
            self._tell_waiting(session, own, at)

    def _tell_waiting(self, session: Session, leg: Leg, at: float, *, consulted: bool = False) -> None:
        if not consulted and self._is_operator(session, leg):
            self._last[session.call.id] = leg
        if consulted or self._is_operator(session, leg):
            self._tell(Topic.WAITING, session, at, self.facts.employee(session, leg) | self.facts.legs([leg]))

    def _tell_talks(self, session: Session, at: float) -> None:
        """Compares who talks to the contact with who did before."""
        before, now = self._talking.get(session.call.id, []), self._talkers(session)
        for leg in before:
            if leg not in now:
                seconds = round(at - (leg.answered_at or at))
                self._tell_talk(Topic.TALK_FINISHED, session, leg, at, {"talk_time_duration": seconds})
        for leg in now:
            if leg not in before:
                self._last[session.call.id] = leg
                self._tell_talk(Topic.TALK_STARTED, session, leg, at, {})
        self._talking[session.call.id] = now

    def _tell_talk(self, topic: Topic, session: Session, leg: Leg, at: float, more: dict[str, Any]) -> None:
        legs = self.facts.legs([session.contact, leg])
        self._tell(topic, session, at, self.facts.employee(session, leg) | legs | more)

    def _tell_end(self, session: Session, at: float) -> None:
        call, facts = session.call, self.facts
        self._talking.pop(call.id, None)
        values = facts.durations(session, at) | facts.tags(session)
        values |= facts.employee(session, self._last.pop(call.id, None))
        rung = [each.party.extension_id for each in call.legs if self._is_operator(session, each)]
        lost = session.origin.direction == "in" and call.answered_at is None
        if lost:
            ids = [int(each) for each in dict.fromkeys(rung) if each]
            self._tell(Topic.LOST, session, at, values | {"employee_ids": ids})
        if not lost or self.dialect.lost_calls == "both":
            self._tell(Topic.FINISHED, session, at, values)
        for recording in call.recordings:
            if recording.state is RecordingState.STORED:
                link = self.link(session, recording.id)
                self._tell(Topic.RECORDED, session, at, values | facts.recording(recording, link))

    def _talkers(self, session: Session) -> list[Leg]:
        contact = session.contact
        if contact is None or not any(each.state in TALKING and session.is_contact(each) for each in session.call.live):
            return []
        return [each for each in session.call.talking if self._is_operator(session, each)]

    def _is_operator(self, session: Session, leg: Leg) -> bool:
        return not session.is_contact(leg) and leg.role is not Role.SUPERVISOR and session.is_shown(leg)

    def _tell(self, topic: Topic, session: Session, at: float, more: dict[str, Any]) -> None:
        template = self._templates.get(topic)
        if template is None:
            return
        values = self.facts.common(session, topic, at) | more
        self.outbox.put(
            subscription_id=_LANE,
            url=template.address(values),
            call_id=session.call.id,
            event_id=uuid.uuid4().hex,
            event_type=topic,
            body=template.body(values, self.dialect),
            method=template.method,
        )
