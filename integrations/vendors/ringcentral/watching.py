"""How calls come to be known: subscriptions, the websocket, and reading the calls that go on."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import msgspec

from common.crypto import same_secret
from integrations.contract.adapter import WebhookRequest, WebhookResponse
from integrations.contract.commands import LiveCall, Snapshot, SubscriptionFilter, SubscriptionInfo
from integrations.contract.errors import CallGone, VendorRejected
from integrations.contract.events import CtiEvent, Ignored, Notice
from integrations.contract.streams import StreamItem
from integrations.vendors.ringcentral import scopes
from integrations.vendors.ringcentral.base import OWN, RingCentralBase, answered_time
from integrations.vendors.ringcentral.client import Records
from integrations.vendors.ringcentral.events import SNAPSHOT, parse_notification
from integrations.vendors.ringcentral.replies import ActiveCall, PresenceInfo, SubscriptionReply
from integrations.vendors.ringcentral.websocket import Subscriber
from integrations.vendors.ringcentral.wire import text

_LIFE_S = 7 * 86400
_VALIDATION, _VERIFICATION = "validation-token", "verification-token"
_LONGEST_TOKEN = 512
"""The whole answer to a handshake may have 1024 bytes."""
_NO_BODY = frozenset({b"", b"{}", b"null"})
_FORBIDDEN, _NOT_FOUND = 403, 404
_MOST_READ = 25
"""Sessions that a snapshot reads one by one: half of what RingCentral allows in a minute."""
_CODES = {"ringing": "Proceeding", "callconnected": "Answered", "onhold": "Hold", "parkedcall": "Parked"}
_SESSIONS = "/restapi/v1.0/account/~/telephony/sessions"


class Watching(RingCentralBase):
    """Webhooks or a websocket, as the settings say."""

    @classmethod
    def handshake(cls, request: WebhookRequest) -> WebhookResponse | None:
        """ "The web server must respond with a valid Validation-Token header". The test has no body; deliveries may carry
        our own token under that name.
        """
        token = request.headers.get(_VALIDATION, "")
        if not token or len(token) > _LONGEST_TOKEN or request.body.strip() not in _NO_BODY:
            return None
        return WebhookResponse(200, {"Validation-Token": token, "Content-Type": "application/json"})

    @classmethod
    def verify(cls, request: WebhookRequest, secret: str) -> bool:
        """The header's name follows the field's in the request, and there are two spellings: either will do."""
        given = [request.headers.get(name, "") for name in (_VERIFICATION, _VALIDATION)]
        return any(same_secret(each.encode(), secret.encode()) for each in given)

    @classmethod
    def parse(cls, request: WebhookRequest) -> Sequence[CtiEvent | Notice] | Ignored:
        return parse_notification(request.body)

    # Subscriptions.

    def wanted_subscription(self) -> SubscriptionFilter:
        return SubscriptionFilter(event_types=scopes.event_filters(self.account.granted_scopes))

    async def list_subscriptions(self) -> Sequence[SubscriptionInfo]:
        answer = await self._client.read("list_subscriptions", Records)
        return [_subscription(each) for each in _replies(answer.records)]

    async def get_subscription(self, vendor_subscription_id: str) -> SubscriptionInfo:
        found = await self._client.read("get_subscription", SubscriptionReply, subscription=vendor_subscription_id)
        return _subscription(found)

    async def create_subscription(
        self, callback_url: str, wanted: SubscriptionFilter, secret: str = ""
    ) -> SubscriptionInfo:
        """Of the whole account; where the user may see their own extension alone, of that."""
        mode = {"transportType": "WebHook", "address": callback_url, "verificationToken": secret}
        body: dict[str, Any] = {"expiresIn": _LIFE_S, "deliveryMode": mode, "eventFilters": list(wanted.event_types)}
        own = {"eventFilters": list(scopes.of_own_extension(wanted.event_types))}
        try:
            made = await self._client.read("create_subscription", SubscriptionReply, json=body)
        except VendorRejected as error:
            if error.status != _FORBIDDEN or error.code == "SUB-505":
                raise
            made = await self._client.read("create_subscription", SubscriptionReply, json=body | own)
        if made.disabled_filters:
            made = await self._client.read("update_subscription", SubscriptionReply, json=own, subscription=made.id)
        return _subscription(made)

    async def renew_subscription(self, vendor_subscription_id: str, wanted: SubscriptionFilter) -> SubscriptionInfo:
        renewed = await self._client.read("renew_subscription", SubscriptionReply, subscription=vendor_subscription_id)
        return _subscription(renewed)

    async def delete_subscription(self, vendor_subscription_id: str) -> None:
        try:
            await self._client.call("delete_subscription", subscription=vendor_subscription_id)
        except VendorRejected as error:
            if error.status != _NOT_FOUND and error.code != "CMN-102":  # which comes with 400 too
                raise

    # The websocket.

    def wants_stream(self) -> bool:
        return self.account.settings.get("transport") == "websocket"

    async def stream(self) -> AsyncIterator[StreamItem]:
        filters = scopes.event_filters(self.account.granted_scopes)
        async with aclosing(Subscriber(self._client, self.http, filters).items()) as items:
            async for item in items:
                yield item

    # Reading the calls that go on: presence is up to date, active-calls lags ("not real time").

    async def snapshot(self) -> Snapshot:
        """Sessions by everybody's presence. Where there are more than RingCentral lets us read one by one in a minute, the
        rest is as presence shows them.
        """
        sessions: defaultdict[str, list[tuple[str | None, ActiveCall]]] = defaultdict(list)
        for presence in await self._presences():
            extension = text(presence.extension.id) if presence.extension else None
            for call in presence.active_calls:
                session = text(call.telephony_session_id)
                if session and call.telephony_status.lower() in _CODES:
                    sessions[session].append((extension, call))
        calls = []
        for number, (session, shown) in enumerate(sessions.items()):
            payload = await self._read_session(session) if number < _MOST_READ else _as_notification(session, shown)
            if payload is not None:
                calls.append(LiveCall(session, payload))
        return Snapshot(tuple(calls))

    async def _presences(self) -> list[PresenceInfo]:
        """Everybody's, or one's own where that is all that the user may see."""
        query = {"detailedTelephonyState": "true"}
        try:
            return await self._client.read_all("list_presence", PresenceInfo, query)
        except VendorRejected as error:
            if error.status != _FORBIDDEN:
                raise
        return [await self._client.read("get_presence", PresenceInfo, query=query, extension=OWN)]

    async def _read_session(self, session: str) -> bytes | None:
        """As `parse` reads it; None where it has ended meanwhile."""
        try:
            answer = await self._client.read("get_session", dict[str, Any], session=session)
        except CallGone:
            return None
        return _envelope({"telephonySessionId": session, **answer}, view=SNAPSHOT)


def _as_notification(session: str, shown: Iterable[tuple[str | None, ActiveCall]]) -> bytes:
    """What presence tells of a session, as if its parties had been notified of."""
    parties = [
        {
            "id": text(call.party_id) or f"{session}-{extension}",
            "extensionId": extension,
            "direction": call.direction,
            "from": {"phoneNumber": call.from_, "name": call.from_name},
            "to": {"phoneNumber": call.to, "name": call.to_name},
            "status": {"code": _CODES[call.telephony_status.lower()]},
        }
        for extension, call in shown
    ]
    return _envelope({"telephonySessionId": session, "parties": parties})


def _envelope(body: dict[str, Any], **marks: str) -> bytes:
    now = datetime.now(UTC).isoformat()
    return msgspec.json.encode({"event": _SESSIONS, "timestamp": now, "body": body, **marks})


def _replies(records: Sequence[Any]) -> list[SubscriptionReply]:
    try:
        return msgspec.convert(records, list[SubscriptionReply])
    except msgspec.ValidationError as error:
        raise VendorRejected(f"RingCentral's answer can't be read: {error}") from error


def _subscription(each: SubscriptionReply) -> SubscriptionInfo:
    suspended = None
    if each.status.lower() != "active":
        suspended = (each.blacklisted_data.reason if each.blacklisted_data else "") or each.status
    return SubscriptionInfo(
        vendor_subscription_id=each.id,
        callback_url=each.delivery_mode.address,
        event_types=tuple(each.event_filters),
        expires_at=answered_time(each.expiration_time) if each.expiration_time else None,
        suspended=suspended,
    )
