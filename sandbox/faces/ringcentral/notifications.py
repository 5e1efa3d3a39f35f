"""Tells subscribers what happens: each filter gets the view that it asked for, by its subscription's transport."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.directory import Extension
from sandbox.engine.events import EngineEvent, LineEvent, LineKind
from sandbox.faces.ringcentral.dialect import Dialect
from sandbox.faces.ringcentral.filters import EventFilter, Topic
from sandbox.faces.ringcentral.messages import Messages
from sandbox.faces.ringcentral.parties import legacy_id
from sandbox.faces.ringcentral.presence import Presence, narrow
from sandbox.faces.ringcentral.sessions import Change, Sessions
from sandbox.faces.ringcentral.subscriptions import Subscription, Subscriptions
from sandbox.faces.ringcentral.times import iso
from sandbox.outbox import Outbox

SERVER_ID = "10.62.25.111.TAM"
Push = Callable[[str, dict[str, Any]], None]


class Notifications:
    """Listens to the engine. `push` sends to a WebSocket connection."""

    def __init__(
        self,
        company: Company,
        dialect: Dialect,
        subscriptions: Subscriptions,
        sessions: Sessions,
        presence: Presence,
        messages: Messages,
        outbox: Outbox,
        push: Push,
    ) -> None:
        self.company = company
        self.dialect = dialect
        self.subscriptions = subscriptions
        self.sessions = sessions
        self.presence = presence
        self.messages = messages
        self.outbox = outbox
        self.push = push

    def on_call(self, event: EngineEvent) -> None:
        for change in self.sessions.follow(event):
            self.tell_session(change)
        calls = [event.call] if event.consultation is None else [event.call, event.consultation]
        concerned = {leg.party.extension_id: leg.party.extension for call in calls for leg in call.legs}
        for extension in concerned.values():
            if extension is not None and extension.is_user:
                self._tell_presence(extension, event.call.id)

    def on_line(self, event: LineEvent) -> None:
        if event.kind in (LineKind.SETTINGS, LineKind.AGENT):
            self._tell_presence(event.extension, "")
        if event.message is not None:
            self.tell_message(event.extension, self.messages.voicemail(event.message))

    def tell_session(self, change: Change) -> None:
        """To every subscription of telephony sessions: the parties that it may see and wants."""
        for subscription, each in self._wanting(Topic.TELEPHONY):
            parties = [_mask(party, each) for party in change.parties if each.wants(party)]
            if parties:
                self._send(subscription, each, self._session_body(change, each, parties), change.session.id)

    def tell_message(self, extension: Extension, message: Mapping[str, Any]) -> None:
        """A message came: as a change of the message store, and whole."""
        change = {"type": message["type"], "newCount": 1, "updatedCount": 0, "newMessageIds": [message["id"]]}
        store = {"extensionId": extension.id, "lastUpdated": iso(self.company.now()), "changes": [change]}
        whole = Topic.VOICEMAIL if message["type"] == "VoiceMail" else Topic.INSTANT_MESSAGES
        for topic, body in ((Topic.MESSAGES, store), (whole, dict(message))):
            for subscription, each in self._wanting(topic, extension.id):
                self._send(subscription, each, body, message["id"])

    def remind(self, subscription: Subscription) -> None:
        """Plans the reminders that a subscription asked for ("Webhook Renewal Event Filter")."""
        for each in subscription.filters:
            if each.topic is Topic.REMINDER:
                seconds = subscription.life_s - float(each.query["threshold"])
                self._remind_later(subscription, each, max(0.0, seconds), subscription.expires_at)

    def _remind_later(self, subscription: Subscription, each: EventFilter, seconds: float, expires_at: float) -> None:
        def remind() -> None:
            alive = self.subscriptions.all.get(subscription.id) is subscription
            if not alive or each not in subscription.filters or subscription.expires_at != expires_at:
                return  # renewed since, which planned its own
            left = round(expires_at - self.subscriptions.now())
            if left > 0:
                self._send(subscription, each, {"expiresIn": left}, subscription.id)
                self._remind_later(subscription, each, float(each.query["interval"]), expires_at)

        self.company.later(max(seconds, 0.05), remind)

    def _tell_presence(self, extension: Extension, call_id: str) -> None:
        body = self.presence.changed(extension)
        if body is not None:
            for subscription, each in self._wanting(Topic.PRESENCE, extension.id):
                self._send(subscription, each, narrow(body, each.query), call_id)

    def _wanting(self, topic: Topic, extension_id: str | None = None) -> Iterator[tuple[Subscription, EventFilter]]:
        """Without an extension every filter of the topic."""
        for subscription in self.subscriptions.live():
            for each in subscription.filters:
                if each.topic is topic and (extension_id is None or each.extension_id in (None, extension_id)):
                    yield subscription, each

    def _session_body(self, change: Change, each: EventFilter, parties: list[dict[str, Any]]) -> dict[str, Any]:
        session = change.session
        moment = change.at if self.dialect.event_time == "event" else session.call.created_at
        body: dict[str, Any] = {
            "sequence": change.sequence,
            "sessionId": legacy_id(session.id),
            "telephonySessionId": session.id,
            "serverId": SERVER_ID,
            "eventTime": iso(moment),
            "accountId": self.subscriptions.account_id,
            "parties": parties,
            "origin": {"type": session.origin},
        }
        return body if each.extension_id is None else body | {"extensionId": each.extension_id}

    def _send(self, subscription: Subscription, each: EventFilter, body: dict[str, Any], call_id: str) -> None:
        event_id = str(uuid.uuid4().int % 10**19)
        payload = self._envelope(subscription, each, body, event_id)
        if subscription.connection is not None:
            self.push(subscription.connection, payload)
            return
        self.outbox.put(
            subscription_id=subscription.id,
            url=subscription.address,
            call_id=call_id,
            event_id=event_id,
            event_type=each.topic.value,
            body=json.dumps(payload, separators=(",", ":")).encode(),
            headers=self.subscriptions.delivery_headers(subscription),
        )

    def _envelope(
        self, subscription: Subscription, each: EventFilter, body: dict[str, Any], event_id: str
    ) -> dict[str, Any]:
        """Flat, as it is today; or nested, as in the document's example."""
        common = {"uuid": event_id, "subscriptionId": subscription.id, "ownerId": subscription.owner_id}
        flat = {
            **common,
            "event": each.text if self.dialect.event_query else each.path,
            "timestamp": iso(self.company.now()),
            "body": body,
        }
        return (
            flat if self.dialect.envelope == "flat" else common | {"pn_apns": {"aps": {"content-available": 1}, **flat}}
        )


def _mask(party: dict[str, Any], each: EventFilter) -> dict[str, Any]:
    """SIP data only for those who asked for it."""
    return party if each.asks("sipData") else {name: value for name, value in party.items() if name != "sipData"}
