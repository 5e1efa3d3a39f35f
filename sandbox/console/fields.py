"""Reads what a request to the control API says, and changes settings by it."""

import math
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any, Self, TypeVar

import msgspec
from starlette.requests import Request

from sandbox.engine.company import Company
from sandbox.engine.directory import Extension

Choice = TypeVar("Choice", bound=StrEnum)


class ControlError(Exception):
    """The request can't be understood; the message says why."""


class Fields(dict[str, Any]):
    """The fields of a request, from its path, its query and its JSON body. `path` has the names of those from its path."""

    path: frozenset[str] = frozenset()

    @classmethod
    async def read(cls, request: Request) -> Self:
        """Raises ControlError for a body that is not a JSON object.

        A change must be sent as application/json: that a page elsewhere can't do without asking, so it can't ring phones here.
        """
        if request.method == "GET":
            return cls._of(dict(request.query_params), request)
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise ControlError("Send Content-Type: application/json")
        try:
            body = msgspec.json.decode(await request.body() or b"{}", type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise ControlError(f"The body is not a JSON object: {error}") from error
        return cls._of(body, request)

    @classmethod
    def _of(cls, body: dict[str, Any], request: Request) -> Self:
        made = cls({**body, **request.path_params})
        made.path = frozenset(request.path_params)
        return made

    def text(self, name: str, default: str | None = None) -> str:
        value = self.get(name, default)
        if not isinstance(value, str):
            raise ControlError(f"{name} must be a string")
        return value

    def optional(self, name: str) -> str | None:
        return None if self.get(name) is None else self.text(name)

    def choice(self, name: str, choices: type[Choice], default: Choice) -> Choice:
        try:
            return choices(self.text(name, default))
        except ValueError:
            raise ControlError(f"{name} must be one of {', '.join(choices)}") from None

    def number(self, name: str, default: float | None = None, least: float = 0) -> float:
        try:
            value = msgspec.convert(self.get(name, default), float, strict=False)
        except msgspec.ValidationError:
            raise ControlError(f"{name} must be a number") from None
        if not least <= value < math.inf:
            raise ControlError(f"{name} must be {least:g} or more")
        return value

    def flag(self, name: str) -> bool:
        return self.get(name) in (True, "1", "true")

    def extension(self, company: Company, name: str) -> Extension:
        """By internal number or id."""
        extension = company.extension(self.text(name))
        if extension is None:
            raise ControlError(f"{company.name} has no extension {self.text(name)}")
        return extension


def check(target: Any, values: Fields) -> dict[str, Any]:
    """The given fields of a settings dataclass, checked against its types. Raises ControlError."""
    known = {field.name for field in fields(target)}
    changes = {name: value for name, value in values.items() if name not in values.path}
    if unknown := sorted(changes.keys() - known):
        raise ControlError(f"Unknown setting {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    try:
        checked = msgspec.convert({**asdict(target), **changes}, type(target))
    except msgspec.ValidationError as error:
        raise ControlError(str(error)) from error
    return {name: getattr(checked, name) for name in changes}


def update(target: Any, values: Fields) -> dict[str, Any]:
    """Sets the given fields of a settings dataclass, checked against its types; answers all of them."""
    for name, value in check(target, values).items():
        setattr(target, name, value)
    return asdict(target)
