"""Subscriptions and their filters: "Subscribing to Realtime Events"."""

import re
import uuid
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from sandbox.engine.directory import Party
from sandbox.engine.model import Parties
from sandbox.faces.kwebbl.dialect import Dialect
from sandbox.faces.kwebbl.errors import not_found, validation
from sandbox.faces.kwebbl.grants import Grant
from sandbox.faces.kwebbl.requests import EXTENSION_ID, access_denied, require, word

SCOPES = ("calls.events", "calls.events.personal", "calls.events.presence")
PRESENCE_EVENTS = ("created", "ringing", "answered", "terminated")
ALL_EVENTS = (
    *PRESENCE_EVENTS,
    "transferred",
    "bridged",
    "holding",
    "resume",
    "start_recording",
    "stop_recording",
)
_SUBSCRIPTION_ID = re.compile(r"[a-f0-9]{32}")
_NUMBER = re.compile(r"\d{3,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AgentFilter:
    """One of `agents[]`; `*` matches everybody."""

    field: Literal["*", "from", "to"] = "*"
    extension_id: str = "*"
    number: str = "*"

    def matches(self, who: Parties) -> bool:
        parties = {"from": (who.caller,), "to": (who.callee,), "*": (who.caller, who.callee)}[self.field]
        return any(self._matches(party) for party in parties)

    def _matches(self, party: Party) -> bool:
        if self.extension_id != "*":
            return party.extension_id == self.extension_id
        internal = party.extension.number if party.extension else None
        return self.number == "*" or self.number in (internal, party.number)


@dataclass(frozen=True, slots=True)
class Subscription:
    """`owner_extension_id` is set where the scope limits the events to the user's own."""

    id: str
    owner: str
    event_types: tuple[str, ...]
    agents: tuple[AgentFilter, ...]
    mode: Literal["presence", "detailed"]
    callback_url: str
    owner_extension_id: str | None = None

    def wants(self, event_type: str, involved: tuple[Parties, ...]) -> bool:
        """Whether the filters let an event pass that concerns these parties (those before and after a transfer, say)."""
        if "*" not in self.event_types and event_type not in map(canonical, self.event_types):
            return False
        mine = self.owner_extension_id
        if mine is not None and not any(
            mine in (each.caller.extension_id, each.callee.extension_id) for each in involved
        ):
            return False
        return any(agent.matches(parties) for agent in self.agents for parties in involved)

    @property
    def callback_origin(self) -> str:
        """Where it is delivered, without the path: that may be the receiver's secret."""
        parts = urlsplit(self.callback_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def render(self, events_key: str = "event_types") -> dict[str, Any]:
        return {
            "id": self.id,
            events_key: list(self.event_types),
            "agents": [
                {"field": each.field, "extension_id": each.extension_id, "number": each.number} for each in self.agents
            ],
            "mode": self.mode,
            "callback_url": self.callback_url,
            "callback_content_type": "application/json",
        }


def canonical(event_type: str) -> str:
    """The list's spelling of an event type, whichever of the document's spellings is used."""
    word = event_type.replace("-", "_")
    return "resume" if word == "resumed" else word


class Subscriptions:
    """All subscriptions of one company."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.all: dict[str, Subscription] = {}

    def visible(self, grant: Grant) -> list[Subscription]:
        """With calls.events the company's, else the user's own."""
        require(grant, self.dialect, *SCOPES)
        return [each for each in self.all.values() if grant.allows("calls.events") or each.owner == grant.user.email]

    def get(self, grant: Grant, subscription_id: str) -> Subscription:
        """Raises ApiError 400 for what is no id, 404."""
        visible = self.visible(grant)
        if not _SUBSCRIPTION_ID.fullmatch(subscription_id):
            raise validation("A subscription id is 32 hex digits")
        for each in visible:
            if each.id == subscription_id:
                return each
        raise not_found("The subscription with the specified ID does not exist")

    def create(self, grant: Grant, body: dict[str, Any]) -> Subscription:
        """Raises ApiError 400, or access_denied for what the scopes don't allow ("Notes about scopes and permissions")."""
        require(grant, self.dialect, *SCOPES)
        event_types = _event_types(body.get("event_types"))
        mode = _mode(body.get("mode"))
        personal = self._is_personal(grant, event_types, mode)
        subscription = Subscription(
            id=uuid.uuid4().hex,
            owner=grant.user.email,
            event_types=event_types,
            agents=_agents(body.get("agents")),
            mode=mode,
            callback_url=_callback_url(body),
            owner_extension_id=grant.user.extension_id if personal else None,
        )
        self.all[subscription.id] = subscription
        return subscription

    def _is_personal(self, grant: Grant, event_types: tuple[str, ...], mode: str) -> bool:
        """Whether the events must be limited to the user's own: by the widest scope that allows what is asked."""
        if grant.allows("calls.events"):
            return False
        if grant.allows("calls.events.presence") and mode == "presence" and set(event_types) <= set(PRESENCE_EVENTS):
            return False
        if grant.allows("calls.events.personal"):
            return True
        raise access_denied(self.dialect, "calls.events.presence allows four events, in presence mode")


def _mode(value: object) -> Literal["presence", "detailed"]:
    match value:
        case None | "presence":
            return "presence"
        case "detailed":
            return "detailed"
    raise validation("mode must be presence or detailed")


def _event_types(value: object) -> tuple[str, ...]:
    if value is None:
        return PRESENCE_EVENTS
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise validation("event_types must be a list of event types")
    for each in value:
        if each != "*" and canonical(each) not in ALL_EVENTS:
            raise validation(f"Unknown event type {each}")
    return tuple(value)


def _agents(value: object) -> tuple[AgentFilter, ...]:
    if value is None or value == []:
        return (AgentFilter(),)
    if not isinstance(value, list):
        raise validation("agents must be a list")
    return tuple(_agent(each) for each in value)


def _agent(value: object) -> AgentFilter:
    """ "Notes about agents[] fields": an empty filter means everybody, an extension_id goes before a number."""
    if not isinstance(value, dict):
        raise validation("An agent must be an object")
    field = _field(value.get("field"))
    extension_id, number = word(value.get("extension_id")), word(value.get("number"))
    if extension_id not in (None, "*") and not EXTENSION_ID.fullmatch(extension_id or ""):
        raise validation("agents[].extension_id must have 32 letters and digits, or be *")
    if number not in (None, "*") and not _NUMBER.fullmatch(number or ""):
        raise validation("agents[].number must be 3 to 15 digits, or *")
    if extension_id is None and number is None:
        return AgentFilter()
    if extension_id not in (None, "*"):
        number = "*"
    return AgentFilter(field, extension_id or "*", number or "*")


def _field(value: object) -> Literal["*", "from", "to"]:
    match value:
        case None | "" | "*":
            return "*"
        case "from":
            return "from"
        case "to":
            return "to"
    raise validation("agents[].field must be *, from or to")


def _callback_url(body: dict[str, Any]) -> str:
    """ "A full path, including protocol and domain"."""
    url = body.get("callback_url")
    if body.get("callback_content_type", "application/json") != "application/json":
        raise validation("callback_content_type must be application/json")
    if not isinstance(url, str):
        raise validation("callback_url is required")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise validation("callback_url can't be read") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise validation("callback_url must be a full address, including protocol and domain")
    return url
