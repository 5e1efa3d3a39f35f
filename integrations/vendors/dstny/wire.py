"""Dstny's JSON as typed objects, read leniently: its examples show one thing in several ways.

Lists are arrays, single objects, or text that looks like a list (`"[+1555555]"`); booleans and numbers may be text; an object
may be wrapped in one whose only key names its type (`{".CallDTO": {…}}`). Unknown fields are passed over.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

T = TypeVar("T")
TERMINATED = "TERMINATED"
GONE = "GONE"
"""Our own word in what our streams pass on: TERMINATED a moment ago."""
_WRAPPER = re.compile(r"\[?\.\w+\]?")
_ACTION = re.compile(r"action\W+(\w+)")


class Unreadable(ValueError):
    """Not what was expected; the message says how, without the values."""


class RemoteParty(Struct):
    """Who is at the other end. Texts come from the network."""

    type: str | None = None
    tel_uri: str | None = field(default=None, name="telUri")
    display_name: str | None = field(default=None, name="displayName")
    display_number: str | None = field(default=None, name="displayNumber")
    intrusion: str | None = field(default=None, name="intrusionType")


class History(Struct, rename="camel"):
    """How the call came here."""

    previous_party: RemoteParty | None = None
    previous_retarget_reason: str | None = None


class Participant(Struct, rename="camel"):
    """Somebody else in a conference."""

    id: str
    remote_party: RemoteParty | None = None


class Action(Struct, rename="camel"):
    """What can be done with a call now."""

    action: str
    device_ids: list[str] | str | None = None


class CallState(Struct, rename="camel"):
    """The state of one call of one user ("Call State API")."""

    call_id: str
    state_token: int | None = None
    status: str = ""
    inbound: bool | None = None
    remote_party: RemoteParty | None = None
    participants: list[Participant] | Participant | None = None
    conference: bool | None = None
    history_info: History | None = None
    event: str | None = None
    event_description: str | None = None
    muted: bool | None = None
    recording: bool | None = None
    external_recording: bool | None = None
    external_recording_paused: bool | None = None
    device_ids: list[str] | str | None = None
    actions: list[Action | str] | Action | str | None = None
    correlation_id: str | None = None

    @property
    def is_over(self) -> bool:
        return self.status.upper() in {TERMINATED, GONE}

    def devices(self) -> list[str]:
        """The user's phones that the call is on, or rings on."""
        return texts(self.device_ids)

    def allowed(self) -> set[str]:
        """`HOLD`, `TRANSFER`, …"""
        if isinstance(self.actions, str):
            return set(_ACTION.findall(self.actions)) or set(texts(self.actions))
        return {each.action if isinstance(each, Action) else each for each in many(self.actions)}

    def answering_devices(self) -> list[str]:
        """The phones that the call can be answered on through the API, or else those that it rings on."""
        named = (
            [] if isinstance(self.actions, str) else [each for each in many(self.actions) if isinstance(each, Action)]
        )
        found = [device for each in named if each.action == "ANSWER" for device in texts(each.device_ids)]
        return found or self.devices()


class UserState(Struct, rename="camel"):
    """The calls of a user: all of them, or those that changed."""

    full_state: bool | None = None
    calls: list[CallState] | CallState | None = None


def many(value: Any) -> list[Any]:
    """What stands for a list, as one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts(value: Sequence[str] | str | None) -> list[str]:
    """A list of texts, or text that looks like one."""
    if isinstance(value, str):
        return [each for each in (part.strip() for part in value.strip("[]{} ").split(",")) if each]
    return list(value or ())


def decode(body: bytes) -> Any:
    """JSON without its wrappers. Raises Unreadable."""
    try:
        return unwrapped(msgspec.json.decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"it is not JSON ({error})") from error


def unwrapped(value: Any) -> Any:
    """Without the objects that only name a type."""
    if isinstance(value, list):
        return [unwrapped(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(name, content)] = value.items()
        if isinstance(content, dict) and _WRAPPER.fullmatch(name):
            return unwrapped(content)
    return {name: unwrapped(content) for name, content in value.items()}


def convert(value: Any, kind: type[T]) -> T:
    """A decoded value as that kind, with texts for numbers and booleans taken as such. Raises Unreadable."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def read(body: bytes, kind: type[T]) -> T:
    """Both in one. Raises Unreadable."""
    return convert(decode(body), kind)
