"""CallGear's JSON as typed objects, read leniently: its document shows one thing in several ways. Unknown fields are passed over.

Ids and numbers come as numbers or as texts, true as `true` or `"true"`, empty lists and objects as null.
"""

import re
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")
Text = str | int | float | None
"""A text that may be written as a number."""
_MAX_ID, _MAX_NAME = 60, 200
_NUMBER = re.compile(r"[+*#]?[0-9A-Za-z*#().,\- ]{1,39}")
_NOT_WORDS = re.compile(r"[^a-z]+")


class Unreadable(ValueError):
    """Not what was expected; the message says how, without the values."""


class Tag(Struct):
    """A tag of a call."""

    tag_id: Text = None
    tag_name: Text = None


class Leg(Struct):
    """A leg of a session ("Receiving a list of active calls")."""

    leg_id: Text
    calling_phone_number: Text = None
    called_phone_number: Text = None
    is_operator: bool | None = None
    employee_id: Text = None
    employee_full_name: Text = None
    record_call_enabled: bool | None = None
    state: Text = None

    @property
    def id(self) -> str:
        return text_of(self.leg_id) or ""

    @property
    def words(self) -> str:
        """The state in lower case, without signs: the table and the example spell it in different ways."""
        return plain(text_of(self.state) or "")


class Call(Struct):
    """A call session."""

    call_session_id: Text
    direction: str | None = None
    virtual_phone_number: Text = None
    contact_phone_number: Text = None
    tags: list[Tag] | None = None
    legs: list[Leg] | None = None

    @property
    def id(self) -> str:
        return text_of(self.call_session_id) or ""


def decode(body: bytes) -> Any:
    """Raises Unreadable for what isn't JSON."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("it is no JSON") from error


def convert(value: Any, kind: type[T]) -> T:
    """Raises Unreadable."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except (msgspec.MsgspecError, RecursionError, OverflowError) as error:
        raise Unreadable(str(error)) from error


def read_call(value: Any) -> Call:
    """A call session, checked as far as it is told on. Raises Unreadable."""
    call = convert(value, Call)
    if not is_id(call.id) or not all(is_id(leg.id) for leg in call.legs or ()):
        raise Unreadable("a call session, and each of its legs, has an id")
    return call


def is_id(text: str) -> bool:
    return 1 <= len(text) <= _MAX_ID and text.isprintable()


def text_of(value: Any) -> str | None:
    """A value as text; None for none, for an empty one, and for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def number_of(value: Any) -> str | None:
    """A phone number, or a SIP number; None for what can't be one."""
    text = text_of(value)
    return text if text and _NUMBER.fullmatch(text) else None


def name_of(value: Any) -> str | None:
    """Somebody's name, as far as it is told on."""
    text = text_of(value)
    return text and text[:_MAX_NAME]


def id_of(value: Any) -> str | None:
    """An id; None for what can't be one."""
    text = text_of(value) or ""
    return text if is_id(text) else None


def is_true(value: Any) -> bool:
    """Of `true` and `"true"`."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def plain(text: str) -> str:
    """Words in lower case, one space between: `Operators' conversation` and `operators_conversation` are the same."""
    return _NOT_WORDS.sub(" ", text.lower().replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")).strip()
