"""Calls as one poll after the other shows them, and what is to be told of them."""

from typing import Any

from integrations.vendors.eq.diff import Picture
from tests.integrations.eq.pictures import CALL, CUSTOMER, line, outgoing, parked, picture, queued

ANSWERED = ["call.originated", "call.delivered", "call.established"]
END = ["call.cleared"]
NOTHING = picture()
ASKING = "1769860830.8"
"""The unique ID of the call by which somebody is asked."""


def transferred_blind(unique: str | None = CALL) -> list[Picture]:
    rings = line("503", unique=unique)
    return [
        picture(line("502", unique=unique)),
        picture(line("502", "talking", unique)),
        picture(rings),
        picture({**rings, "state": "talking"}),
        NOTHING,
    ]


def transferred_attended() -> list[Picture]:
    held = line("502", "onHold")
    asks = outgoing("502", "503", "talking", ASKING, channel="SIP/502-00000012")
    asked = line("503", "talking", ASKING, callerId="502")
    return [
        picture(line("502", "talking")),
        picture(
            held, outgoing("502", "503", "dialing", ASKING, channel="SIP/502-00000012"), {**asked, "state": "ringing"}
        ),
        picture(held, asks, asked),
        picture(line("503", "talking", channel=asked["channel"])),
        NOTHING,
    ]


def parked_and_picked_up(unique: str | None = CALL) -> list[Picture]:
    return [
        picture(line("502", unique=unique)),
        picture(line("502", "talking", unique)),
        picture(parked(unique=unique)),
        picture(line("503", "talking", unique)),
        NOTHING,
    ]


def from_a_queue(unique: str | None = CALL) -> list[Picture]:
    return [
        picture(queued(unique=unique)),
        picture(queued(unique=unique), line("502", unique=unique, queue="601")),
        picture(line("502", "talking", unique, queue="601")),
        NOTHING,
    ]


def ring_group(unique: str | None = CALL) -> list[Picture]:
    return [
        picture(line("501", unique=unique), line("502", unique=unique)),
        picture(line("502", "talking", unique)),
        NOTHING,
    ]


def internal(unique: str | None = CALL) -> list[Picture]:
    return [
        picture(outgoing("502", "503", unique=unique), line("503", unique=unique, callerId="502")),
        picture(outgoing("502", "503", "talking", unique), line("503", "talking", unique, callerId="502")),
        picture(outgoing("502", "503", "talking", unique)),
        NOTHING,
    ]


def holding() -> list[Picture]:
    return [picture(line("502", state)) for state in ("ringing", "talking", "onHold", "talking")] + [NOTHING]


def recorded() -> list[Picture]:
    return [picture(line("502", "talking", recording=each)) for each in (False, True, False)] + [NOTHING]


def outbound() -> list[Picture]:
    return [picture(outgoing("502", CUSTOMER, state)) for state in ("ringing", "dialing", "talking")] + [NOTHING]


def missed() -> list[Picture]:
    return [picture(line("502")), NOTHING]


def handed_to_a_queue() -> list[Picture]:
    return [
        picture(line("501", "talking")),
        picture(queued()),
        picture(queued(), line("502")),
        picture(line("502", "talking")),
        NOTHING,
    ]


_MOVED = ["call.transferred", "call.delivered", "call.established"]
# name → polls, what is told, who is called last, why it ended
STORIES: dict[str, tuple[list[Picture], list[str], str, str]] = {
    "missed": (missed(), ["call.originated", "call.delivered", *END], "502", "cancelled"),
    "held": (holding(), [*ANSWERED, "call.held", "call.retrieved", *END], "502", "hangup"),
    "recorded": (
        recorded(),
        ["call.originated", "call.established", "call.recording_changed", "call.recording_changed", *END],
        "502",
        "hangup",
    ),
    "transferred": (transferred_blind(), [*ANSWERED, *_MOVED, *END], "503", "hangup"),
    "parked": (
        parked_and_picked_up(),
        [*ANSWERED, "call.parked", "call.unparked", "call.established", *END],
        "503",
        "hangup",
    ),
    "queued": (
        from_a_queue(),
        ["call.originated", "call.queued", "call.delivered", "call.established", *END],
        "502",
        "hangup",
    ),
    "ring group": (
        ring_group(),
        ["call.originated", "call.delivered", "call.delivered", "call.established", *END],
        "502",
        "hangup",
    ),
    "to a queue": (
        handed_to_a_queue(),
        ["call.originated", "call.established", "call.queued", *_MOVED, *END],
        "502",
        "hangup",
    ),
    "outbound": (outbound(), [*ANSWERED, *END], CUSTOMER, "hangup"),
    "internal": (internal(), [*ANSWERED, *END], "503", "hangup"),
}
# The same of a server that tells no ids.
WITHOUT_IDS: dict[str, list[Picture]] = {
    "transferred": transferred_blind(None),
    "parked": parked_and_picked_up(None),
    "queued": from_a_queue(None),
    "ring group": ring_group(None),
    "internal": internal(None),
}


def every_story() -> list[Any]:
    """Name, polls, what is told, who is called last, why it ended."""
    named = [(name, *story) for name, story in STORIES.items()]
    return [*named, *((f"{name}, without ids", polls, *STORIES[name][1:]) for name, polls in WITHOUT_IDS.items())]
