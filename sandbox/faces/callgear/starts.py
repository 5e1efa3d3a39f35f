""" "Group of methods to make calls". The PBX calls one side, and the other once that one has answered."""

from dataclasses import dataclass

from sandbox.engine.directory import Device, Extension, Party
from sandbox.engine.errors import NotDialable
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call, Cause, LegState, Role
from sandbox.engine.switch import Switch
from sandbox.faces.callgear.connection import Connection
from sandbox.faces.callgear.errors import RpcError, invalid_value, no_active_phone_number, refused
from sandbox.faces.callgear.messages import check_messages, check_switching
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.rpc import Handler
from sandbox.faces.callgear.sessions import Origin, Sessions
from sandbox.faces.callgear.staff import Staff

_DIALING_TIMEOUT_S = 30
_LONGEST_TIMEOUT_S = 120
_BLACKLISTED = -32002
_BLACKLISTED_HERE = -32602  # the document has another code in the lists of these methods


@dataclass(frozen=True, slots=True)
class Operator:
    """Who is to talk to the contact: a party, maybe on one phone. `first`: who of a scenario is called before the contact is.

    `is_employee`: as one they are reported. `sees_virtual`: their phone shows the virtual number instead of the contact's.
    """

    party: Party
    device: Device | None = None
    first: Party | None = None
    is_employee: bool = True
    sees_virtual: bool = False


