"""What has changed between two polls. Pure.

Requests aren't made at one instant: a call that moves from one phone to another meanwhile may be seen at neither. So a row that is
missing counts as gone once it is missing a second time, or when it shows where its conversation has gone on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct, structs

from integrations.contract.events import EndReason, LegState
from integrations.vendors.eq.agents import AgentRow, QueueRow
from integrations.vendors.eq.calls import Change
from integrations.vendors.eq.links import Rows, conversations
from integrations.vendors.eq.rows import Kind, Role, Row

T = TypeVar("T", AgentRow, QueueRow)
_BEFORE_TALKING = frozenset({LegState.INITIATED, LegState.ALERTING})


class Picture(Struct, frozen=True):
    """All that one poll shows: complete, or it is none."""

    rows: tuple[Row, ...] = ()
    agents: tuple[AgentRow, ...] = ()
    queues: tuple[QueueRow, ...] = ()


class Seen(Struct, frozen=True):
    """What is known from the polls until now."""

    rows: Mapping[str, Row] = {}
    """By their keys; with those that were missing for the first time."""
    missing: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    """Those that were new, or had another party than before."""
    conversations: Mapping[str, frozenset[str]] = {}
    agents: Mapping[str, AgentRow] = {}
    queues: Mapping[str, QueueRow] = {}


class RowChange(Struct, frozen=True):
    """What has become of a row, and which others are of its conversation."""

    row: Row
    change: Change
    together: tuple[str, ...] = ()
    reason: EndReason | None = None
    parked_at: str | None = None
    """Where the other side of a row waits that has left."""


class Changes(Struct, frozen=True):
    """In the order in which they are to be told."""

    rows: tuple[RowChange, ...] = ()
    agents: tuple[AgentRow, ...] = ()
    queues: tuple[QueueRow, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows or self.agents or self.queues)


def differences(seen: Seen, now: Picture) -> tuple[Changes, Seen]:
    """What to tell, and what is known from now on."""
    comparison = _Comparison(seen, _keyed(seen, now.rows))
    agents, known_agents = _agents(seen.agents, now.agents)
    queues, known_queues = _changed(seen.queues, now.queues)
    changes = Changes(tuple(comparison.changes()), agents, queues)
    return changes, Seen(
        rows={key: row for key, row in comparison.every.items() if key not in comparison.over},
        missing=frozenset(comparison.absent - comparison.over),
        fresh=frozenset(comparison.fresh),
        conversations=comparison.conversations,
        agents=known_agents,
        queues=known_queues,
    )


def together(rows: Sequence[Row]) -> list[RowChange]:
    """A single picture's rows, each with the others of its conversation: those who wait or are parked come first."""
    return [each for each in differences(Seen(), Picture(tuple(rows)))[0].rows if each.change is Change.SHOWN]


