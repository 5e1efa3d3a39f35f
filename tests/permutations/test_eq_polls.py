"""EQ's polls as they shouldn't be: rows come twice, in any order, or are missing for once; times jump. Nothing else is told."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from cti.calls.book import Book
from integrations.vendors.eq.diff import Picture
from tests.calls.test_machine import comparable, told
from tests.integrations.eq import pictures as eq
from tests.integrations.eq import stories
from tests.permutations.playing import assert_told_properly, play

POLLS = {name: polls for name, polls, *_ in stories.every_story()} | {
    "transferred after asking": stories.transferred_attended()
}
_TIMES = st.sampled_from([0, 1, 1769860799, 1769860801, 1769947200, 4102444800])


def noisy(data: st.DataObject, shown: Picture) -> list[Picture]:
    """What a poll shows, and again in some of the ways in which it shouldn't, and again."""
    found = [shown]
    for kind in data.draw(st.lists(st.sampled_from(["again", "twice", "fewer", "jumped"]), max_size=2)):
        rows = list(data.draw(st.permutations(shown.rows)))
        if kind == "twice":
            rows += rows
        elif kind == "fewer":
            rows = rows[1:]
        elif kind == "jumped":
            rows = list(eq.picture(*({**row.raw, "startTime": data.draw(_TIMES)} for row in rows)).rows)
        found += [structs.replace(shown, rows=tuple(rows)), shown]
    return found


def calls_of(book: Book) -> list[dict[str, Any]]:
    """Without times, which are those of the polls."""
    calls = [comparable(each) for each in book.entries.values() if each.merged_into is None]
    return sorted((_without_times(call) | {"legs": list(map(_without_times, call["legs"]))} for call in calls), key=str)


def _without_times(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if not name.endswith("_at")}


def types(book: Book) -> list[str]:
    return [each for each in told(book) if each != "call.updated"]


@pytest.mark.parametrize("name", POLLS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_polls_that_shrink_repeat_and_jump(name: str, data: st.DataObject) -> None:
    polls = [each for shown in POLLS[name] for each in noisy(data, shown)]
    book = play("eq", eq.polled(*polls), eq.PEOPLE)
    expected = play("eq", eq.polled(*POLLS[name]), eq.PEOPLE)
    assert types(book) == types(expected)
    assert calls_of(book) == calls_of(expected)
    assert_told_properly(book)
