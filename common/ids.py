"""Prefixed public ids: `call_` + the 32 hex digits of a UUIDv7, so that they sort by time."""

from uuid import UUID

from uuid_utils.compat import uuid7


class InvalidId(ValueError):
    """The text is not an id of the expected kind."""


def new_uuid() -> UUID:
    """A fresh UUIDv7: the primary key of everything that has a public id."""
    return uuid7()


def public_id(prefix: str, value: UUID) -> str:
    """`public_id("call", uuid)` → `"call_0192…"`."""
    return f"{prefix}_{value.hex}"


def parse_id(prefix: str, text: str) -> UUID:
    """The UUID behind a public id; raises InvalidId for any other text."""
    head, separator, digits = text.partition("_")
    if head != prefix or not separator or len(digits) != 32:  # noqa: PLR2004 - a UUID's hex digits
        raise InvalidId(f"not a {prefix}_… id")
    try:
        return UUID(hex=digits)
    except ValueError as error:
        raise InvalidId(f"not a {prefix}_… id") from error
