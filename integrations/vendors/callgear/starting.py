"""Placing calls ("Group of methods to make calls"): which of the five kinds, and the options of `POST /calls` for each. Pure."""

from collections.abc import Mapping
from typing import Any

from integrations.contract.errors import Unsupported
from integrations.vendors.callgear.methods import METHODS

EMPLOYEE, SIMPLE, SCENARIO, VNUMBER, INFORMER = "employee", "simple", "scenario", "vnumber", "informer"
STARTS: Mapping[str, str] = {
    EMPLOYEE: "start.employee_call",
    SIMPLE: "start.simple_call",
    SCENARIO: "start.scenario_call",
    VNUMBER: "start.vnumber_call",
    INFORMER: "start.informer_call",
}
"""The option `type`, and its method."""
FROM_NUMBERS = frozenset({SCENARIO, VNUMBER, INFORMER})
"""These are placed from a virtual number, not from a person."""
_OURS = {"contact", "virtual_phone_number", "employee", "operator"}
"""What `from`, `to` and `caller_id` say."""
# Who is called first where nobody says: our own side, as everywhere in the API.
_FIRST = {EMPLOYEE: "employee", SIMPLE: "operator", SCENARIO: "employee", VNUMBER: "employee"}
_EMPLOYEES_PHONE = "phone_number"


def kind_of(options: Mapping[str, object], *, is_employee: bool) -> str:
    """Which kind of call is asked for. Raises Unsupported for a kind, or an option of it, that CallGear doesn't have."""
    kind = options.get("type", EMPLOYEE if is_employee else SIMPLE)
    if not isinstance(kind, str) or kind not in STARTS:
        raise Unsupported(f"CallGear has calls of the types {', '.join(STARTS)}.")
    if kind == EMPLOYEE and not is_employee:
        raise Unsupported("CallGear places a call of the type employee from one of its employees.")
    unknown = options.keys() - allowed(kind)
    if unknown:
        names = ", ".join(sorted(unknown))
        raise Unsupported(f"CallGear has no options {names} for calls of the type {kind}: see its README.")
    return kind


def allowed(kind: str) -> set[str]:
    """The options of a kind of call."""
    parameters = set(METHODS[STARTS[kind]]["properties"]) - _OURS
    return parameters | {"type"} | ({_EMPLOYEES_PHONE} if kind == EMPLOYEE else set())


def parameters(kind: str, options: Mapping[str, object], **numbers: Any) -> dict[str, Any]:
    """The method's parameters: an outbound call, our side first, unless the options say otherwise."""
    given = {name: value for name, value in options.items() if name not in {"type", _EMPLOYEES_PHONE}}
    first = {"first_call": _FIRST[kind]} if kind in _FIRST else {}
    return {"direction": "out", **first, **given, **numbers}
