"""Notifications and polls describe the same calls: whichever comes first, the same call and the same events come of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.calls.book import Book
from integrations.contract.adapter import WebhookRequest
from tests.integrations.callgear.live import NOON
from tests.integrations.callgear.stories import PEOPLE, STORIES, TOLD, Step, body, polled
from tests.permutations.playing import assert_told_properly, play

STEP_S = 10.0
Arrival = tuple[float, bytes]
"""When a delivery arrives, in seconds since noon, and what it says."""
every_story = pytest.mark.parametrize("story", STORIES)


def polls(steps: list[Step], delays: Iterator[float]) -> Iterator[Arrival]:
    """Each step is asked for after it has happened, and before the next one does; the answer is a moment on its way."""
    for number, step in enumerate(steps):
        asked_at = number * STEP_S + 4 + next(delays) % 4
        yield asked_at + next(delays) % 1, polled(step, NOON + timedelta(seconds=asked_at))


def hints(steps: list[Step], delays: Iterator[float]) -> Iterator[Arrival]:
    for number, step in enumerate(steps):
        for hint in step.hints:
            yield number * STEP_S + next(delays), body(hint)


def played(arrivals: list[Arrival]) -> Book:
    deliveries = [WebhookRequest({}, what, {}, NOON + timedelta(seconds=at)) for at, what in sorted(arrivals)]
    return play("callgear", deliveries, PEOPLE)


def events(book: Book) -> list[str]:
    return [each.type.removeprefix("call.") for each in book.told if each.type != "call.updated"]


def outcome(book: Book) -> dict[str, Any]:
    """The call as it is in the end, but for times, ids, and what counts changes."""
    [entry] = book.entries.values()
    call = entry.snapshot
    facts = ("state", "direction", "end_reason", "missed", "vendor_call_id", "tags", "from", "to")
    legs = sorted(
        (leg["number"] or "", leg["name"] or "", leg["role"], leg["end_reason"] or "") for leg in call["legs"]
    )
    return {**{name: call[name] for name in facts}, "legs": legs}


def never() -> Iterator[float]:
    while True:
        yield 0.0


@every_story
def test_polls_alone_tell_the_whole_call(story: str) -> None:
    book = played(list(polls(STORIES[story], never())))
    assert events(book) == TOLD[story]
    assert_told_properly(book)


@every_story
def test_both_tell_it_once(story: str) -> None:
    alone = played(list(polls(STORIES[story], never())))

    @settings(max_examples=15)
    @given(st.lists(st.floats(0, 9), min_size=60, max_size=60))
    def test(delays: list[float]) -> None:
        """However late each notification is, as long as the call has not ended meanwhile."""
        source = iter(delays)
        together = [*polls(STORIES[story], source), *hints(STORIES[story], source)]
        book = played(together)
        assert events(book) == TOLD[story]
        assert outcome(book) == outcome(alone)
        assert_told_properly(book)

    test()


@every_story
def test_late_notifications_change_nothing(story: str) -> None:
    """However late: also when everything is over."""

    @settings(max_examples=15)
    @given(st.lists(st.floats(0, 90), min_size=60, max_size=60))
    def test(delays: list[float]) -> None:
        source = iter(delays)
        told = [*polls(STORIES[story], never()), *((at + 4.5, what) for at, what in hints(STORIES[story], source))]
        book = played(told)
        assert_told_properly(book)
        assert events(book).count("established") == TOLD[story].count("established")

    test()


@pytest.mark.parametrize("story", ["answered", "missed", "ring group", "outbound"])
def test_notifications_alone_tell_what_they_can(story: str) -> None:
    book = played(list(hints(STORIES[story], never())))
    expected = [each for each in TOLD[story] if story != "outbound" or each != "delivered"]
    assert events(book) == expected
    assert_told_properly(book)
