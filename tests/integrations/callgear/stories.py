"""Calls as CallGear tells them: step by step what notifications say, and what list.calls shows from then on."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.vendors.callgear.events import over, shown
from tests.integrations.callgear.live import NOON

CALL, VIRTUAL, CONTACT = 206597836, "31705550700", "31612345678"
PEOPLE = {"701": ("701", "Iris Hofman"), "702": ("702", "Joris Blom"), "703": ("703", "Kim Peters")}
IRIS, JORIS, KIM = 701, 702, 703
_CONTACT_LEG = 287866221
Legs = dict[int | None, str]
"""The states by employee; None is the contact."""


@dataclass
class Step:
    """What happened: the notifications of it, and the legs and what else list.calls shows; no legs: nothing any more."""

    hints: list[dict[str, Any]]
    legs: Legs
    more: dict[str, Any] = field(default_factory=dict)


def hint(event: str, employee: int | None = None, direction: str = "in", **fields: Any) -> dict[str, Any]:
    """A notification by our own template."""
    about: dict[str, Any] = {}
    if employee is not None:
        name = PEOPLE[str(employee)][1]
        about = {"employee_id": employee, "employee_full_name": name, "leg_id": _CONTACT_LEG + employee}
    return {
        "event": event,
        "call_session_id": CALL,
        "direction": direction,
        "virtual_phone_number": VIRTUAL,
        "contact_phone_number": CONTACT,
        **about,
        **fields,
    }


def leg(employee: int | None, state: str, direction: str, **fields: Any) -> dict[str, Any]:
    """A leg as list.calls shows it."""
    is_contact = employee is None
    came_in = is_contact and direction == "in"
    return {
        "leg_id": _CONTACT_LEG + (employee or 0),
        "calling_phone_number": CONTACT if came_in or (not is_contact and direction == "in") else VIRTUAL,
        "called_phone_number": VIRTUAL if came_in else CONTACT if is_contact else f"0770{employee}",
        "is_operator": not is_contact,
        "employee_id": employee,
        "employee_full_name": None if is_contact else PEOPLE[str(employee)][1],
        "record_call_enabled": False,
        "state": state,
        **fields,
    }


def session(legs: Legs, direction: str = "in", **fields: Any) -> dict[str, Any]:
    """The call session as list.calls shows it."""
    return {
        "call_session_id": CALL,
        "direction": direction,
        "start_time": "2016-10-19T12:26:48.418",
        "virtual_phone_number": VIRTUAL,
        "contact_phone_number": CONTACT,
        "external_id": None,
        "tags": [],
        "legs": [leg(who, state, direction) for who, state in legs.items()],
        **fields,
    }


def polled(step: Step, at: datetime = NOON) -> bytes:
    """What the poller tells of a step, once it has asked."""
    if not step.legs:
        return over(str(CALL), at)
    return shown(session(step.legs, **{"direction": "in", **step.more}), at)


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


_RING = Step([hint("inbound_call"), hint("waiting_for_answer", IRIS)], {None: "Redial", IRIS: "Redial"})
_TALK = Step([hint("talk_started", IRIS)], {None: "Talk", IRIS: "Talk"})
_HOLD = Step([], {None: "On hold", IRIS: "Talk"})
_OVER = Step([hint("call_finished")], {})
_JORIS_TALKS = Step([hint("talk_started", JORIS)], {None: "Talk", JORIS: "Talk"})

STORIES: dict[str, list[Step]] = {
    "answered": [_RING, _TALK, Step([hint("talk_finished", IRIS), *_OVER.hints], {})],
    "missed": [_RING, Step([hint("lost_call"), hint("call_finished")], {})],
    "ring group": [
        Step(
            [hint("inbound_call"), hint("waiting_for_answer", IRIS), hint("waiting_for_answer", JORIS)],
            {None: "Redial", IRIS: "Redial", JORIS: "Redial"},
        ),
        _JORIS_TALKS,
        _OVER,
    ],
    "queue": [
        Step([hint("inbound_call")], {None: "Next in line"}),
        Step([hint("waiting_for_answer", IRIS)], {None: "Next in line", IRIS: "Redial"}),
        _TALK,
        _OVER,
    ],
    "hold": [_RING, _TALK, _HOLD, Step([], _TALK.legs), _OVER],
    "attended transfer": [
        _RING,
        _TALK,
        _HOLD,
        Step([hint("waiting_for_answer", JORIS)], {None: "On hold", IRIS: "Redial", JORIS: "Redial"}),
        Step([], {None: "On hold", IRIS: "Operators' conversation", JORIS: "Operators' conversation"}),
        Step([hint("talk_finished", IRIS), hint("talk_started", JORIS)], _JORIS_TALKS.legs),
        _OVER,
    ],
    "cancelled consultation": [
        _RING,
        _TALK,
        _HOLD,
        Step([hint("waiting_for_answer", JORIS)], {None: "On hold", IRIS: "Redial", JORIS: "Redial"}),
        Step([], {None: "On hold", IRIS: "Operators' conversation", JORIS: "Operators' conversation"}),
        Step([], _TALK.legs),
        _OVER,
    ],
    "blind transfer": [
        _RING,
        _TALK,
        Step([hint("waiting_for_answer", JORIS)], {None: "Transferring call", JORIS: "Redial"}),
        _JORIS_TALKS,
        _OVER,
    ],
    "recorded and tagged": [
        _RING,
        _TALK,
        Step([], _TALK.legs, {"tags": [{"tag_id": 456, "tag_name": "Relevant"}]}),
        Step([hint("call_finished", tag_names=["Relevant"])], {}),
    ],
    "outbound": [
        Step(
            [hint("outbound_call", IRIS, "out"), hint("waiting_for_answer", IRIS, "out")],
            {IRIS: "Redial"},
            {"direction": "out"},
        ),
        Step([], {IRIS: "Redial", None: "Redial"}, {"direction": "out"}),
        Step([hint("talk_started", IRIS, "out")], {IRIS: "Talk", None: "Talk"}, {"direction": "out"}),
        Step([hint("call_finished", direction="out")], {}),
    ],
}
_ANSWERED = ["originated", "delivered", "established"]
TOLD: dict[str, list[str]] = {
    "answered": [*_ANSWERED, "cleared"],
    "missed": ["originated", "delivered", "cleared"],
    "ring group": ["originated", "delivered", "delivered", "established", "cleared"],
    "queue": ["originated", "queued", "delivered", "established", "cleared"],
    "hold": [*_ANSWERED, "held", "retrieved", "cleared"],
    "attended transfer": [*_ANSWERED, "held", "delivered", "established", "transferred", "retrieved", "cleared"],
    "cancelled consultation": [*_ANSWERED, "held", "delivered", "established", "retrieved", "cleared"],
    "blind transfer": [*_ANSWERED, "transferred", "delivered", "established", "cleared"],
    "recorded and tagged": [*_ANSWERED, "tagged", "cleared"],
    "outbound": [*_ANSWERED, "cleared"],
}
"""The events of the log."""