class _Comparison:
    """Of the rows of two polls."""

    def __init__(self, seen: Seen, now: dict[str, Row]) -> None:
        self.before, self.now = seen.rows, now
        self.every = {**seen.rows, **now}
        self.absent = seen.rows.keys() - now.keys()
        self.fresh = {key for key, row in now.items() if key not in seen.rows or seen.rows[key].party != row.party}
        self.newcomers = self.fresh | (seen.fresh & now.keys())
        known = set(seen.conversations.values())
        self.conversations = conversations(Rows(self.every, self.absent, self.fresh), known)
        self.heirs = {key: self._heir(seen.rows[key]) for key in self.absent}
        self.over = {
            key
            for key in self.absent
            if key in seen.missing or self._is_explained(key) or self._is_handed_over(seen.rows[key])
        }

    def changes(self) -> Iterator[RowChange]:
        """Who waits is told of before those who ring for them, and who leaves before those who go on instead."""
        shown = [row for key, row in self.now.items() if _differs(self.before.get(key), row)]
        over = [row for key, row in self.before.items() if key in self.over]
        yield from (self._change(row, Change.SHOWN) for row in shown if row.kind is Kind.QUEUED)
        yield from (self._left(row, heir) for row in over if (heir := self._goes_on_at(row)))
        yield from (self._change(row, Change.SHOWN) for row in shown if row.kind is not Kind.QUEUED)
        yield from (self._change(row, Change.GONE, self._reason(row)) for row in over)

    def _change(self, row: Row, change: Change, reason: EndReason | None = None) -> RowChange:
        return RowChange(row, change, tuple(sorted(self.conversations[row.key] - {row.key})), reason)

    def _left(self, row: Row, heir: Row) -> RowChange:
        left = self._change(row, Change.LEFT, EndReason.TRANSFERRED)
        return structs.replace(left, parked_at=heir.place) if heir.kind is Kind.PARKED else left

    def _goes_on_at(self, row: Row) -> Row | None:
        """Where the conversation goes on that this extension has handed over: of both of its calls, if it asked somebody."""
        heirs = [self.heirs[each.key] for each in self._same_phone(row)]
        return next((heir for heir in heirs if heir is not None and heir.kind is not Kind.QUEUED), None)

    def _is_handed_over(self, row: Row) -> bool:
        return any(self.heirs[each.key] is not None for each in self._same_phone(row))

    def _same_phone(self, row: Row) -> list[Row]:
        """Its rows that are missing in the conversation, this one before others."""
        rows = (self.before[key] for key in sorted(self.conversations[row.key] & self.absent))
        return sorted((each for each in rows if each.place == row.place), key=lambda each: each.key != row.key)

    def _heir(self, row: Row) -> Row | None:
        """Who goes on with the other side of somebody who talked: another phone, a queue or a parking space.

        Requests for two phones may see a moment on either side of the move, so that it may have come a poll earlier.
        """
        if not row.is_talking or row.role is Role.SUPERVISOR:
            return None
        for key in sorted(self.conversations[row.key] & self.newcomers):
            heir = self.now[key]
            is_elsewhere = heir.kind is not Kind.LINE or (heir.place != row.place and heir.role is not Role.SUPERVISOR)
            is_same = heir.digits == row.digits and heir.party.anonymous == row.party.anonymous
            if is_elsewhere and is_same:
                return heir
        return None

    def _is_explained(self, key: str) -> bool:
        """Whether it is clear why it isn't there: somebody answered, or the same channel is shown otherwise."""
        row = self.before[key]
        waited = row.role is Role.CALLEE and not row.is_talking
        return any(
            (waited and each.is_talking) or (each.channel == row.channel and each.kind is row.kind)
            for each in self._others(key)
        )

    def _reason(self, row: Row) -> EndReason | None:
        if self._is_handed_over(row):
            return EndReason.TRANSFERRED
        rang = row.kind is Kind.LINE and row.role is Role.CALLEE and row.state is LegState.ALERTING
        is_answered = any(each.is_talking for each in self._others(row.key))
        return EndReason.ANSWERED_ELSEWHERE if rang and is_answered else None

    def _others(self, key: str) -> list[Row]:
        """Who is still there of the conversation."""
        rows = (self.now[each] for each in self.conversations[key] if each in self.now)
        return [each for each in rows if each.role is not Role.SUPERVISOR]


def _keyed(seen: Seen, rows: Sequence[Row]) -> dict[str, Row]:
    """By keys; of a row that is repeated the last. Times that jump make no other call, nor does an old answer a new state."""
    former = {(row.kind, row.place, row.channel): row for row in seen.rows.values() if row.unique is None}
    found = {}
    for each in rows:
        known = former.get((each.kind, each.place, each.channel)) if each.unique is None else None
        row = structs.replace(each, key=known.key) if known else each
        before = seen.rows.get(row.key)
        has_gone_back = before is not None and before.is_talking and row.state in _BEFORE_TALKING
        found[row.key] = before if before is not None and has_gone_back else row
    return found


def _differs(before: Row | None, now: Row) -> bool:
    return before is None or structs.replace(before, raw={}) != structs.replace(now, raw={})


def _agents(
    before: Mapping[str, AgentRow], now: Sequence[AgentRow]
) -> tuple[tuple[AgentRow, ...], dict[str, AgentRow]]:
    """An agent who sits elsewhere, or nowhere any more, or isn't listed, was signed out where they sat."""
    found = {each.key: each for each in now}
    moved = []
    for key, known in before.items():
        left = structs.replace(known, state="logged_out", pause_code=None, skill=None, since=None)
        if key not in found or found[key].extension is None:
            found[key] = left
        elif known.extension not in {None, found[key].extension}:
            moved.append(left)
    changed, found = _changed(before, list(found.values()))
    return (*moved, *changed), found


def _changed(before: Mapping[str, T], now: Sequence[T]) -> tuple[tuple[T, ...], dict[str, T]]:
    found = {each.key: each for each in now}
    return tuple(each for key, each in found.items() if key not in before or each.told != before[key].told), found
