"""What RingCentral's API answers, as far as it is used. Ids come as strings and as JSON numbers."""

from typing import Any

import msgspec
from msgspec import Struct, field

from integrations.vendors.ringcentral.wire import End, Party, Word


class Reference(Struct, rename="camel"):
    """Something that is named by its id."""

    id: Word = None
    extension_number: Word = None
    name: str | None = None


class Extension(Struct, rename="camel"):
    """Of the directory."""

    id: Word
    extension_number: Word = None
    name: str | None = None
    type: str = ""
    status: str = ""


class Device(Struct):
    """A phone, or a program that acts as one."""

    id: Word
    name: str | None = None
    type: str = ""
    status: str | None = None


class PhoneNumber(Struct, rename="camel"):
    """A number of the account's; `features` says what the extension that was asked about may do with it."""

    id: Word = None
    phone_number: Word = None
    usage_type: str | None = None
    features: list[str] = []
    extension: Reference | None = None


class ForwardingNumber(Struct, rename="camel"):
    """A phone that calls can be flipped to."""

    id: Word = None
    flip_number: Word = None
    device: Reference | None = None


class CallerId(Struct, rename="camel"):
    """What an extension shows, for each feature and device. It is read, changed and written, so the rest stays as it is."""

    by_feature: list[dict[str, Any]] = []
    by_device: list[dict[str, Any]] = []


class ActiveCall(Struct, rename="camel"):
    """A call in somebody's presence."""

    telephony_session_id: Word = None
    party_id: Word = None
    direction: str = ""
    from_: Word = field(default=None, name="from")
    from_name: str | None = None
    to: Word = None
    to_name: str | None = None
    telephony_status: str = ""


class PresenceInfo(Struct, rename="camel"):
    """An extension's presence."""

    extension: Reference | None = None
    presence_status: str | None = None
    user_status: str | None = None
    dnd_status: str | None = None
    message: str | None = None
    active_calls: list[ActiveCall] = []


class QueuePresence(Struct, rename="camel"):
    """A member's part in a queue."""

    member: Reference
    accept_queue_calls: bool = True
    accept_current_queue_calls: bool = True


class QueueMembers(Struct):
    """All members of a queue."""

    records: list[QueuePresence] = []


class SessionInfo(Struct, rename="camel"):
    """A telephony session."""

    id: Word
    parties: list[Party] = []


class Placed(Struct):
    """The answer to call-out and conference."""

    session: SessionInfo


class DeliveryMode(Struct, frozen=True, rename="camel"):
    """How a subscription is delivered."""

    transport_type: str = ""
    address: str = ""


class DisabledFilter(Struct):
    """An event that the user may not subscribe to."""

    filter: str = ""


class BlacklistedData(Struct):
    """Since when, and why, nothing is delivered any more."""

    reason: str = ""


class SubscriptionReply(Struct, rename="camel"):
    """A subscription."""

    id: str
    event_filters: list[str] = []
    disabled_filters: list[DisabledFilter] = []
    expiration_time: str | None = None
    status: str = "Active"
    delivery_mode: DeliveryMode = DeliveryMode()
    blacklisted_data: BlacklistedData | None = None


class WsToken(Struct):
    """Where to connect a websocket, with a token for one use."""

    uri: str
    ws_access_token: str


class LogRecording(Struct):
    """The recording of a past call."""

    id: Word = None


class LogRecord(Struct, rename="camel"):
    """A past call."""

    id: Word
    start_time: str
    direction: str = ""
    result: str = ""
    duration: float | None = None
    from_: End | None = field(default=None, name="from")
    to: End | None = None
    extension: Reference | None = None
    telephony_session_id: Word = None
    recording: LogRecording | None = None


class Attachment(Struct, rename="camel"):
    """Of a message."""

    vm_duration: float | None = None


class StoredMessage(Struct, rename="camel"):
    """A message of the message store."""

    id: Word = None
    creation_time: str | None = None
    from_: End | None = field(default=None, name="from")
    read_status: str | None = None
    attachments: list[Attachment] = msgspec.field(default_factory=list)
