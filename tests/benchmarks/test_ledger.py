"""The benchmark's own accounts: what they let pass, every figure rests on."""

from collections import Counter

import pytest

from benchmarks.ledger import Dialect, Frame, settle
from benchmarks.traffic import SCRIPTS, VendorEvent, schedule

CALL = [VendorEvent(float(due), "c1", kind, b"") for due, kind in enumerate(("created", "ringing", "terminated"))]


def read(text: str) -> Frame | None:
    """`call kind sequence`; anything shorter tells of no call."""
    words = text.split()
    return Frame(words[0], words[1], int(words[2])) if len(words) == 3 else None


DIALECT = Dialect(read, lambda kind: kind)
ALL = ["c1 created 1", "c1 ringing 2", "c1 terminated 3"]


def faults(frames: list[str], leaked: list[str] | None = None) -> Counter[str]:
    arrived = [(number + 0.5, text) for number, text in enumerate(frames)]
    return +settle(CALL, arrived, [(0.0, text) for text in leaked or []], DIALECT).faults


def test_every_event_once_is_no_fault_and_is_timed_from_when_it_was_due() -> None:
    account = settle(CALL, [(0.5, ALL[0]), (1.0, "ping"), (1.25, ALL[1]), (4.0, ALL[2])], [(0.0, "ping")], DIALECT)
    assert +account.faults == Counter()
    assert account.latencies == [(0.0, 0.5), (1.0, 0.25), (2.0, 2.0)]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (ALL[:2], {"missing": 1}),
        ([*ALL, "c1 terminated 4"], {"unexpected": 1}),
        (["c1 created 1", "c2 created 2", "c1 ringing 3", "c1 terminated 4"], {"unexpected": 1}),
        (["c1 created 1", "c1 ringing 2", "c1 terminated 4"], {"gaps": 1}),
        (["c1 ringing 1", "c1 created 2", "c1 terminated 3"], {"unexpected": 2, "missing": 2}),
    ],
    ids=["missing", "doubled", "foreign", "gap", "disordered"],
)
def test_what_is_not_once_and_in_order_is_a_fault(frames: list[str], expected: dict[str, int]) -> None:
    assert faults(frames) == expected


def test_anything_at_the_other_tenant_is_a_leak() -> None:
    assert faults(ALL, leaked=["c1 created 1"]) == {"leaked": 1}


def test_the_schedule_is_whole_calls_in_order_at_the_rate_asked_for() -> None:
    events = schedule(400, 20, seed=1)
    assert [event.due for event in events] == sorted(event.due for event in events)
    assert schedule(400, 20, seed=1)[10].call_id == events[10].call_id
    steady = sum(5 <= event.due < 15 for event in events) / 10
    assert steady == pytest.approx(400, rel=0.1)
    calls: dict[str, tuple[str, ...]] = {}
    for event in events:
        calls[event.call_id] = (*calls.get(event.call_id, ()), event.event_type)
    assert all(any(script[: len(played)] == played for script in SCRIPTS) for played in calls.values())
