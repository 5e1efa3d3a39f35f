"""Event filters: which events a subscription wants ("Event filters" in the guide, and the document's query parameters)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

STATUS_CODES = (
    "Setup",
    "Proceeding",
    "Answered",
    "Disconnected",
    "Gone",
    "Parked",
    "Hold",
    "VoiceMail",
    "FaxReceive",
    "Tds",
    "VoiceMailScreening",
)
# Filters of the guide about what the sandbox has nothing to tell of.
_QUIET = re.compile(
    r"/restapi/v1\.0/account/(?P<account>~|\d+)/(?:extension|directory/entries"
    r"|extension/(?P<extension>~|\d+)(?:/(?:presence/line(?:/presence)?|favorite(?:/presence)?|missed-calls|fax|grant))?)"
)
_PATH = re.compile(
    r"/restapi/v1\.0/account/(?P<account>~|\d+)(?:/extension/(?P<extension>~|\d+))?"
    r"/(?P<topic>telephony/sessions|presence|message-store/instant|message-store|voicemail)"
)
_BOOLEAN = ("true", "false")
_VALUES: dict[str, tuple[str, ...]] = {
    "direction": ("Inbound", "Outbound"),
    "statusCode": STATUS_CODES,
    "missedCall": _BOOLEAN,
    "sipData": _BOOLEAN,
    "withRecordings": _BOOLEAN,
    "detailedTelephonyState": _BOOLEAN,
    "type": ("SMS",),
}
REMINDER_PATH = "/restapi/v1.0/subscription/~"


class Topic(StrEnum):
    TELEPHONY = "telephony/sessions"
    PRESENCE = "presence"
    INSTANT_MESSAGES = "message-store/instant"
    MESSAGES = "message-store"
    VOICEMAIL = "voicemail"
    REMINDER = "reminder"
    QUIET = "quiet"


ACCOUNT_TOPICS = (Topic.TELEPHONY, Topic.PRESENCE, Topic.QUIET)


@dataclass(frozen=True, slots=True, eq=False)
class EventFilter:
    """`path` has ids where `~` was asked; without `extension_id` it concerns the whole account."""

    path: str
    topic: Topic
    extension_id: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.path}?{query}" if query else self.path

    def asks(self, flag: str) -> bool:
        return self.query.get(flag) == "true"

    def covers(self, topic: Topic, extension_id: str | None) -> bool:
        return self.topic is topic and self.extension_id in (None, extension_id)

    def wants(self, party: Mapping[str, Any]) -> bool:
        """Whether a party of a telephony session passes the query parameters."""
        query, status = self.query, party["status"]["code"]
        if self.extension_id is not None and party.get("extensionId") != self.extension_id:
            return False
        if query.get("direction", party["direction"]) != party["direction"]:
            return False
        if query.get("statusCode", status).lower() != status.lower():
            return False
        if self.asks("missedCall") and not party["missedCall"]:
            return False
        if self.asks("withRecordings") and not party.get("recordings"):
            return False
        number = query.get("phoneNumber", "").strip().lstrip("+")
        numbers = {str(party[end].get("phoneNumber", "")).lstrip("+") for end in ("from", "to")}
        return not number or number in numbers


def parse_filter(text: str, account_id: str, own_extension_id: str) -> EventFilter | None:
    """None for what is no event filter, of this account, that the sandbox knows."""
    path, _, raw = text.partition("?")
    query = dict(parse_qsl(raw.replace("+", "%2B"), keep_blank_values=True))
    if path == REMINDER_PATH:
        known = all(query.get(name, "").isdecimal() for name in ("threshold", "interval"))
        return EventFilter(path, Topic.REMINDER, query=query) if known else None
    match, topic = _PATH.fullmatch(path), Topic.QUIET
    if match is not None:
        topic = Topic(match["topic"])
    else:
        match = _QUIET.fullmatch(path)
    if match is None or match["account"] not in ("~", account_id):
        return None
    extension_id = match["extension"]
    if extension_id is None and topic not in ACCOUNT_TOPICS:
        return None
    if any(value not in _VALUES[name] for name, value in query.items() if name in _VALUES):
        return None
    path = path.replace("account/~", f"account/{account_id}").replace("extension/~", f"extension/{own_extension_id}")
    return EventFilter(path, topic, own_extension_id if extension_id == "~" else extension_id, query)
