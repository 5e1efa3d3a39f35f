"""Which rows are parts of one conversation. Pure.

Rows belong together when they have a channel or an id of the call in common, when two extensions have each other's number, and,
where nothing says otherwise, when somebody with the same number rings at several, waits, is parked, or has just left another.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import combinations

from msgspec import Struct

from integrations.vendors.eq.rows import Kind, Role, Row

Names = Callable[[Row], Iterable[str]]
Fits = Callable[[Row, Row], bool]
_SHORTEST_NUMBER = 3
_MOST_ALIKE = 50
"""Of rows with one number so many are compared with each other: more are no conversation."""


class Links:
    """Sets of keys that grow together (union-find)."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def join(self, keys: Iterable[str]) -> None:
        roots = [self._root(each) for each in keys]
        for root in roots[1:]:
            self._parents[self._root(root)] = self._root(roots[0])

    def sets(self, keys: Iterable[str]) -> dict[str, frozenset[str]]:
        """Each key's set."""
        members = defaultdict(list)
        for key in keys:
            members[self._root(key)].append(key)
        return {key: together for each in members.values() for together in [frozenset(each)] for key in each}

    def _root(self, key: str) -> str:
        while (parent := self._parents.setdefault(key, key)) != key:
            self._parents[key] = key = self._parents[parent]
        return key


class Rows(Struct, frozen=True):
    """All rows that are there, or have been until now."""

    every: Mapping[str, Row]
    gone: Collection[str]
    """The keys of those that aren't there any more,"""
    fresh: Collection[str]
    """and of those that are new, or have another party than before: only what they bring is new."""


def conversations(rows: Rows, known: Iterable[frozenset[str]]) -> dict[str, frozenset[str]]:
    """Each row's conversation, by key: the keys of all its rows, its own among them."""
    links = Links()
    for together in known:
        links.join(key for key in together if key in rows.every)
    for alike in _by(rows.every.values(), _channels):
        links.join(row.key for row in alike)
    for alike in _by(rows.every.values(), _ids):
        _join_pairs(links, rows, alike, _agree)
    for alike in _by(rows.every.values(), _pairs):
        _join_pairs(links, rows, alike, _have_each_other)
    for alike in _by(rows.every.values(), _numbers):
        _join_pairs(links, rows, alike, lambda one, other: _continues(one, other, rows.gone))
    return links.sets(rows.every)


def _by(rows: Iterable[Row], names: Names) -> Iterable[list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for name in names(row):
            found[name].append(row)
    return [alike for alike in found.values() if len(alike) > 1]


def _join_pairs(links: Links, rows: Rows, alike: list[Row], fits: Fits) -> None:
    for one, other in combinations(alike[:_MOST_ALIKE], 2):
        if (one.key in rows.fresh or other.key in rows.fresh) and fits(one, other):
            links.join((one.key, other.key))


def _channels(row: Row) -> Iterable[str]:
    return {each for each in (row.channel, row.other_channel) if each and not each.startswith("?")}


def _ids(row: Row) -> Iterable[str]:
    named = {"unique": row.unique, "linked": row.linked, "call": row.call}
    return [f"{name}:{each}" for name, each in named.items() if each]


def _pairs(row: Row) -> Iterable[str]:
    if row.kind is Kind.LINE and row.role is not Role.SUPERVISOR and row.party.number:
        yield " ".join(sorted((row.place, row.party.number)))


def _numbers(row: Row) -> Iterable[str]:
    if row.role is not Role.SUPERVISOR and len(row.digits) >= _SHORTEST_NUMBER:
        yield row.digits


def _have_each_other(one: Row, other: Row) -> bool:
    return one.place == other.party.number and other.place == one.party.number


def _agree(one: Row, other: Row) -> bool:
    """An id that EQ repeats for something else is no link."""
    is_either = not one.digits or not other.digits or Role.SUPERVISOR in {one.role, other.role}
    is_between = one.place == other.party.number or other.place == one.party.number
    same_unique = one.unique is None or other.unique is None or one.unique == other.unique
    return same_unique and (is_either or is_between or one.digits == other.digits)


def _differ(one: Row, other: Row) -> bool:
    """Whether they are known to be of different calls."""
    told = ((one.unique, other.unique), (one.linked, other.linked), (one.other_channel, other.other_channel))
    return any(mine is not None and theirs is not None and mine != theirs for mine, theirs in told)


def _continues(one: Row, other: Row, gone: Collection[str]) -> bool:
    """Whether the caller of the one may be the other's."""
    if _differ(one, other) or (one.key in gone and other.key in gone):
        return False
    if one.key in gone or other.key in gone:
        now = other if one.key in gone else one
        return one.place != other.place and (now.role is Role.CALLEE or now.is_talking)
    return one.role is other.role is Role.CALLEE and not (one.is_talking and other.is_talking)
