"""Subscriptions and their filters: "Subscribing to Realtime Events"."""

import re
import uuid
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from sandbox.engine.model import Party
from sandbox.faces.kwebbl.dialect import Dialect
from sandbox.faces.kwebbl.errors import not_found, validation
from sandbox.faces.kwebbl.grants import Grant
from sandbox.faces.kwebbl.requests import HEX_ID, access_denied, require

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
_NUMBER = re.compile(r"\d{3,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AgentFilter:
    """One of `agents[]`; `*` matches everybody."""

    field: Literal["*", "from", "to"] = "*"
    extension_id: str = "*"
    number: str = "*"

    def matches(self, caller: Party, callee: Party) -> bool:
        parties = {"from": (caller,), "to": (callee,), "*": (caller, callee)}[self.field]
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

    def wants(self, event_type: str, caller: Party, callee: Party) -> bool:
        if "*" not in self.event_types and event_type not in map(canonical, self.event_types):
            return False
        mine = self.owner_extension_id
        if mine is not None and mine not in (caller.extension_id, callee.extension_id):
            return False
        return any(each.matches(caller, callee) for each in self.agents)

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
        if not HEX_ID.fullmatch(subscription_id):
            raise validation("A subscription id is 32 hex digits")
        for each in visible:
            if each.id == subscription_id:
                return each
        raise not_found("The subscription with the specified ID does not exist")

    def create(self, grant: Grant, body: dict[str, Any]) -> Subscription:
        """Raises ApiError 400, or access_denied for what the scopes don't allow ("Notes about scopes and permissions")."""
        require(grant, self.dialect, *SCOPES)
        event_types = _event_types(body.get("event_types"))
        mode = body.get("mode") or "presence"
        if mode not in ("presence", "detailed"):
            raise validation("mode must be presence or detailed")
        agents = _agents(body.get("agents"))
        personal = self._limit(grant, event_types, agents, mode)
        subscription = Subscription(
            id=uuid.uuid4().hex,
            owner=grant.user.email,
            event_types=event_types,
            agents=agents,
            mode=mode,
            callback_url=_callback_url(body),
            owner_extension_id=grant.user.extension_id if personal else None,
        )
        self.all[subscription.id] = subscription
        return subscription

    def _limit(self, grant: Grant, event_types: tuple[str, ...], agents: tuple[AgentFilter, ...], mode: str) -> bool:
        """Whether the events must be limited to the user's own: by the widest scope that allows what is asked."""
        if grant.allows("calls.events"):
            return False
        if grant.allows("calls.events.presence") and mode == "presence" and set(event_types) <= set(PRESENCE_EVENTS):
            return False
        if not grant.allows("calls.events.personal"):
            raise access_denied(self.dialect, "calls.events.presence allows four events, in presence mode")
        mine = grant.user.extension_id
        if any(each.extension_id not in ("*", mine) for each in agents):
            raise access_denied(self.dialect, "calls.events.personal allows events of yourself")
        return True


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
    field, extension_id, number = value.get("field") or "*", value.get("extension_id"), value.get("number")
    if field not in ("*", "from", "to"):
        raise validation("agents[].field must be *, from or to")
    if isinstance(number, int):
        number = str(number)
    if extension_id and extension_id != "*" and not (isinstance(extension_id, str) and HEX_ID.fullmatch(extension_id)):
        raise validation("agents[].extension_id must be 32 hex digits or *")
    if number and number != "*" and not (isinstance(number, str) and _NUMBER.fullmatch(number)):
        raise validation("agents[].number must be 3 to 15 digits or *")
    if not extension_id and not number:
        return AgentFilter()
    if extension_id and extension_id != "*":
        return AgentFilter(field, extension_id=extension_id)
    return AgentFilter(field, number=number or "*")


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
