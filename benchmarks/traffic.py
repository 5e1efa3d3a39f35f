"""The load: calls that begin at random (Poisson), each playing one of Kwebbl's usual scripts.

Everything is drawn from a seed, so that every arm of a round gets the same calls at the same moments.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

STEP_SECONDS = 0.25
"""Mean time between two events of one call: far less than in life, so that a short run holds whole calls."""

SCRIPTS = (
    ("created", "ringing", "answered", "terminated"),
    ("created", "ringing", "answered", "terminated"),
    ("created", "ringing", "terminated"),
    ("created", "ringing", "answered", "holding", "resume", "terminated"),
    ("created", "ringing", "answered", "start_recording", "stop_recording", "terminated"),
)
MEAN_SCRIPT_LENGTH = sum(map(len, SCRIPTS)) / len(SCRIPTS)

LOG_TYPES = {
    "created": "call.originated",
    "ringing": "call.delivered",
    "answered": "call.established",
    "holding": "call.held",
    "resume": "call.retrieved",
    "start_recording": "call.recording_changed",
    "stop_recording": "call.recording_changed",
    "terminated": "call.cleared",
}
"""The one event of our log that each of Kwebbl's events becomes."""

EXTENSION_IDS = tuple(f"{0xABCDEF00 + index:032x}" for index in range(20))


@dataclass(frozen=True, slots=True)
class VendorEvent:
    """One request that the vendor is to make `due` seconds after the start."""

    due: float
    call_id: str
    event_type: str
    body: bytes


def _call(rng: random.Random, start: float, until: float, first_moment: datetime) -> Iterator[VendorEvent]:
    call_id = UUID(int=rng.getrandbits(128)).hex
    caller = {"number": f"316{rng.randrange(10**8):08d}"}
    agent = {"number": "31203080700", "extension_id": rng.choice(EXTENSION_IDS)}
    inbound = rng.random() < 0.8
    due = start
    for event_type in rng.choice(SCRIPTS):
        if due >= until:
            return
        payload: dict[str, Any] = {
            "id": UUID(int=rng.getrandbits(128)).hex,
            "call_id": call_id,
            "event_type": event_type,
            "from": caller if inbound else agent,
            "to": agent if inbound else caller,
            "direction": "inbound" if inbound else "outbound",
            "time": (first_moment + timedelta(seconds=due)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if event_type == "terminated":
            payload["reason"] = "hangup"
        yield VendorEvent(due, call_id, event_type, orjson.dumps(payload))
        due += STEP_SECONDS * rng.uniform(0.5, 1.5)


def schedule(rate: float, seconds: float, seed: int) -> list[VendorEvent]:
    """Events in order of time, `rate` a second once the first calls have ended."""
    rng = random.Random(seed)
    first_moment = datetime.now(UTC)
    events: list[VendorEvent] = []
    start = 0.0
    while (start := start + rng.expovariate(rate / MEAN_SCRIPT_LENGTH)) < seconds:
        events.extend(_call(rng, start, seconds, first_moment))
    events.sort(key=lambda event: event.due)
    return events
