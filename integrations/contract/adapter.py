"""What an adapter is. A vendor's folder subclasses `PbxAdapter` and overrides what its capabilities declare.

Adapters do no ORM and hold no state between calls: they get an account and an HTTP client, and answer plain data.
Every method that talks to the vendor may raise the errors of `contract.errors`, and only those.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol

from msgspec import Struct, field

from common.http import HttpClient
from common.times import utc_now
from integrations.contract.calls import CallCommands
from integrations.contract.capabilities import Capability
from integrations.contract.commands import (
    CheckResult,
    RawRequest,
    RawResponse,
    Snapshot,
    SubscriptionFilter,
    SubscriptionInfo,
)
from integrations.contract.errors import Unsupported
from integrations.contract.events import CtiEvent, Ignored, Notice, Reconcile
from integrations.contract.limits import RateLimits
from integrations.contract.resources import Resources
from integrations.contract.streams import StreamItem


class TokenSource(Protocol):
    """Where an OAuth adapter gets its access token."""

    async def access_token(self, *, rejected: str | None = None) -> str:
        """A token that should work. Naming one that the vendor just refused makes a new one, once, however many ask."""
        ...


class TicketStore(Protocol):
    """Where an adapter keeps what it got from the vendor for the account's credentials, such as tickets that expire."""

    async def save(self, tickets: Mapping[str, Any]) -> None:
        """Replaces `Account.tickets`, for whoever opens the account from now on."""
        ...

    async def load(self) -> Mapping[str, Any]:
        """What is kept now: others may have changed it since the account was opened."""
        ...

    async def put(self, name: str, ticket: Any) -> None:
        """Replaces one of them alone, whatever others do at the same time; None removes it."""
        ...


class Account(Struct, frozen=True):
    """A connected PBX as its adapter sees it."""

    id: str
    base_url: str
    credentials: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    granted_scopes: frozenset[str] | None = None
    """None where the vendor has no scopes, or hasn't said."""
    tokens: TokenSource | None = None
    limits: RateLimits | None = None
    tickets: Mapping[str, Any] = field(default_factory=dict)
    """What the adapter last saved in `ticket_store`; forgotten when the address or the credentials change."""
    ticket_store: TicketStore | None = None
    hook_url: str = ""
    """The secret address that the vendor calls for this account; empty before there is one."""


class OAuthProfile(Struct, frozen=True):
    """How a vendor departs from RFC 6749; paths are relative to the account's base URL."""

    authorize_path: str
    token_path: str
    default_scopes: tuple[str, ...]
    revoke_path: str = ""
    """Where tokens are given back when an account is removed; empty where the vendor has no such thing."""
    json_body: bool = False
    pkce: bool = False
    jwt_credential: str = ""
    """The credential that, where it is given, stands in for somebody's browser: a JWT for RFC 7523's grant."""
    replays_refresh: bool = False
    """Whether a refresh token that was just used answers the same pair again, so that a lost answer can be asked for again."""
    requests_a_minute: int | None = None
    """How often the vendor lets these addresses be asked, if it counts: as the group `auth` of the account's RateLimits."""
    error_words: Mapping[str, str] = field(default_factory=dict)
    """The vendor's error codes in words for an admin, with what to do."""


class WebhookRequest(Struct, frozen=True):
    """A request to one of our hooks."""

    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = {}
    """What the adapter itself has added to the hook's address. Like the headers, replays don't have it."""
    received_at: datetime = field(default_factory=utc_now)
    """The time of what happened, where a vendor doesn't tell it."""


