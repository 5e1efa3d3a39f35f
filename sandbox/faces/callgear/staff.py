"""Employees and numbers: who is reached by what, and which numbers the company rents."""

from sandbox.engine.company import Company
from sandbox.engine.directory import Device, DeviceKind, Extension, Party
from sandbox.engine.errors import NotDialable
from sandbox.engine.model import Leg
from sandbox.faces.callgear.connection import Connection
from sandbox.faces.callgear.errors import virtual_number_not_found

_SIP_PREFIX = {DeviceKind.DESK: "0770", DeviceKind.SOFTPHONE: "0771"}


class Staff:
    """Reads the engine's directory as CallGear has it: a user is an employee, a dialplan is a scenario."""

    def __init__(self, company: Company, connection: Connection) -> None:
        self.company = company
        self.connection = connection

    @property
    def employees(self) -> list[Extension]:
        return [each for each in self.company.extensions.values() if each.is_user]

    @property
    def scenarios(self) -> list[Extension]:
        return [each for each in self.company.extensions.values() if each.is_dialplan]

    @property
    def virtual_numbers(self) -> dict[str, Extension | None]:
        """Every rented number, and the scenario of its calls."""
        rented = {each.external_number: each for each in self.scenarios if each.external_number}
        return {**rented, **dict.fromkeys(self.connection.numbers_without_scenario)}

    def employee(self, employee_id: int) -> Extension | None:
        return next((each for each in self.employees if int(each.id) == employee_id), None)

    def scenario(self, scenario_id: int) -> Extension | None:
        return next((each for each in self.scenarios if int(each.id) == scenario_id), None)

    def check_virtual(self, number: str) -> Extension | None:
        """The number's scenario. Raises RpcError virtual_phone_number_not_found."""
        if number not in self.virtual_numbers:
            raise virtual_number_not_found(number)
        return self.virtual_numbers[number]

    def reach(self, number: str) -> Party:
        """Whom one reaches: an employee by extension, SIP number or mobile phone, a scenario, or somebody outside.

        Raises NotDialable.
        """
        for employee in self.employees:
            if number in self.phones(employee):
                return Party(number, employee.name, employee)
        if number in self.connection.numbers_without_scenario:
            raise NotDialable(f"{number} has no scenario")
        return self.company.party(number)

    def phones(self, employee: Extension) -> dict[str, Device | None]:
        """The employee's numbers, the extension first, which is for every phone."""
        numbers: dict[str, Device | None] = {employee.number: None}
        return numbers | {sip_number(employee, each): each for each in employee.devices}

    def number_of(self, leg: Leg) -> str | None:
        """The number by which a leg is called; null for somebody anonymous."""
        extension = leg.party.extension
        if extension is not None and leg.devices:
            return sip_number(extension, leg.devices[0])
        return leg.party.number or None


def sip_number(employee: Extension, device: Device) -> str:
    """Of a SIP line; a mobile phone has its own number."""
    return device.number or f"{_SIP_PREFIX[device.kind]}{employee.number}"
