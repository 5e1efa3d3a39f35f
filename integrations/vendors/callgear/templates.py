"""What to paste into CallGear's client area, where notifications are set up: a template for each kind of event.

`{{parameter}}` becomes a value, with JSON's quotes and all, as in published templates. Our own word for the event stands in each,
for the strings of `notification_mnemonic` aren't published.
"""

from collections.abc import Mapping
from enum import StrEnum

from integrations.contract.adapter import PastedTemplate


class Kind(StrEnum):
    """An event of the client area, by the word that stands in our template."""

    INBOUND = "inbound_call"
    OUTBOUND = "outbound_call"
    WAITING = "waiting_for_answer"
    TALK_STARTED = "talk_started"
    TALK_FINISHED = "talk_finished"
    FINISHED = "call_finished"
    LOST = "lost_call"
    RECORDED = "recording_completed"


# How the client area names the events, and which parameters each has that we use.
_COMMON = (
    "notification_name",
    "notification_time",
    "call_session_id",
    "direction",
    "virtual_phone_number",
    "contact_phone_number",
)
_EMPLOYEE = ("employee_id", "employee_full_name", "employee_phone_number")
_EVENTS: Mapping[Kind, tuple[str, tuple[str, ...]]] = {
    Kind.INBOUND: ("Inbound call on a virtual phone number", ("contact_full_name",)),
    Kind.OUTBOUND: ("Outbound call", _EMPLOYEE),
    Kind.WAITING: ("Waiting for the answer", (*_EMPLOYEE, "leg_id")),
    Kind.TALK_STARTED: ("Talk started", (*_EMPLOYEE, "leg_id")),
    Kind.TALK_FINISHED: ("Talk finished", (*_EMPLOYEE, "leg_id")),
    Kind.FINISHED: ("Call finished", ("tag_names",)),
    Kind.LOST: ("Lost call", ("tag_names",)),
    Kind.RECORDED: ("Call recording completed", ("file_link",)),
}
TEMPLATES = tuple(
    PastedTemplate(
        event=name,
        body="{\n"
        + ",\n".join((f'"event": "{kind}"', *(f'"{each}": {{{{{each}}}}}' for each in (*_COMMON, *parameters))))
        + "\n}",
    )
    for kind, (name, parameters) in _EVENTS.items()
)