class WebhookResponse(Struct, frozen=True):
    """What a vendor's first request to a hook wants to hear."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""


class PastedTemplate(Struct, frozen=True):
    """What to paste for one kind of event, as the vendor names it."""

    event: str
    body: str


class PastedSubscription(Struct, frozen=True):
    """How a person has the vendor call our hook, where no API can."""

    steps: tuple[str, ...]
    """Sentences: where to go at the vendor, and what to choose there."""
    templates: tuple[PastedTemplate, ...]
    method: str = "POST"


class PbxAdapter(CallCommands, Resources):
    """The base of all adapters. What isn't overridden raises Unsupported."""

    key: ClassVar[str]
    label: ClassVar[str]
    auth: ClassVar[str]
    """`oauth2`, `api_key`, `password` or `ticket`."""
    event_transport: ClassVar[str]
    """`webhook`, `sse`, `websocket` or `poll`."""
    default_base_url: ClassVar[str]
    credentials_schema: ClassVar[Mapping[str, Any]]
    """JSON Schema of `credentials`; it makes the REST schema and the form.

    `writeOnly` marks secrets, `title` and `description` are shown.
    """
    settings_schema: ClassVar[Mapping[str, Any]]
    """JSON Schema of `settings`, all optional."""
    declared: ClassVar[frozenset[Capability]]
    """Everything the vendor can do, given every permission."""
    stream_transport: ClassVar[str]
    """`sse`, `websocket` or `poll`, for adapters that override `stream`."""
    stream_silence: ClassVar[float] = 60.0
    """Seconds without any item of a stream after which its connection counts as dead."""
    lists_subscriptions: ClassVar[bool] = True
    """Whether the vendor tells which subscriptions there are. If not, one counts as alive until it expires."""
    pasted_subscription: ClassVar[PastedSubscription | None] = None
    """For vendors whose subscriptions a person has to paste: `create_subscription` asks nothing then."""
    oauth: ClassVar[OAuthProfile | None] = None
    remarks: ClassVar[Sequence[str]] = ()
    """Sentences for whoever connects or uses this PBX: rules of the vendor's that would surprise them."""

    def __init__(self, account: Account, http: HttpClient) -> None:
        self.account = account
        self.http = http
        self.news = asyncio.Event()
        """Set when others tell of a call that is going on, such as the account's hook: for a poller's `Pace`."""

    def capabilities(self) -> frozenset[Capability]:
        """What this account can do: `declared`, unless scopes or licences narrow it; then override."""
        return self.declared

    def missing_permissions(self) -> Sequence[str]:
        """Sentences for an admin: what doesn't work because a scope or licence is missing."""
        return ()

    def lacking(self, capability: Capability) -> str:
        """What it takes for the account to have a declared capability that it hasn't: words that follow "takes"."""
        return "a permission that hasn't been given"

    # Events in: pure.

    @classmethod
    def handshake(cls, request: WebhookRequest) -> WebhookResponse | None:
        """The answer to a request that only tests the hook; None for one that tells something."""
        return None

    @classmethod
    def verify(cls, request: WebhookRequest, secret: str) -> bool:
        """Whether the delivery carries the secret that `create_subscription` gave the vendor, where the vendor sends it."""
        return True

    @classmethod
    def parse(cls, request: WebhookRequest) -> "Sequence[CtiEvent | Notice | Reconcile] | Ignored":
        """What a delivery says. Raises MalformedPayload for what can't be read; known but unused is Ignored."""
        raise Unsupported(f"{cls.label} sends no notifications")

    # Reading.

    async def check(self) -> CheckResult:
        """A cheap live round trip with the account's credentials."""
        raise Unsupported(f"{self.label} has nothing to test with")

    async def snapshot(self) -> Snapshot:
        """The calls alive at the vendor now."""
        raise self._unsupported("list the calls that are going on")

    async def read_calls(self, extension_id: str) -> Snapshot:
        """The calls alive now of one extension: what a Reconcile asks for."""
        raise self._unsupported("list an extension's calls")

    async def renew_credentials(self) -> None:
        """Renews ahead of its end what the account's credentials were exchanged for; part of every account's upkeep."""

    async def passthrough(self, request: RawRequest) -> RawResponse:
        """Sends a request of the caller's own, authenticated as the account, below the account's base URL."""
        raise self._unsupported("be asked anything directly")

    # Streams.

    def wants_stream(self) -> bool:
        """Whether this account's settings have `cti.streams` keep a connection open to the vendor."""
        return False

    def wants_subscription(self) -> bool:
        """Whether the vendor is to call a hook for this account: where there is no stream, unless both are needed."""
        return not self.wants_stream()

    def stream(self) -> AsyncIterator[StreamItem]:
        """Connects, and yields what comes until the connection ends: then it returns or raises VendorError.

        An async generator. Whoever runs it connects again (docs/streams.md), so it never retries by itself.
        """
        raise self._unsupported("stream its events")

    # Subscriptions.

    def wanted_subscription(self) -> SubscriptionFilter:
        """All that the scopes and settings allow to be notified of; a change of it renews the subscription."""
        raise self._unsupported("subscribe to events")

    async def list_subscriptions(self) -> Sequence[SubscriptionInfo]:
        raise self._unsupported("list subscriptions")

    async def get_subscription(self, vendor_subscription_id: str) -> SubscriptionInfo:
        raise self._unsupported("look up a subscription")

    async def create_subscription(
        self, callback_url: str, wanted: SubscriptionFilter, secret: str = ""
    ) -> SubscriptionInfo:
        """Asks the vendor to notify `callback_url` of what is wanted, with `secret` in each delivery if it can."""
        raise self._unsupported("subscribe to events")

    async def renew_subscription(self, vendor_subscription_id: str, wanted: SubscriptionFilter) -> SubscriptionInfo:
        """Prolongs one that expires; making another in its stead is as good. For vendors whose subscriptions expire."""
        raise self._unsupported("renew subscriptions")

    async def delete_subscription(self, vendor_subscription_id: str) -> None:
        """Deletes; one that the vendor no longer has is fine."""
        raise self._unsupported("delete subscriptions")
