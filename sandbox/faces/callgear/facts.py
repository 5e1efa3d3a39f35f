"""What a notification's parameters say of a session, by the kind of event."""

import zlib
from collections.abc import Sequence
from typing import Any

from sandbox.engine.model import Direction, Leg
from sandbox.engine.stored import Recording
from sandbox.faces.callgear.catalogue import TAGS
from sandbox.faces.callgear.dialect import Dialect
from sandbox.faces.callgear.listing import leg_numbers
from sandbox.faces.callgear.sessions import Session, Sessions
from sandbox.faces.callgear.staff import Staff
from sandbox.faces.callgear.templates import Topic
from sandbox.faces.callgear.times import local

APP_ID = 1103
_MNEMONICS = {
    Topic.INBOUND: "IN_CALL_SESSION",
    Topic.OUTBOUND: "OUT_CALL_SESSION",
    Topic.WAITING: "CALL_WAITING",
    Topic.TALK_STARTED: "CALL_CONNECTED",
    Topic.TALK_FINISHED: "CALL_DISCONNECTED",
    Topic.LOST: "CALL_SESSION_LOST",
    Topic.FINISHED: "CALL_SESSION_FINISHED",
    Topic.RECORDED: "CALL_RECORD_COMPLETED",
}


class Facts:
    """Every parameter that a template can name. Which mnemonics CallGear has isn't published: these are invented."""

    def __init__(self, sessions: Sessions, staff: Staff, dialect: Dialect) -> None:
        self.sessions = sessions
        self.staff = staff
        self.dialect = dialect

    def common(self, session: Session, topic: Topic, at: float) -> dict[str, Any]:
        """What all kinds of events have."""
        contact = session.contact
        name = (contact.party.name if contact else session.call.dialled.name) or None
        number = session.contact_number
        return {
            "notification_name": topic.value,
            "notification_mnemonic": _MNEMONICS[topic],
            "notification_time": self._time(at),
            "notification_timestamp": int(at),
            "app_id": APP_ID,
            "is_internal": session.call.direction is Direction.INTERNAL,
            "virtual_phone_number": session.origin.virtual_number,
            "contact_phone_number": number,
            "contact_id": zlib.crc32(number.encode()) if name and number else None,
            "contact_full_name": name,
            "call_session_id": self._id(session.id),
            "communication_id": self._id(session.id),
            "communication_type": "call",
            "communication_number": self.sessions.count(number),
            "start_time": self._time(session.call.created_at),
            "direction": session.origin.direction,
            "call_source": session.origin.source,
            "external_id": session.origin.external_id,
            "scenario_name": session.origin.scenario_name,
        }

    def employee(self, session: Session, leg: Leg | None) -> dict[str, Any]:
        """Whose leg it is; nothing of an operator who is no employee."""
        if leg is None:
            return {}
        extension = leg.party.extension if session.origin.shows_employee else None
        calling, called = leg_numbers(session, leg, self.staff)
        return {
            "employee_id": int(extension.id) if extension else None,
            "employee_full_name": extension.name if extension else None,
            "employee_phone_number": called,
            "calling_phone_number": calling,
            "called_phone_number": called,
        }

    def legs(self, legs: Sequence[Leg | None]) -> dict[str, Any]:
        """`leg_id` is the last one's, the employee's."""
        ids = [self._id(self.sessions.leg_id(each)) for each in legs if each is not None]
        return {"leg_ids": ids, "leg_id": ids[-1] if ids else None}

    def durations(self, session: Session, at: float) -> dict[str, Any]:
        """In seconds, of the whole session."""
        call = session.call
        answered = call.answered_at
        return {
            "talk_time_duration": round(at - answered) if answered else 0,
            "wait_time_duration": round((answered or at) - call.created_at),
            "total_time_duration": round(at - call.created_at),
        }

    def tags(self, session: Session) -> dict[str, Any]:
        return {"tag_ids": list(session.tags), "tag_names": [TAGS[each].name for each in session.tags]}

    def recording(self, recording: Recording, link: str) -> dict[str, Any]:
        return {"file_link": link, "file_duration": round(recording.seconds)}

    def _id(self, value: int) -> int | str:
        return value if self.dialect.id_values == "number" else str(value)

    def _time(self, at: float) -> str:
        text = local(at, self.dialect).strftime("%Y-%m-%d %H:%M:%S.%f")
        return text[:-3] if self.dialect.notification_time == "fraction" else text[:-7]
