"""`/restapi/v1.0/subscription`: what is subscribed, by whom and for how long ("Notifications" in the guide)."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from sandbox.engine.company import Company
from sandbox.faces.ringcentral.client_app import ClientApp
from sandbox.faces.ringcentral.dialect import Dialect
from sandbox.faces.ringcentral.errors import ApiError, forbidden, invalid
from sandbox.faces.ringcentral.filters import EventFilter, Topic, parse_filter
from sandbox.faces.ringcentral.grants import Grant
from sandbox.faces.ringcentral.permissions import BY_TOPIC, WEBHOOKS, lacking
from sandbox.faces.ringcentral.requests import Ask
from sandbox.faces.ringcentral.times import iso
from sandbox.faces.ringcentral.webhooks import shake_hands

DEFAULT_LIFE_S = 604800
LONGEST_LIFE_S = 315360000
_TOKEN_SPELLINGS = ("verificationToken", "validationToken")
Transport = Literal["WebHook", "WebSocket"]


@dataclass(frozen=True, slots=True)
class Disabled:
    """A filter that may not be used, and why."""

    filter: EventFilter
    problem: ApiError


@dataclass(slots=True, eq=False)
class Subscription:
    """`disabled` are filters that its owner may not use; `connection` is the WebSocket's that it lives with."""

    id: str
    owner: Grant
    filters: list[EventFilter]
    disabled: list[Disabled]
    transport: Transport
    created_at: float
    life_s: float
    expires_at: float
    address: str = ""
    token: str | None = None
    connection: str | None = None
    blacklisted_at: float | None = None
    blacklisted_reason: str = ""

    @property
    def owner_id(self) -> str:
        return self.owner.user.extension_id

    @property
    def origin(self) -> str:
        """Where it is delivered, without the path: that may be the receiver's secret."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if self.address else "websocket"

    def blacklist(self, now: float, reason: str) -> None:
        """For good: only deleting it and creating another helps."""
        self.blacklisted_at, self.blacklisted_reason = self.blacklisted_at or now, reason

    def is_live(self, now: float) -> bool:
        return self.blacklisted_at is None and now < self.expires_at


@dataclass(slots=True)
class Subscriptions:
    """All subscriptions of one account; a user sees their own."""

    company: Company
    account_id: str
    client: ClientApp
    dialect: Dialect
    now: Callable[[], float] = time.time
    all: dict[str, Subscription] = field(default_factory=dict)
    ended: list[Callable[[str], None]] = field(default_factory=list)

    def live(self) -> list[Subscription]:
        """Those that are told of events; the expired are forgotten."""
        now = self.now()
        for each in [each for each in self.all.values() if now >= each.expires_at]:
            self.remove(each)
        return [each for each in self.all.values() if each.blacklisted_at is None]

    def visible(self, ask: Ask) -> dict[str, Any]:
        self.live()
        mine = [each for each in self.all.values() if each.owner.user is ask.grant.user]
        uri = f"{ask.server}/restapi/v1.0/subscription"
        return {"uri": uri, "records": [self.render(each, ask.server) for each in mine]}

    def get(self, ask: Ask) -> Subscription:
        """The subscription that the path names. Raises ApiError 404 CMN-102."""
        self.live()
        found = self.all.get(ask.path.get("subscription", ""))
        if found is None or found.owner.user is not ask.grant.user:
            raise ApiError(404, "CMN-102", "Resource for parameter [subscriptionId] is not found", "subscriptionId")
        return found

    async def create(self, ask: Ask, connection: str | None = None) -> Subscription:
        """Raises ApiError: SUB-508 for unknown filters, SUB-505 for too many, SUB-525 for a failed handshake.

        A WebSocket subscription needs the connection that asks for it, and replaces the one that it had.
        """
        subscription = self._make(ask, connection)
        if subscription.transport == "WebSocket":
            self._replace(connection)
        if (
            len([each for each in self.live() if each.owner.user is ask.grant.user])
            >= self.client.subscriptions_per_user
        ):
            raise ApiError(403, "SUB-505", "Subscriptions limit exceeded")
        if subscription.transport == "WebHook":
            self.client.require(WEBHOOKS)
            await self._move(subscription, _address(ask.nested("deliveryMode")))
        self.all[subscription.id] = subscription
        return subscription

    async def update(self, ask: Ask) -> Subscription:
        """New filters where the body has some, a new address where it has one; renews in any case."""
        subscription = self.get(ask)
        is_webhook = subscription.transport == "WebHook"
        filters = self._filters(ask) if "eventFilters" in ask.body else (subscription.filters, subscription.disabled)
        life = self._life(ask) if "expiresIn" in ask.body and is_webhook else subscription.life_s
        mode = ask.nested("deliveryMode")
        if "address" in mode and is_webhook:
            await self._move(subscription, _address(mode))
        subscription.filters, subscription.disabled = filters
        subscription.life_s = life
        return self.renew(subscription)

    def renew(self, subscription: Subscription) -> Subscription:
        """For as long as it was made for. What is blacklisted stays so."""
        subscription.expires_at = self.now() + subscription.life_s
        return subscription

    def remove(self, subscription: Subscription) -> None:
        self.all.pop(subscription.id, None)
        for listener in self.ended:
            listener(subscription.id)

    def render(self, subscription: Subscription, server: str) -> dict[str, Any]:
        now = self.now()
        mode: dict[str, Any] = {"transportType": subscription.transport, "encryption": False}
        if subscription.address:
            mode["address"] = subscription.address
        if subscription.token is not None:
            mode[self.dialect.verification] = subscription.token
        body: dict[str, Any] = {
            "uri": f"{server}/restapi/v1.0/subscription/{subscription.id}",
            "id": subscription.id,
            "creationTime": iso(subscription.created_at),
            "status": "Active" if subscription.blacklisted_at is None else "Blacklisted",
            "eventFilters": [each.text for each in subscription.filters],
            "expirationTime": iso(subscription.expires_at),
            "expiresIn": max(0, round(subscription.expires_at - now)),
            "deliveryMode": mode,
        }
        if subscription.disabled:
            body["disabledFilters"] = [
                {"filter": each.filter.text, "reason": each.problem.code, "message": each.problem.message}
                for each in subscription.disabled
            ]
        if subscription.blacklisted_at is not None:
            moment = iso(subscription.blacklisted_at)
            body["blacklistedData"] = {"blacklistedAt": moment, "reason": subscription.blacklisted_reason}
        return body

    def delivery_headers(self, subscription: Subscription) -> dict[str, str]:
        """The subscriber's own token, sent with every delivery."""
        headers = {"User-Agent": "RingCentral-Webhook/8.3"}
        if subscription.token is None:
            return headers
        name = "Verification-Token" if self.dialect.verification == "verificationToken" else "Validation-Token"
        return {**headers, name: subscription.token}

    def _make(self, ask: Ask, connection: str | None) -> Subscription:
        """`expiresIn` is "ignored for WebSocket": the subscription lives with its connection."""
        mode, now = ask.nested("deliveryMode"), self.now()
        filters, disabled = self._filters(ask)
        transport = _transport(mode, connection)
        life = self._life(ask)
        if transport == "WebSocket":
            life = self.client.absolute_timeout_s + self.client.recovery_timeout_s
        return Subscription(
            id=str(uuid.uuid4()),
            owner=ask.grant,
            filters=filters,
            disabled=disabled,
            transport=transport,
            created_at=now,
            life_s=life,
            expires_at=now + life,
            token=_verification_token(mode),
            connection=connection,
        )

    async def _move(self, subscription: Subscription, address: str) -> None:
        """To an address that proves that it wants to be called. Raises ApiError SUB-525."""
        await shake_hands(address, self.client.handshake_s, self.delivery_headers(subscription))
        subscription.address = address

    def _replace(self, connection: str | None) -> None:
        for each in [each for each in self.all.values() if each.connection == connection]:
            self.remove(each)

    def _filters(self, ask: Ask) -> tuple[list[EventFilter], list[Disabled]]:
        """The allowed and the disabled ones. Raises ApiError SUB-508, or why when none is allowed."""
        texts = ask.body.get("eventFilters")
        if not isinstance(texts, list) or not texts or not all(isinstance(each, str) for each in texts):
            raise invalid("eventFilters")
        parsed = {text: parse_filter(text, self.account_id, ask.grant.user.extension_id) for text in texts}
        unknown = [text for text, each in parsed.items() if each is None or not self._exists(each)]
        if unknown:
            raise ApiError(400, "SUB-508", f"Invalid event filters: [{', '.join(unknown)}]", "eventFilters")
        filters = [each for each in parsed.values() if each is not None]
        disabled = {each: problem for each in filters if (problem := self._problem(each, ask)) is not None}
        if len(disabled) == len(filters):
            raise disabled[filters[0]]
        return [each for each in filters if each not in disabled], [Disabled(*each) for each in disabled.items()]

    def _problem(self, each: EventFilter, ask: Ask) -> ApiError | None:
        """Why the application, or its user, may not use the filter; None when they may."""
        needed = BY_TOPIC.get(each.topic)
        if needed is not None and needed not in self.client.scopes:
            return lacking(needed)
        is_own = each.topic is Topic.REMINDER or each.extension_id == ask.grant.user.extension_id
        return None if is_own or ask.grant.user.is_admin else forbidden(needed or "ReadAccounts")

    def _exists(self, each: EventFilter) -> bool:
        return each.extension_id is None or each.extension_id in self.company.extensions

    def _life(self, ask: Ask) -> float:
        value = ask.body.get("expiresIn", DEFAULT_LIFE_S)
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise invalid("expiresIn")
        return min(value, LONGEST_LIFE_S)


def _transport(mode: dict[str, Any], connection: str | None) -> Transport:
    """The sandbox has the two that a server can use. Raises ApiError CMN-101 for others, and in the wrong place."""
    match mode.get("transportType"):
        case "WebHook" if connection is None:
            return "WebHook"
        case "WebSocket" if connection is not None:
            return "WebSocket"
    raise invalid("transportType")


def _verification_token(mode: dict[str, Any]) -> str | None:
    """Under either spelling: the sources conflict."""
    for name in _TOKEN_SPELLINGS:
        if name in mode:
            if not isinstance(mode[name], str):
                raise invalid(name)
            return str(mode[name])
    return None


def _address(mode: dict[str, Any]) -> str:
    address = mode.get("address")
    if not isinstance(address, str):
        raise invalid("address")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise invalid("address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("address")
    return address
