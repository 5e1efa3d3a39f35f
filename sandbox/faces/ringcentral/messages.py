"""The message store: voicemail, and text messages sent and received."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from sandbox.engine.directory import Extension, Party
from sandbox.engine.errors import NotDialable
from sandbox.engine.recordings import audio
from sandbox.engine.stored import VoiceMessage
from sandbox.engine.switch import Switch
from sandbox.faces.ringcentral.errors import forbidden, invalid, not_found
from sandbox.faces.ringcentral.requests import Ask, page
from sandbox.faces.ringcentral.times import asked_period, iso

_READ = ("Read", "Unread")


@dataclass(slots=True)
class TextMessage:
    """An SMS of one extension."""

    id: str
    extension_id: str
    direction: str
    sender: str
    recipients: tuple[str, ...]
    text: str
    at: float
    read: bool = False


@dataclass(slots=True)
class Messages:
    """Voicemail is the engine's; text messages are kept here. `received` is told of those that come in."""

    switch: Switch
    texts: dict[str, TextMessage] = field(default_factory=dict)
    received: list[Callable[[Extension, dict[str, Any]], None]] = field(default_factory=list)

    def all(self, ask: Ask) -> dict[str, Any]:
        """Newest first; `messageType`, `direction`, `readStatus`, `dateFrom` and `dateTo` narrow it."""
        self._check(ask)
        since, until = asked_period(ask, self.switch.company.now())
        voicemail = [each for each in self._voicemail(ask.extension) if _is_within(each.at, since, until)]
        texts = [each for each in self.texts.values() if each.extension_id == ask.extension.id]
        messages = [self.voicemail(each, ask) for each in voicemail]
        messages += [self.text(each, ask) for each in texts if _is_within(each.at, since, until)]
        messages.sort(key=lambda each: str(each["creationTime"]), reverse=True)
        for parameter, name in (("messageType", "type"), ("direction", "direction"), ("readStatus", "readStatus")):
            if wanted := ask.query.get(parameter):
                messages = [each for each in messages if each[name] == wanted]
        return page(ask, f"{ask.account_uri}/extension/{ask.extension.id}/message-store", messages)

    def get(self, ask: Ask) -> dict[str, Any]:
        found = self._find(ask)
        return self.voicemail(found, ask) if isinstance(found, VoiceMessage) else self.text(found, ask)

    def update(self, ask: Ask) -> dict[str, Any]:
        """Marks it read or unread."""
        found = self._find(ask)
        status = ask.required("readStatus")
        if status not in _READ:
            raise invalid("readStatus")
        if isinstance(found, VoiceMessage):
            found.seen = status == "Read"
        else:
            found.read = status == "Read"
        return self.get(ask)

    def delete(self, ask: Ask) -> None:
        found = self._find(ask)
        kept = self.switch.company.voicemail if isinstance(found, VoiceMessage) else self.texts
        del kept[found.id]

    def content(self, ask: Ask) -> Response:
        """A voicemail's sound, a text message's words."""
        found = self._find(ask)
        if isinstance(found, VoiceMessage):
            return Response(audio(found), media_type="audio/x-wav")
        return Response(found.text, media_type="text/plain")

    def send(self, ask: Ask) -> dict[str, Any]:
        """From one of the user's own numbers. Raises ApiError CMN-101 for what isn't, or for a recipient who is nobody."""
        self._check(ask)
        sender = _number(ask.nested("from").get("phoneNumber"), "from.phoneNumber")
        own = {ask.extension.external_number, *(each.number for each in ask.extension.caller_ids)}
        if sender.lstrip("+") not in own:
            raise invalid("from.phoneNumber")
        recipients = ask.body.get("to")
        if not isinstance(recipients, list) or not recipients or not all(isinstance(each, dict) for each in recipients):
            raise invalid("to")
        numbers = tuple(_number(each.get("phoneNumber"), "to.phoneNumber") for each in recipients)
        text = ask.required("text")
        try:
            for number in numbers:
                self.switch.lines.send_message(ask.extension, number, text)
        except NotDialable:
            raise invalid("to.phoneNumber") from None
        return self.text(self._keep(ask.extension, "Outbound", sender, numbers, text), ask)

    def receive(self, extension: Extension, sender: Party, text: str) -> dict[str, Any]:
        """A text message comes in from outside."""
        own = (f"+{extension.external_number or extension.shown_number}",)
        message = self.text(self._keep(extension, "Inbound", f"+{sender.number}", own, text))
        for listener in self.received:
            listener(extension, message)
        return message

    def voicemail(self, message: VoiceMessage, ask: Ask | None = None) -> dict[str, Any]:
        owner = self.switch.company.extensions[message.extension_id]
        caller: dict[str, Any] = {"name": message.caller.name}
        if message.caller.number:
            caller["phoneNumber" if message.caller.extension is None else "extensionNumber"] = (
                f"+{message.caller.number}" if message.caller.extension is None else message.caller.number
            )
        attachment = {
            "id": message.id,
            "uri": f"{_uri(ask, owner, message.id)}/content/{message.id}",
            "type": "AudioRecording",
            "contentType": "audio/x-wav",
            "vmDuration": round(message.seconds),
        }
        return {
            **_common(ask, owner, message.id, "VoiceMail", message.at, read=message.seen),
            "direction": "Inbound",
            "from": caller,
            "to": [{"extensionNumber": owner.number, "name": owner.name}],
            "attachments": [attachment],
            "messageStatus": "Received",
            "vmTranscriptionStatus": "NotAvailable",
        }

    def text(self, message: TextMessage, ask: Ask | None = None) -> dict[str, Any]:
        owner = self.switch.company.extensions[message.extension_id]
        inbound = message.direction == "Inbound"
        return {
            **_common(ask, owner, message.id, "SMS", message.at, read=message.read or not inbound),
            "direction": message.direction,
            "from": {"phoneNumber": message.sender},
            "to": [{"phoneNumber": each} for each in message.recipients],
            "subject": message.text,
            "messageStatus": "Received" if inbound else "Sent",
            "attachments": [],
        }

    def _keep(self, owner: Extension, direction: str, sender: str, to: tuple[str, ...], text: str) -> TextMessage:
        company = self.switch.company
        message = TextMessage(str(uuid.uuid4().int % 10**12), owner.id, direction, sender, to, text, company.now())
        self.texts[message.id] = message
        return message

    def _voicemail(self, extension: Extension) -> list[VoiceMessage]:
        return [each for each in self.switch.company.voicemail.values() if each.extension_id == extension.id]

    def _find(self, ask: Ask) -> VoiceMessage | TextMessage:
        self._check(ask)
        message_id = ask.path["message"]
        found = self.switch.company.voicemail.get(message_id) or self.texts.get(message_id)
        if found is None or found.extension_id != ask.extension.id:
            raise not_found("messageId")
        return found

    def _check(self, ask: Ask) -> None:
        if not ask.is_own and not ask.grant.user.is_admin:
            raise forbidden("ReadMessages")


def _common(ask: Ask | None, owner: Extension, message_id: str, kind: str, at: float, *, read: bool) -> dict[str, Any]:
    return {
        "uri": _uri(ask, owner, message_id),
        "id": message_id,
        "type": kind,
        "creationTime": iso(at),
        "lastModifiedTime": iso(at),
        "readStatus": "Read" if read else "Unread",
        "priority": "Normal",
        "availability": "Alive",
    }


def _uri(ask: Ask | None, owner: Extension, message_id: str) -> str:
    """An event has no request whose server it could name: its links begin at the root."""
    account = ask.account_uri if ask else "/restapi/v1.0/account/~"
    return f"{account}/extension/{owner.id}/message-store/{message_id}"


def _is_within(moment: float, since: float, until: float | None) -> bool:
    return moment >= since and (until is None or moment < until)


def _number(value: object, parameter: str) -> str:
    if not isinstance(value, str) or not value:
        raise invalid(parameter)
    return value
