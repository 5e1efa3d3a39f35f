"""What the document says of the attributes of `data`: which there are, which are required, and what they may be."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.faces.eq.errors import ApiError, Problem
from sandbox.faces.eq.requests import Values

# Each answers the value as it is kept, or raises ValueError.
Check = Callable[[Any], Any]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name`: with dots where objects are within objects. `unique`: no two may have the same (`in_use`).

    `secret`: needed to create, kept where an update leaves it out, never shown. `means`: what the document says it must be.
    """

    name: str
    check: Check
    means: str
    required: bool = False
    default: Any = None
    unique: bool = False
    secret: bool = False


def read(attributes: Iterable[Attribute], data: Values, *, update: bool) -> dict[str, Any]:
    """The values, with the default for what is left out or blank. Raises ApiError with everything that is wrong."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for each in attributes:
        given = _at(data, each.name)
        if given is None or given == "":
            if each.required and not (each.secret and update):
                problems.append(Problem(each.name, "blank", f"{each.name} is not specified"))
            _put(values, each.name, each.default)
            continue
        try:
            _put(values, each.name, each.check(given))
        except ValueError:
            problems.append(Problem(each.name, "invalid", f"{each.name} must be {each.means}"))
    if problems:
        raise ApiError(400, problems)
    return values


def text(least: int, most: int, pattern: str = r".*") -> Check:
    compiled = re.compile(pattern, re.ASCII | re.DOTALL)

    def check(value: Any) -> str:
        plain = _plain(value)
        if not (least <= len(plain) <= most and compiled.fullmatch(plain)):
            raise ValueError(plain)
        return plain

    return check


def integer(least: int, most: int | None = None) -> Check:
    def check(value: Any) -> int:
        number = int(_plain(value))
        if number < least or (most is not None and number > most):
            raise ValueError(number)
        return number

    return check


def choice(*allowed: str | int) -> Check:
    """Numbers may come as text."""
    known = {str(each): each for each in allowed}

    def check(value: Any) -> str | int:
        plain = _plain(value)
        if plain not in known:
            raise ValueError(plain)
        return known[plain]

    return check


def boolean(value: Any) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    if str(value).lower() not in known:
        raise ValueError(value)
    return known[str(value).lower()]


def email(value: Any) -> str:
    plain = _plain(value)
    if not _EMAIL.fullmatch(plain):
        raise ValueError(plain)
    return plain


def days(value: Any) -> list[int]:
    """ "Array of integers, each 0-6"."""
    found = json.loads(value) if isinstance(value, str) else value
    if not isinstance(found, list) or not found or not all(type(each) is int and 0 <= each <= 6 for each in found):
        raise ValueError(found)
    return found


def _plain(value: Any) -> str:
    """As text, which numbers may be too."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise ValueError(value)


def _at(data: dict[str, Any], name: str) -> Any:
    """None where there is none, or nothing that it could be within."""
    value: Any = data
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    *parts, last = name.split(".")
    for part in parts:
        values = values.setdefault(part, {})
    values[last] = value
