"""What adapters are told to do, and the directory things that they answer. Pure data."""

from collections.abc import Mapping

from msgspec import Struct


class Destination(Struct, frozen=True):
    """Where a call goes to or comes from: one of the vendor's extensions, or a number as it is to be dialled."""

    extension_id: str | None = None
    number: str | None = None


class CallRef(Struct, frozen=True):
    """A call as the vendor knows it."""

    vendor_call_id: str
    state: str


class Originate(Struct, frozen=True):
    """A call to place. `options` are the vendor's own, documented in its folder."""

    from_: Destination | None
    to: Destination
    caller_id: str | None = None
    options: Mapping[str, object] = {}


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


class CheckResult(Struct, frozen=True):
    """What a live round trip to the vendor showed."""

    ok: bool
    detail: str
    latency_ms: float
