"""EQ's JSON as typed values, read leniently: its document shows not one of the objects that it returns.

Names may be written as `startTime` or `start_time`; numbers and booleans may be text; what belongs together may stand in an object
of its own (`{"caller": {"number": …}}`). Unknown fields are kept in `Record.raw`.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

_SEPARATORS = re.compile(r"[^a-z0-9]")
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", "none", "null"})
_MOST = 2.0**53
"""The greatest number that JSON holds exactly."""
MAX_TEXT = 200


class Unreadable(ValueError):
    """Not what was expected; the message says how, without the values."""


class Record:
    """An object whose fields are looked for under several names, given in lower case without separators."""

    __slots__ = ("_fields", "raw")

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self._fields: dict[str, Any] = {}
        for name, value in raw.items():
            if isinstance(value, Mapping):
                for inner, each in value.items():
                    self._fields.setdefault(_plain(f"{name}{inner}"), each)
            else:
                self._fields[_plain(name)] = value

    def text(self, *names: str, limit: int = MAX_TEXT) -> str | None:
        """The first of these fields that has any text, or a number."""
        for name in names:
            value = self._fields.get(name)
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                continue
            if words := str(value).strip():
                return words[:limit]
        return None

    def word(self, *names: str) -> str:
        """A text that is one of a set of words, in lower case without separators: `On Hold` is `onhold`."""
        return _plain(self.text(*names) or "")

    def number(self, *names: str) -> float | None:
        """The first of these fields that has a number, as such or as text."""
        for name in names:
            try:
                found = float(self.text(name, limit=40) or "")
            except ValueError:
                continue
            if abs(found) <= _MOST:
                return found
        return None

    def count(self, *names: str) -> int | None:
        """As `number`, of what is counted."""
        found = self.number(*names)
        return None if found is None else int(found)

    def flag(self, *names: str) -> bool | None:
        """The first of these fields that says yes or no."""
        for name in names:
            value = self._fields.get(name)
            if isinstance(value, bool):
                return value
            word = _plain(str(value)) if isinstance(value, str | int | float) else ""
            if word in _TRUE or word in _FALSE:
                return word in _TRUE
        return None

    def time(self, *names: str) -> datetime | None:
        """ "UNIX timestamps, or seconds since January 1, 1970"; None for what is no such time."""
        seconds = self.number(*names)
        try:
            return datetime.fromtimestamp(seconds, UTC) if seconds else None
        except (ValueError, OverflowError, OSError):
            return None


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name.lower())


def decode(body: bytes) -> Any:
    """JSON; None for an empty body ("nothing, or null"). Raises Unreadable."""
    if not body.strip():
        return None
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("it is not JSON") from error


def record_of(value: Any) -> Record:
    """An object, or a list of one. Raises Unreadable."""
    found = records_of(value)
    if len(found) != 1:
        raise Unreadable("it is not one object")
    return found[0]


def records_of(value: Any) -> list[Record]:
    """A list of objects; also one object, a list in an object, or objects by their ids. Raises Unreadable."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        value = _listed(value)
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise Unreadable("it is not a list of objects")
    return [Record(each) for each in value]


def _listed(value: Mapping[str, Any]) -> Any:
    inner = list(value.values())
    if inner and all(isinstance(each, Mapping) for each in inner):
        return inner
    lists = [each for each in inner if isinstance(each, list)]
    return lists[0] if len(inner) == 1 and lists else [value] if value else []
