"""What adapters are told to do to calls, and what they answer. Pure data."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct


class Destination(Struct, frozen=True):
    """Where a call goes to or comes from: one of the vendor's extensions, or a number as it is to be dialled."""

    extension_id: str | None = None
    number: str | None = None


class LegRef(Struct, frozen=True):
    """A connection as the vendor knows it. Who is on two of the vendor's calls, as in a consultation, has one on each."""

    vendor_call_id: str
    vendor_leg_id: str | None = None
    """As the vendor's events name it; None where they name none."""
    extension_id: str | None = None
    """The vendor's id of whose line it is; None for a party outside."""
    number: str | None = None
    role: str = "participant"
    state: str = "connected"
    device_id: str | None = None


class CallRef(Struct, frozen=True):
    """A call as the vendor knows it, with the leg that is to act."""

    vendor_call_id: str
    """The vendor's call that the customer is on; `legs` may be on others too."""
    state: str
    legs: tuple[LegRef, ...] = ()
    """Those that are alive."""
    acting: LegRef | None = None
    """The leg that the command is for: the one that was asked for, else the agent's own. Never None where any agent is on it."""


class Originate(Struct, frozen=True):
    """A call to place. `options` are the vendor's own, documented in its folder."""

    from_: Destination | None
    to: Destination
    caller_id: str | None = None
    device_id: str | None = None
    options: Mapping[str, object] = {}


class AgentFilter(Struct, frozen=True):
    """Whose calls a subscription is about: one extension, by its id or its number."""

    extension_id: str | None = None
    number: str | None = None
    side: str = "*"
    """`from` (they call), `to` (they are called), or `*` for both."""


class SubscriptionFilter(Struct, frozen=True):
    """What to be notified of. No agents means everybody."""

    event_types: tuple[str, ...] = ()
    mode: str = ""
    agents: tuple[AgentFilter, ...] = ()


class SubscriptionInfo(Struct, frozen=True):
    """A subscription as the vendor lists it."""

    vendor_subscription_id: str
    callback_url: str
    event_types: tuple[str, ...] = ()
    mode: str | None = None
    expires_at: datetime | None = None
    """None where it lives until it is deleted."""
    suspended: str | None = None
    """Why the vendor no longer delivers to it, in its own words: it has to be made anew."""


class CheckResult(Struct, frozen=True):
    """What a live round trip to the vendor showed."""

    ok: bool
    detail: str
    latency_ms: float


class LiveCall(Struct, frozen=True):
    """A call that the vendor has now; `payload` is what `parse` reads, as if it had been delivered."""

    vendor_call_id: str
    payload: bytes


class Snapshot(Struct, frozen=True):
    """All calls that the vendor has now."""

    calls: tuple[LiveCall, ...]


class RawRequest(Struct, frozen=True):
    """A request of a CRM's that goes to the vendor as it is; `path` is relative to the account's base URL."""

    method: str
    path: str
    query: Mapping[str, str | tuple[str, ...]] = {}
    """A parameter with several values comes as often."""
    headers: Mapping[str, str] = {}
    """By their names in lower case; none of them are credentials."""
    body: bytes = b""


class RawResponse(Struct, frozen=True):
    """The vendor's own answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    errors: Mapping[str, Sequence[str]] = {}
    """Where it is a refusal: what is wrong, in sentences by the vendor's names of the fields."""
