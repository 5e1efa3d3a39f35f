""" "User Line API": the numbers that a user may show to those they call."""

from dataclasses import dataclass
from typing import Any

from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import invalid
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.requests import Ask, Values
from sandbox.faces.dstny.wire import success

TYPES = (
    "ANONYMOUS",
    "ACD",
    "ACD_LIGHT",
    "ATTENDANT",
    "SWITCHBOARD",
    "OFFICE_FIXED",
    "PRIVATE_FIXED",
    "OFFICE_MOBILE",
    "PRIVATE_MOBILE",
)


@dataclass(frozen=True, slots=True)
class Line:
    """`group_id`: 0 for a primary line, or the group whose number it is. `caller_id` is the engine's; None shows none."""

    type: str
    group_id: int
    name: str
    number: str
    caller_id: str | None


class Lines:
    def __init__(self, people: People) -> None:
        self.people = people

    def operations(self) -> dict[str, Handler]:
        return {"lines": self.show_all, "active_line": self.active, "set_active_line": self.set_active}

    def show_all(self, ask: Ask) -> dict[str, Any]:
        active = ask.person.extension.caller_id
        return {"line": [_show(each) | {"active": each.caller_id == active} for each in self.of(ask.person)]}

    def active(self, ask: Ask) -> dict[str, Any]:
        caller_id = ask.person.extension.caller_id
        return next(_show(each) for each in self.of(ask.person) if each.caller_id == caller_id)

    def set_active(self, ask: Ask) -> dict[str, Any]:
        ask.person.extension.caller_id = self.chosen(ask.person, ask.values).caller_id
        return success()

    def chosen(self, person: Person, values: Values) -> Line:
        """The line that type and groupId name. Raises ApiError 400."""
        kind, group_id = values.choice("type", TYPES, ""), values.number("groupId")
        for each in self.of(person):
            if each.type == kind and group_id in (each.group_id, None):
                return each
        raise invalid("groupId", f"The user has no line {kind} {group_id}")

    def of(self, person: Person) -> list[Line]:
        """Their own number, those of the groups, the switchboard's, and none at all."""
        groups = {each.external_number: each for each in self.people.groups}
        lines = []
        for each in person.extension.caller_ids:
            number = f"+{each.number}"
            if each.number == person.extension.external_number:
                lines.append(Line("OFFICE_FIXED", 0, "office fixed", number, each.id))
            elif group := groups.get(each.number):
                kind = self.people.group_type(group)
                lines.append(Line(kind, int(self.people.group_id(group)), group.name, number, each.id))
            else:
                lines.append(Line("SWITCHBOARD", 0, "switchboard", number, each.id))
        return [*lines, Line("ANONYMOUS", 0, "anonymous", "", None)]


def _show(line: Line) -> dict[str, Any]:
    return {"groupId": line.group_id, "type": line.type, "number": line.number, "name": line.name}
