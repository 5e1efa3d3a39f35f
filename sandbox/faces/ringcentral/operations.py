"""Every REST operation: method, path below `/restapi/v1.0`, rate-limit group, and who does it."""

from dataclasses import dataclass
from typing import Any

from sandbox.faces.ringcentral.call_log import CallLog
from sandbox.faces.ringcentral.calls import SessionCalls
from sandbox.faces.ringcentral.directory import Directory
from sandbox.faces.ringcentral.messages import Messages
from sandbox.faces.ringcentral.notifications import Notifications
from sandbox.faces.ringcentral.party_calls import PartyCalls
from sandbox.faces.ringcentral.presence import Presence
from sandbox.faces.ringcentral.queues import CallQueues
from sandbox.faces.ringcentral.rate_limits import Group
from sandbox.faces.ringcentral.requests import Ask, Handler
from sandbox.faces.ringcentral.subscriptions import Subscriptions

Operation = tuple[str, str, Group, Handler]
_ACCOUNT = "/account/{account}"
_EXTENSION = _ACCOUNT + "/extension/{extension}"
_SESSION = _ACCOUNT + "/telephony/sessions/{session}"
_PARTY = _SESSION + "/parties/{party}"


@dataclass(frozen=True, slots=True)
class Operations:
    """The parts that the operations belong to."""

    calls: SessionCalls
    parties: PartyCalls
    subscriptions: Subscriptions
    notifications: Notifications
    directory: Directory
    queues: CallQueues
    presence: Presence
    call_log: CallLog
    messages: Messages

    def table(self) -> list[Operation]:
        return [*self._subscriptions(), *self._sessions(), *self._parties(), *self._people(), *self._past()]

    def _subscriptions(self) -> list[Operation]:
        one = "/subscription/{subscription}"
        return [
            ("GET", "/subscription", Group.LIGHT, self.subscriptions.visible),
            ("POST", "/subscription", Group.MEDIUM, self._subscribe),
            ("GET", one, Group.LIGHT, self._subscription),
            ("PUT", one, Group.MEDIUM, self._resubscribe),
            ("DELETE", one, Group.MEDIUM, self._unsubscribe),
            ("POST", one + "/renew", Group.LIGHT, self._renew),
        ]

    def _sessions(self) -> list[Operation]:
        telephony = _ACCOUNT + "/telephony"
        return [
            ("POST", telephony + "/call-out", Group.HEAVY, self.calls.call_out),
            ("POST", telephony + "/conference", Group.HEAVY, self.calls.conference),
            ("GET", _SESSION, Group.LIGHT, self.calls.get),
            ("DELETE", _SESSION, Group.LIGHT, self.calls.drop),
            ("POST", _SESSION + "/supervise", Group.LIGHT, self.calls.supervise),
            ("POST", _SESSION + "/parties/bring-in", Group.LIGHT, self.calls.bring_in),
        ]

    def _parties(self) -> list[Operation]:
        parties = self.parties
        posts: dict[str, Handler] = {
            "hold": parties.hold,
            "unhold": parties.unhold,
            "answer": parties.answer,
            "pickup": parties.pickup,
            "ignore": parties.ignore,
            "reject": parties.reject,
            "forward": parties.forward,
            "transfer": parties.transfer,
            "bridge": parties.bridge,
            "flip": parties.flip,
            "park": parties.park,
            "reply": parties.reply,
            "supervise": parties.supervise,
            "recordings": parties.record,
        }
        return [
            ("GET", _PARTY, Group.LIGHT, parties.get),
            ("PATCH", _PARTY, Group.LIGHT, parties.patch),
            ("DELETE", _PARTY, Group.LIGHT, parties.delete),
            ("PATCH", _PARTY + "/recordings/{recording}", Group.LIGHT, parties.change_recording),
            *(("POST", f"{_PARTY}/{name}", Group.LIGHT, handler) for name, handler in posts.items()),
        ]

    def _people(self) -> list[Operation]:
        directory, queue = self.directory, _ACCOUNT + "/call-queues/{queue}"
        return [
            ("GET", _ACCOUNT, Group.LIGHT, directory.account),
            ("GET", _ACCOUNT + "/extension", Group.MEDIUM, directory.extensions),
            ("GET", _EXTENSION, Group.LIGHT, directory.extension),
            ("GET", _EXTENSION + "/device", Group.MEDIUM, directory.devices),
            ("GET", _ACCOUNT + "/device", Group.MEDIUM, directory.all_devices),
            ("GET", _ACCOUNT + "/device/{device}", Group.LIGHT, directory.device),
            ("GET", _EXTENSION + "/phone-number", Group.LIGHT, directory.phone_numbers),
            ("GET", _ACCOUNT + "/phone-number", Group.HEAVY, directory.all_phone_numbers),
            ("GET", _EXTENSION + "/forwarding-number", Group.LIGHT, directory.forwarding_numbers),
            ("GET", _EXTENSION + "/caller-id", Group.LIGHT, directory.caller_id),
            ("PUT", _EXTENSION + "/caller-id", Group.MEDIUM, directory.set_caller_id),
            ("GET", _EXTENSION + "/presence", Group.LIGHT, self.presence.get),
            ("PUT", _EXTENSION + "/presence", Group.MEDIUM, self.presence.put),
            ("GET", _ACCOUNT + "/presence", Group.HEAVY, self.presence.all),
            ("GET", _ACCOUNT + "/call-queues", Group.MEDIUM, self.queues.all),
            ("GET", queue, Group.LIGHT, self.queues.get),
            ("GET", queue + "/members", Group.LIGHT, self.queues.members),
            ("GET", queue + "/presence", Group.LIGHT, self.queues.presence),
            ("PUT", queue + "/presence", Group.MEDIUM, self.queues.set_presence),
            ("GET", _EXTENSION + "/call-queue-presence", Group.LIGHT, self.queues.of_extension),
            ("PUT", _EXTENSION + "/call-queue-presence", Group.MEDIUM, self.queues.set_of_extension),
        ]

    def _past(self) -> list[Operation]:
        message = _EXTENSION + "/message-store/{message}"
        return [
            ("GET", _ACCOUNT + "/active-calls", Group.HEAVY, self.call_log.account_active),
            ("GET", _EXTENSION + "/active-calls", Group.HEAVY, self.call_log.extension_active),
            ("GET", _ACCOUNT + "/call-log", Group.HEAVY, self.call_log.account),
            ("GET", _EXTENSION + "/call-log", Group.HEAVY, self.call_log.extension),
            ("GET", _EXTENSION + "/call-log/{record}", Group.HEAVY, self.call_log.record),
            ("GET", _ACCOUNT + "/recording/{recording}", Group.HEAVY, self.call_log.recording),
            ("GET", _ACCOUNT + "/recording/{recording}/content", Group.HEAVY, self.call_log.recording_content),
            ("GET", _EXTENSION + "/message-store", Group.LIGHT, self.messages.all),
            ("GET", message, Group.LIGHT, self.messages.get),
            ("PUT", message, Group.MEDIUM, self.messages.update),
            ("DELETE", message, Group.MEDIUM, self.messages.delete),
            ("GET", message + "/content/{attachment}", Group.MEDIUM, self.messages.content),
            ("POST", _EXTENSION + "/sms", Group.MEDIUM, self.messages.send),
        ]

    async def _subscribe(self, ask: Ask) -> dict[str, Any]:
        subscription = await self.subscriptions.create(ask)
        self.notifications.remind(subscription)
        return self.subscriptions.render(subscription, ask.server)

    def _subscription(self, ask: Ask) -> dict[str, Any]:
        return self.subscriptions.render(self.subscriptions.get(ask), ask.server)

    async def _resubscribe(self, ask: Ask) -> dict[str, Any]:
        subscription = await self.subscriptions.update(ask)
        self.notifications.remind(subscription)
        return self.subscriptions.render(subscription, ask.server)

    def _renew(self, ask: Ask) -> dict[str, Any]:
        subscription = self.subscriptions.renew(self.subscriptions.get(ask))
        self.notifications.remind(subscription)
        return self.subscriptions.render(subscription, ask.server)

    def _unsubscribe(self, ask: Ask) -> None:
        self.subscriptions.remove(self.subscriptions.get(ask))
