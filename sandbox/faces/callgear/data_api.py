"""The Data API's lists: employees, numbers, scenarios, tags, media files, and reports of calls that have ended."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.directory import Device, Extension
from sandbox.engine.model import Leg
from sandbox.engine.stored import RecordingState
from sandbox.faces.callgear.catalogue import MEDIA_FILES, TAGS
from sandbox.faces.callgear.connection import Connection
from sandbox.faces.callgear.data_query import Row, query
from sandbox.faces.callgear.dialect import Dialect
from sandbox.faces.callgear.facts import APP_ID
from sandbox.faces.callgear.listing import leg_numbers
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.rpc import Handler, Page
from sandbox.faces.callgear.sessions import Session, Sessions
from sandbox.faces.callgear.staff import Staff, sip_number
from sandbox.faces.callgear.times import local, zone_name

_TIME = "%Y-%m-%d %H:%M:%S"


class DataApi:
    """Every list can be filtered, sorted and paged."""

    def __init__(
        self, company: Company, sessions: Sessions, staff: Staff, connection: Connection, dialect: Dialect
    ) -> None:
        self.company = company
        self.sessions = sessions
        self.staff = staff
        self.connection = connection
        self.dialect = dialect

    def handlers(self) -> dict[str, Handler]:
        lists: dict[str, Callable[[], list[Row]]] = {
            "get.account": lambda: [{"app_id": APP_ID, "name": self.company.name, "timezone": zone_name(self.dialect)}],
            "get.employees": lambda: [self._employee(each) for each in self.staff.employees],
            "get.virtual_numbers": self._virtual_numbers,
            "get.sip_lines": lambda: [
                self._line(each, device)
                for each in self.staff.employees
                for device in each.devices
                if not device.number
            ],
            "get.scenarios": lambda: [self._scenario(each) for each in self.staff.scenarios],
            "get.tags": lambda: [
                {"id": each.id, "name": each.name, "is_system": each.is_system} for each in TAGS.values()
            ],
            "get.media_files": self._media_files,
        }
        return {
            **{name: partial(_list, rows) for name, rows in lists.items()},
            "get.calls_report": lambda values: self._report(values, lambda session: [self._call(session)]),
            "get.call_legs_report": lambda values: self._report(values, self._legs),
        }

    def _employee(self, employee: Extension) -> Row:
        last, first = employee.name.split()[-1], employee.name.split()[0]
        user = next((each for each in self.company.users if each.extension_id == employee.id), None)
        phones = [
            {"phone_number": sip_number(employee, each), "status": "active" if each.online else "inactive"}
            for each in employee.devices
        ]
        return {
            "id": int(employee.id),
            "first_name": first,
            "last_name": last,
            "full_name": employee.name,
            "status": "active",
            "email": user.email if user else None,
            "calls_available": not employee.settings.dnd,
            "call_recording": "all" if self.connection.record_everything else "none",
            "coach": {"is_coach": employee.number == self.connection.coach},
            "operator": {"is_operator": True},
            "phone_numbers": phones,
            "extension": {"extension_phone_number": employee.number},
        }

    def _virtual_numbers(self) -> list[Row]:
        return [
            {
                "id": int(number[-6:]),
                "virtual_phone_number": number,
                "status": "active",
                "type": "external",
                "category": "usual",
                "scenarios": [{"id": int(scenario.id), "name": scenario.name}] if scenario else [],
            }
            for number, scenario in self.staff.virtual_numbers.items()
        ]

    def _line(self, employee: Extension, device: Device) -> Row:
        return {
            "id": int(device.id),
            "type": "in_out",
            "status": "active",
            "phone_number": sip_number(employee, device),
            "employee_id": int(employee.id),
            "employee_full_name": employee.name,
            "virtual_phone_number": employee.shown_number,
            "physical_state": "Registered" if device.online else "Unregistered",
            "channels_count": 1,
        }

    def _scenario(self, scenario: Extension) -> Row:
        numbers = [each for each, own in self.staff.virtual_numbers.items() if own is scenario]
        return {"id": int(scenario.id), "name": scenario.name, "virtual_phone_numbers": numbers}

    def _media_files(self) -> list[Row]:
        return [
            {"id": each.id, "name": each.name, "duration": each.duration, "type": each.type, "play_link": None}
            for each in MEDIA_FILES.values()
        ]

    def _report(self, values: Values, rows_of: Callable[[Session], list[Row]]) -> Page:
        """Of sessions that have ended, and began between the two times."""
        first, last = values.text("date_from"), values.text("date_till")
        ended = [each for each in self.sessions.ended if first <= self._time(each.call.created_at) <= last]
        return query([row for session in ended for row in rows_of(session)], values)

    def _call(self, session: Session) -> Row:
        call = session.call
        ended, answered = call.ended_at or call.created_at, call.answered_at
        return {
            "id": session.id,
            "start_time": self._time(call.created_at),
            "finish_time": self._time(ended),
            "finish_reason": str(call.end_cause),
            "direction": session.origin.direction,
            "source": session.origin.source,
            "is_lost": session.origin.direction == "in" and answered is None,
            "virtual_phone_number": session.origin.virtual_number,
            "contact_phone_number": session.contact_number,
            "communication_id": session.id,
            "external_id": session.origin.external_id,
            "scenario_name": session.origin.scenario_name,
            "talk_duration": round(ended - answered) if answered else 0,
            "wait_duration": round((answered or ended) - call.created_at),
            "total_duration": round(ended - call.created_at),
            "tags": [{"tag_id": each, "tag_name": TAGS[each].name} for each in session.tags],
            "call_records": [each.id for each in call.recordings if each.state is RecordingState.STORED],
            "employees": self._employees_of(session),
        }

    def _employees_of(self, session: Session) -> list[dict[str, Any]]:
        """Whoever was called or called, once each."""
        legs = [each for each in session.call.legs if not session.is_contact(each) and session.is_shown(each)]
        answered = {each.party.extension_id for each in legs if _talked(session, each)}
        people = {each.party.extension for each in legs if each.party.extension}
        return [
            {"employee_id": int(each.id), "employee_full_name": each.name, "is_answered": each.id in answered}
            for each in sorted(people, key=lambda each: each.number)
        ]

    def _legs(self, session: Session) -> list[Row]:
        return [self._leg(session, each) for each in session.call.legs if session.is_shown(each)]

    def _leg(self, session: Session, leg: Leg) -> Row:
        calling, called = leg_numbers(session, leg, self.staff)
        talked = _talked(session, leg)
        ended = leg.ended_at or leg.started_at
        employee = leg.party.extension if session.origin.shows_employee and not session.is_contact(leg) else None
        return {
            "id": self.sessions.leg_id(leg),
            "call_session_id": session.id,
            "start_time": self._time(leg.started_at),
            "duration": round(ended - leg.answered_at) if talked and leg.answered_at else 0,
            "total_duration": round(ended - leg.started_at),
            "calling_phone_number": calling,
            "called_phone_number": called,
            "direction": session.origin.direction,
            "is_operator": not session.is_contact(leg),
            "is_talked": talked,
            "employee_id": int(employee.id) if employee else None,
            "employee_full_name": employee.name if employee else None,
        }

    def _time(self, at: float) -> str:
        return local(at, self.dialect).strftime(_TIME)


def _list(rows: Callable[[], list[Row]], values: Values) -> Page:
    return query(rows(), values)


def _talked(session: Session, leg: Leg) -> bool:
    """Whoever calls is off the hook before anybody answers."""
    return leg.answered_at is not None and session.call.answered_at is not None
