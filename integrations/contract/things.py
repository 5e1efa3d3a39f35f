"""What a vendor has besides calls: its directory, presence, queues, history, messages. Pure data, times in UTC."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct


class VendorExtension(Struct, frozen=True):
    """An extension of the vendor's directory."""

    vendor_extension_id: str
    number: str
    name: str
    type: str
    """`user`, `dialplan`, `queue` or `device`."""
    external_number: str | None = None


class VendorCallerId(Struct, frozen=True):
    """A number that an extension may show as its own."""

    caller_id: str
    number: str


class VendorDevice(Struct, frozen=True):
    """A phone, or a program that acts as one."""

    device_id: str
    name: str
    type: str = ""
    online: bool | None = None
    """None where the vendor doesn't tell."""
    active: bool = False
    """Whether calls placed without naming a device use it."""


class Presence(Struct, frozen=True):
    """What a user says of themselves. In a change, None leaves a field as it is."""

    activity: str | None = None
    """The vendor's word, as its own catalogue has it."""
    available: bool | None = None
    note: str | None = None
    expires_at: datetime | None = None


class Diversion(Struct, frozen=True):
    """Where a user's calls go instead; `rules` are the vendor's own, where it has more than one number."""

    active: bool
    number: str | None = None
    rules: Mapping[str, Any] = {}


class QueueStats(Struct, frozen=True):
    """As the vendor counts; None is what it doesn't tell. Times in seconds."""

    waiting: int | None = None
    longest_wait_s: float | None = None
    agents_logged_in: int | None = None
    agents_available: int | None = None
    answered: int | None = None
    abandoned: int | None = None
    average_wait_s: float | None = None


class AgentChoice(Struct, frozen=True):
    """A pause code or a skill that an agent may name in an AgentAction."""

    code: str
    name: str


class VendorQueue(Struct, frozen=True):
    """A queue of callers."""

    vendor_queue_id: str
    name: str
    number: str | None = None
    stats: QueueStats = QueueStats()
    pause_codes: tuple[AgentChoice, ...] | None = None
    """Why its agents may pause. None is not told: `list_queues` tells, `get_queue` needn't."""
    skills: tuple[AgentChoice, ...] | None = None
    """With what its agents may log in; likewise."""


class QueueAgent(Struct, frozen=True):
    """A user's part in a queue."""

    vendor_extension_id: str
    name: str = ""
    state: str = "logged_out"
    """`logged_out`, `available`, `busy`, `paused` or `wrap_up`."""
    pause_code: str | None = None
    skill: str | None = None
    since: datetime | None = None
    """When this state began."""
    logged_in_at: datetime | None = None


class AgentAction(Struct, frozen=True):
    """What an agent does in a queue; `pause_code` and `skill` are codes of the vendor's (AgentChoice)."""

    vendor_queue_id: str
    vendor_extension_id: str
    pause_code: str | None = None
    skill: str | None = None


class QueuedCall(Struct, frozen=True):
    """A caller who waits."""

    vendor_call_id: str
    number: str | None = None
    name: str | None = None
    position: int | None = None
    waiting_since: datetime | None = None


class CallLogItem(Struct, frozen=True):
    """A call of the past as the vendor's own log has it."""

    vendor_item_id: str
    started_at: datetime
    direction: str
    """`inbound`, `outbound` or `internal`."""
    from_number: str | None = None
    from_name: str | None = None
    to_number: str | None = None
    to_name: str | None = None
    vendor_extension_id: str | None = None
    duration_s: float | None = None
    missed: bool = False
    result: str = ""
    """The vendor's word."""
    vendor_call_id: str | None = None
    vendor_recording_id: str | None = None


class Voicemail(Struct, frozen=True):
    """A message that a caller left."""

    vendor_voicemail_id: str
    received_at: datetime
    from_number: str | None = None
    from_name: str | None = None
    vendor_extension_id: str | None = None
    duration_s: float | None = None
    heard: bool | None = None


class Page(Struct, frozen=True):
    """A part of a list; `next` fetches the one that follows."""

    items: tuple[Any, ...]
    next: str | None = None


class Message(Struct, frozen=True):
    """A short message to send. `from_` is a number or an extension of the vendor's."""

    from_: str | None
    to: str
    text: str
