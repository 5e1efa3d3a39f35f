"""Past calls, recordings, voicemail, and text messages."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

from integrations.contract.errors import VendorRejected
from integrations.contract.media import Media
from integrations.contract.things import CallLogItem, Message, Page, Voicemail
from integrations.vendors.ringcentral.base import OWN, RingCentralBase, answered_time
from integrations.vendors.ringcentral.replies import LogRecord, PhoneNumber, Reference, StoredMessage
from integrations.vendors.ringcentral.wire import End, text

_AS_FAR_BACK = timedelta(days=365)
"""Without a time RingCentral answers the last day alone."""


class History(RingCentralBase):
    """What has been, and what is sent."""

    async def read_call_log(self, since: datetime | None, until: datetime | None, page: str | None, limit: int) -> Page:
        query = {"view": "Detailed", "dateFrom": _rfc3339(since or datetime.now(UTC) - _AS_FAR_BACK)}
        if until is not None:
            query["dateTo"] = _rfc3339(until)
        number = _page_number(page)
        records, more = await self._client.read_page("call_log", LogRecord, number, limit, query)
        return Page(tuple(map(_log_item, records)), str(number + 1) if more else None)

    async def read_voicemails(self, page: str | None, limit: int) -> Page:
        """Those of the user who authorized: a user may read their own alone."""
        query = {"messageType": "VoiceMail", "dateFrom": _rfc3339(datetime.now(UTC) - _AS_FAR_BACK)}
        number = _page_number(page)
        messages, more = await self._client.read_page("messages", StoredMessage, number, limit, query, extension=OWN)
        owner = await self._client.read("get_extension", Reference, extension=OWN)
        items = tuple(_voicemail(each, text(owner.id)) for each in messages)
        return Page(items, str(number + 1) if more else None)

    def open_recording(self, recording_id: str, byte_range: str | None = None) -> AbstractAsyncContextManager[Media]:
        return self._client.open_media("recording", byte_range, recording=recording_id)

    async def send_message(self, message: Message) -> str | None:
        """From the number given, or the first one that the extension may send from."""
        extension, number = OWN, message.from_
        if number is None or not number.startswith("+"):
            extension = number or OWN
            numbers = await self._client.read_all("list_numbers", PhoneNumber, extension=extension)
            number = next((text(each.phone_number) for each in numbers if "SmsSender" in each.features), None)
            if number is None:
                raise VendorRejected("The extension has no number at RingCentral that it may send messages from.")
        body = {"from": {"phoneNumber": number}, "to": [{"phoneNumber": message.to}], "text": message.text}
        sent = await self._client.read("send_sms", Reference, extension=extension, json=body)
        return text(sent.id)


def _log_item(record: LogRecord) -> CallLogItem:
    from_, to = record.from_ or End(), record.to or End()
    is_internal = bool(text(from_.extension_number) and text(to.extension_number))
    return CallLogItem(
        vendor_item_id=text(record.id) or "",
        started_at=answered_time(record.start_time),
        direction="internal" if is_internal else record.direction.lower(),
        from_number=_number(from_),
        from_name=text(from_.name),
        to_number=_number(to),
        to_name=text(to.name),
        vendor_extension_id=text(record.extension.id) if record.extension else None,
        duration_s=record.duration,
        missed=record.direction.lower() == "inbound" and record.result.lower() == "missed",
        result=record.result,
        vendor_call_id=text(record.telephony_session_id),
        vendor_recording_id=text(record.recording.id) if record.recording else None,
    )


def _voicemail(message: StoredMessage, extension_id: str | None) -> Voicemail:
    from_ = message.from_ or End()
    return Voicemail(
        vendor_voicemail_id=text(message.id) or "",
        received_at=answered_time(message.creation_time or ""),
        from_number=_number(from_),
        from_name=text(from_.name),
        vendor_extension_id=extension_id,
        duration_s=next((each.vm_duration for each in message.attachments if each.vm_duration is not None), None),
        heard=(message.read_status or "").lower() == "read",
    )


def _number(end: End) -> str | None:
    return text(end.phone_number) or text(end.extension_number)


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page_number(page: str | None) -> int:
    """Ours, as `next` named it."""
    return int(page) if page and page.isascii() and page.isdecimal() else 1
