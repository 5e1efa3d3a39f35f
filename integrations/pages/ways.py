"""The ways in which a vendor takes credentials, such as by password or by ticket: the alternatives of its JSON Schema."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct


class Way(Struct, frozen=True):
    """One way: what it is called, and the credentials that it takes and others don't all take."""

    title: str
    names: frozenset[str]


def ways_of(schema: Mapping[str, Any]) -> Sequence[Way]:
    """The alternatives in the schema's order; none where there is but one way.

    Each branch of `anyOf` or `oneOf` says by `required` what it takes, and by `title` what it is called.
    """
    branches = schema.get("anyOf") or schema.get("oneOf") or ()
    return [Way(branch["title"], frozenset(branch.get("required", ()))) for branch in branches]


def way_of(ways: Sequence[Way], credentials: Mapping[str, Any]) -> int:
    """Which way stored credentials are of: the last that has all that it takes, for one that takes nothing fits all."""
    fitting = [number for number, way in enumerate(ways) if way.names <= credentials.keys()]
    return fitting[-1] if fitting else 0


def others(ways: Sequence[Way], number: int) -> frozenset[str]:
    """The credentials that other ways take, and this one doesn't."""
    return frozenset().union(*(way.names for way in ways)) - ways[number].names if ways else frozenset()