class Starts:
    def __init__(
        self, switch: Switch, sessions: Sessions, staff: Staff, blacklist: set[str], connection: Connection
    ) -> None:
        self.switch = switch
        self.sessions = sessions
        self.staff = staff
        self.blacklist = blacklist
        self.connection = connection

    def handlers(self) -> dict[str, Handler]:
        return {
            "start.employee_call": self.employee_call,
            "start.scenario_call": self.scenario_call,
            "start.vnumber_call": self.vnumber_call,
            "start.informer_call": self.informer_call,
            "start.simple_call": self.simple_call,
        }

    def employee_call(self, values: Values) -> dict[str, int]:
        check_switching(values, "employee")
        contact = self._contact(values, _BLACKLISTED)
        self.staff.check_virtual(values.text("virtual_phone_number"))
        return self._start(values, contact, self._employee(values), "employee")

    def scenario_call(self, values: Values) -> dict[str, int]:
        contact = self._contact(values, _BLACKLISTED_HERE)
        self.staff.check_virtual(values.text("virtual_phone_number"))
        scenario = self.staff.scenario(values.number("scenario_id"))
        if scenario is None:
            number = values.number("scenario_id")
            raise refused("scenario_not_found", f"Scenario with id {number} not found", "scenario_id", number)
        return self._start(values, contact, self._of_scenario(scenario), "employee")

    def vnumber_call(self, values: Values) -> dict[str, int]:
        contact = self._contact(values, _BLACKLISTED_HERE)
        number = values.text("virtual_phone_number")
        scenario = self.staff.check_virtual(number)
        if scenario is None:
            text = "Virtual phone number does not have a scenario"
            raise RpcError(-32007, "scenario_not_found", text, "virtual_phone_number", number)
        return self._start(values, contact, self._of_scenario(scenario), "employee")

    def simple_call(self, values: Values) -> dict[str, int]:
        """The operator may be anybody, and is no employee even if an employee's phone rings."""
        check_switching(values, "operator")
        contact = self._contact(values, _BLACKLISTED)
        self.staff.check_virtual(values.text("virtual_phone_number"))
        party = self._reach("operator", values.text("operator"))
        operator = Operator(party, is_employee=False, sees_virtual=values.flag("show_virtual_phone_number", True))
        return self._start(values, contact, operator, "operator")

    def informer_call(self, values: Values) -> dict[str, int]:
        """Nobody but the contact: the message plays when they answer, and then the call ends."""
        timeout = values.get("dialing_timeout", _DIALING_TIMEOUT_S)
        if not 0 < timeout <= _LONGEST_TIMEOUT_S:
            raise invalid_value("dialing_timeout", timeout)
        contact = self._contact(values, _BLACKLISTED_HERE)
        number = values.text("virtual_phone_number")
        self.staff.check_virtual(number)
        check_messages(values, self.connection)
        calls = self.switch.calls
        with self.sessions.beginning(self._origin(values, Role.CALLEE, None)):
            call = calls.dial(Party(number, "Informer"), contact, by_pbx=True)
        for leg in call.in_state(LegState.ALERTING):
            calls.core.later(timeout, call, leg, lambda: calls.end(call, Cause.NO_ANSWER))
        return {"call_session_id": int(call.id)}

    def react(self, event: EngineEvent) -> None:
        """An informer's contact has answered: the message plays to its end."""
        session = self.sessions.of(event.call)
        if event.kind is Kind.ANSWERED and event.leg and session and session.origin.is_informer:
            calls = self.switch.calls
            seconds = self.connection.message_s
            calls.core.later(seconds, event.call, event.leg, lambda: calls.end(event.call, Cause.HANGUP))

    def _start(self, values: Values, contact: Party, operator: Operator, own: str) -> dict[str, int]:
        """`own`: what `first_call` names the operator's side."""
        check_messages(values, self.connection)
        own_first = values.text("first_call") == own
        with self.sessions.beginning(self._origin(values, Role.CALLEE if own_first else Role.CALLER, operator)):
            call = self._dial(operator, contact) if own_first else self._dial_contact(contact, operator.party)
        return {"call_session_id": int(call.id)}

    def _dial(self, operator: Operator, contact: Party) -> Call:
        """An employee's own phone may go off-hook by itself; somebody outside is always rung."""
        own = operator.first or operator.party
        pickup = self.switch.company.behaviour.auto_pickup and own.extension is not None
        return self.switch.calls.dial(own, contact, pickup=pickup, device=operator.device, by_pbx=True)

    def _dial_contact(self, contact: Party, operator: Party) -> Call:
        return self.switch.calls.dial(contact, operator, pickup=False, by_pbx=True)

    def _origin(self, values: Values, contact_role: Role, operator: Operator | None) -> Origin:
        """Without an operator it informs."""
        return Origin(
            direction="out" if values.text("direction") == "out" else "in",
            contact_role=contact_role,
            virtual_number=values.text("virtual_phone_number"),
            source="callapi",
            external_id=values.get("external_id"),
            scenario_name=operator.party.name if operator and operator.first else None,
            dtmf=values.text("dtmf_string"),
            is_informer=operator is None,
            shows_employee=operator is not None and operator.is_employee,
            shows_virtual=operator is not None and operator.sees_virtual,
        )

    def _contact(self, values: Values, blacklist_code: int) -> Party:
        """Raises RpcError: a virtual number, somebody blocked, an extension, or nobody."""
        number = values.text("contact")
        if number in self.staff.virtual_numbers:
            text = "Parameter contact can not contain own virtual phone number"
            raise refused("own_virtual_phone_number_not_allowed", text, "contact", number)
        if number in self.blacklist:
            text = f"The contact {number} has been found in the blacklist"
            raise RpcError(blacklist_code, "contact_in_blacklist", text, "contact", number, {"contact": number})
        return self._reach("contact", number)

    def _reach(self, field: str, number: str) -> Party:
        try:
            return self.staff.reach(number)
        except NotDialable as error:
            raise invalid_value(field, number) from error

    def _employee(self, values: Values) -> Operator:
        """Raises RpcError employee_not_found, no_active_phone_number."""
        wanted = Values(values.sub("employee") or {})
        employee = self.staff.employee(wanted.number("id"))
        if employee is None:
            text = f"Employee with id {wanted['id']} not found. It is not your employee."
            raise refused("employee_not_found", text, "employee.id", wanted["id"], employee_id=wanted["id"])
        number = wanted.get("phone_number", employee.number)
        phones = self.staff.phones(employee)
        device = phones.get(number)
        if number not in phones or not employee.online or (device is not None and not device.online):
            raise no_active_phone_number("employee.phone_number", number)
        sees_virtual = values.flag("show_virtual_phone_number", True)
        return Operator(self.switch.company.party_of(employee), device, sees_virtual=sees_virtual)

    def _of_scenario(self, scenario: Extension) -> Operator:
        """The first of its employees who is free, else the first."""
        ids = scenario.members or tuple(scenario.queue.agents if scenario.queue else ())
        members = [self.switch.company.extensions[each] for each in ids]
        free = [each for each in members if each.online and not each.settings.dnd and not self._is_busy(each)]
        party = Party(scenario.external_number or scenario.number, scenario.name, scenario)
        return Operator(party, first=self.switch.company.party_of((free or members)[0]))

    def _is_busy(self, extension: Extension) -> bool:
        return any(each.leg_of(extension.id) for each in self.switch.company.calls.values())
