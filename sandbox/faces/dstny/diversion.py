""" "Diversion API": the active diversion number, and rules by line and type."""

from typing import Any

from sandbox.engine.switch import Switch
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import invalid, missing
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.requests import Ask, Values
from sandbox.faces.dstny.wire import success

_LINES = {"PRIMARY": "OFFICE_FIXED", "SECONDARY": "OFFICE_MOBILE"}
# The rules that the emulated PBX follows, by what it calls them. The others are kept and shown, no more.
_FOLLOWED = {
    "CFWD_ALL": "divert_always",
    "CFWD_ON_BUSY": "divert_busy",
    "CFWD_NO_ANSWER": "divert_no_answer",
}
_RULES = (
    "CFWD_ALL",
    "CFWD_ON_BUSY",
    "CFWD_ON_BUSY_IN_CALL",
    "CFWD_ON_BUSY_IN_CALL_OR_UNREACHABLE",
    "CFWD_ON_BUSY_OR_UNREACHABLE",
    "CFWD_NO_ANSWER",
    "CFWD_NO_ANSWER_OR_UNREACHABLE",
    "CFWD_UNREACHABLE",
)
_SHORTEST_EXTERNAL = 7

_Key = tuple[str, str, str]


class Diversions:
    """The active diversion number is the primary line's CFWD_ALL."""

    def __init__(self, switch: Switch, people: People) -> None:
        self.switch = switch
        self.people = people
        self._kept: dict[_Key, str] = {}
        self._activity_scoped: set[str] = set()

    def operations(self) -> dict[str, Handler]:
        return {
            "diversion_number": self.number,
            "set_diversion_number": self.set_number,
            "set_diversion_number_in_path": self.set_number,
            "diversion_rules": lambda ask: self._show(ask.person, *_LINES),
            "set_diversion_rules": self.set_rules,
            "delete_diversion_rules": self.delete,
            "line_rules": lambda ask: self._show(ask.person, _line(ask)),
            "set_line_rules": self.set_rules,
            "delete_line_rules": self.delete,
            "rule": self.rule,
            "set_rule": self.set_rule,
            "delete_rule": self.delete,
        }

    def activity_changed(self, person: Person) -> None:
        """ "Cleared after a change of presence activity" if it was set so."""
        if person.id in self._activity_scoped:
            self._set(person, "PRIMARY", "CFWD_ALL", "")

    def number(self, ask: Ask) -> dict[str, str]:
        return {"diversion-number": self._get(ask.person, "PRIMARY", "CFWD_ALL")}

    def set_number(self, ask: Ask) -> dict[str, str]:
        """An empty phoneNumber ends the diversion."""
        number = ask.path.get("number") or ask.values.get("phoneNumber")
        if number is None:
            raise missing("phoneNumber")
        self._set(ask.person, "PRIMARY", "CFWD_ALL", str(number))
        if ask.values.flag("activityScoped") and number:
            self._activity_scoped.add(ask.person.id)
        return self.number(ask)

    def set_rules(self, ask: Ask) -> dict[str, Any]:
        """Creates or updates what is given; a rule without phoneNumber is deleted."""
        for line in _objects(ask.values, "userDiversionLineRules"):
            order = _line(ask) if "line" in ask.path else line.choice("lineOrderType", tuple(_LINES), "")
            for rule in _objects(line, "userDiversionRules"):
                kind = rule.choice("diversionRoutingRulesType", _RULES, "")
                self._set(ask.person, order, kind, rule.text("phoneNumber"))
        return success()

    def rule(self, ask: Ask) -> dict[str, str]:
        order, kind = _line(ask), _rule(ask)
        shown = {"lineOrderType": order, "diversionRoutingRulesType": kind}
        number = self._get(ask.person, order, kind)
        return shown | ({"phoneNumber": number} if number else {})

    def set_rule(self, ask: Ask) -> dict[str, Any]:
        self._set(ask.person, _line(ask), _rule(ask), ask.values.required("phoneNumber"))
        return success()

    def delete(self, ask: Ask) -> dict[str, Any]:
        """All rules, those of a line, or one."""
        for order in [_line(ask)] if "line" in ask.path else _LINES:
            for kind in [_rule(ask)] if "rule" in ask.path else _RULES:
                self._set(ask.person, order, kind, "")
        return success()

    def _show(self, person: Person, *orders: str) -> dict[str, Any]:
        lines = [
            {
                "lineNumber": self.people.number(person.extension),
                "lineOrderType": order,
                "lineType": _LINES[order],
                "userDiversionRules": [self._show_rule(person, order, kind) for kind in _RULES],
            }
            for order in orders
        ]
        return {"user": {"domain": self.people.domain, "userid": person.id}, "userDiversionLineRules": lines}

    def _show_rule(self, person: Person, order: str, kind: str) -> dict[str, str]:
        number = self._get(person, order, kind)
        return ({"phoneNumber": number} if number else {}) | {"diversionRoutingRulesType": kind}

    def _get(self, person: Person, order: str, kind: str) -> str:
        if order != "PRIMARY" or kind not in _FOLLOWED:
            return self._kept.get((person.id, order, kind), "")
        number = getattr(person.extension.settings, _FOLLOWED[kind]) or ""
        return f"+{number}" if len(number) >= _SHORTEST_EXTERNAL and number.isdigit() else number

    def _set(self, person: Person, order: str, kind: str, number: str) -> None:
        """An empty number deletes. Raises ApiError 400 for what can't be dialled."""
        target = self.people.destination(number, "phoneNumber").number if number else ""
        if (order, kind) == ("PRIMARY", "CFWD_ALL"):
            self._activity_scoped.discard(person.id)
        if order == "PRIMARY" and kind in _FOLLOWED:
            self.switch.lines.change(person.extension, **{_FOLLOWED[kind]: target or None})
        elif number:
            self._kept[person.id, order, kind] = number
        else:
            self._kept.pop((person.id, order, kind), None)


def _line(ask: Ask) -> str:
    return Values(ask.path).choice("line", tuple(_LINES), "")


def _rule(ask: Ask) -> str:
    return Values(ask.path).choice("rule", _RULES, "")


def _objects(values: Values, name: str) -> list[Values]:
    found = values.get(name, [])
    items = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in items):
        raise invalid(name, f"{name} must be objects")
    return [Values(each) for each in items]
