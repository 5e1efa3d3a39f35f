"""The accounts: every event sent must come out once, in its call's order, at its tenant and at nobody else's."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.traffic import VendorEvent


@dataclass(frozen=True, slots=True)
class Frame:
    """What a websocket frame tells: which call, what happened to it, and its place in the log where the arm has one."""

    call_id: str
    happened: str
    sequence: int | None = None


@dataclass(frozen=True)
class Dialect:
    """How an arm speaks of Kwebbl's events."""

    read: Callable[[str], Frame | None]
    """What a frame tells; None for one that tells of no call, as pings."""
    happened: Callable[[str], str]
    """What the arm calls one of Kwebbl's event types."""


@dataclass(frozen=True)
class Account:
    latencies: list[tuple[float, float]]
    """When each event was due, and how many seconds later its frame arrived."""
    faults: Counter[str]
    """Missing, unexpected (foreign, doubled or misplaced) and leaked frames, gaps in sequence: any voids the run."""


def settle(
    sent: Sequence[VendorEvent],
    arrived: Iterable[tuple[float, str]],
    leaked: Iterable[tuple[float, str]],
    dialect: Dialect,
) -> Account:
    """Matches frames, with the seconds since the start when they arrived, to events: a call's n-th to its n-th."""
    expected: dict[str, deque[VendorEvent]] = defaultdict(deque)
    for event in sent:
        expected[event.call_id].append(event)
    account = Account([], Counter())
    last: int | None = None
    for moment, text in arrived:
        frame = dialect.read(text)
        if frame is None:
            continue
        waiting = expected[frame.call_id]
        if waiting and dialect.happened(waiting[0].event_type) == frame.happened:
            event = waiting.popleft()
            account.latencies.append((event.due, moment - event.due))
        else:
            account.faults["unexpected"] += 1
        if last is not None and frame.sequence != last + 1:
            account.faults["gaps"] += 1
        last = frame.sequence
    account.faults["missing"] = sum(map(len, expected.values()))
    account.faults["leaked"] = sum(dialect.read(text) is not None for _, text in leaked)
    return account
