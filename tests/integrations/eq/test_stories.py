"""What polls show, folded into calls: one conversation is one call, whatever moves."""

from itertools import pairwise
from typing import Any

import pytest

from integrations.vendors.eq.diff import Picture
from tests.calls.test_machine import told
from tests.integrations.eq.pictures import PEOPLE, line, outgoing, picture, polled
from tests.integrations.eq.stories import NOTHING, every_story, transferred_attended
from tests.permutations.playing import assert_told_properly, play


def only_call(polls: list[Picture]) -> tuple[list[str], dict[str, Any]]:
    """What is told of the one call, and how it ends up."""
    book = play("eq", polled(*polls), PEOPLE)
    assert_told_properly(book)
    (entry,) = book.entries.values()
    return [each for each in told(book, entry.id) if each != "call.updated"], entry.snapshot


@pytest.mark.parametrize(
    ("polls", "expected", "to", "reason"), [story[1:] for story in every_story()], ids=[s[0] for s in every_story()]
)
def test_a_story(polls: list[Picture], expected: list[str], to: str, reason: str) -> None:
    types, call = only_call(polls)
    assert types == expected
    assert call["to"]["number"].removeprefix("+") == to
    assert (call["state"], call["end_reason"]) == ("ended", reason)
    assert all(leg["state"] == "null" for leg in call["legs"])


def test_a_transfer_after_asking_joins_the_two_calls() -> None:
    book = play("eq", polled(*transferred_attended()), PEOPLE)
    customers = next(each for each in book.entries.values() if each.merged_into is None)
    types = [each for each in told(book, customers.id) if each != "call.updated"]
    story = ["call.originated", "call.established", "call.held", "call.established", "call.bridged"]
    assert types == [*story, "call.transferred", "call.retrieved", "call.cleared"]
    assert (customers.snapshot["to"]["number"], customers.snapshot["end_reason"]) == ("503", "hangup")
    transfers = [each.change["mode"] for each in book.told if each.type == "call.transferred"]
    assert transfers == ["attended"]


def test_a_poll_that_missed_the_move_is_no_end() -> None:
    """The call was asked for at one phone after it had left, and at the other before it came."""
    polls = [picture(line("502", "talking")), NOTHING, picture(line("503")), picture(line("503", "talking")), NOTHING]
    types, call = only_call(polls)
    moved = ["call.transferred", "call.delivered", "call.established"]
    assert types == ["call.originated", "call.established", *moved, "call.cleared"]
    assert call["to"]["number"] == "503"


def test_a_transfer_that_is_seen_at_both_phones_first() -> None:
    polls = [
        picture(line("502", "talking")),
        picture(line("502", "talking"), line("503")),
        picture(line("503", "talking")),
        NOTHING,
    ]
    types, call = only_call(polls)
    assert sorted(types) == sorted(
        [
            "call.originated",
            "call.established",
            "call.delivered",
            "call.transferred",
            "call.established",
            "call.cleared",
        ]
    )
    assert call["to"]["number"] == "503"


def test_a_supervisor_joins_and_ends_nothing() -> None:
    spy = outgoing("501", "502", "talking", monitoring="spy")
    polls = [picture(line("502", "talking")), picture(line("502", "talking"), spy), picture(line("502", "talking"))]
    types, call = only_call([*polls, NOTHING])
    assert types == ["call.originated", "call.established", "call.party_joined", "call.party_left", "call.cleared"]
    assert {leg["role"] for leg in call["legs"]} == {"caller", "callee", "supervisor"}


@pytest.mark.parametrize("unique", ["1769860800.7", None])
def test_two_customers_of_one_number_are_two_calls(unique: str | None) -> None:
    """They talk to two agents at the same time."""
    second = line("503", "talking", unique and "1769860800.9")
    polls = [picture(line("502", "talking", unique)), picture(line("502", "talking", unique), second), NOTHING]
    book = play("eq", polled(*polls), PEOPLE)
    assert len(book.entries) == 2


def test_a_poller_that_begins_anew_tells_nothing_twice() -> None:
    """What it remembered is gone with its connection: the same calls come again, at another time."""
    talking = picture(line("502", "talking"))
    bodies = [*polled(talking), *polled(NOTHING, NOTHING, talking, NOTHING)]
    book = play("eq", bodies, PEOPLE)
    (entry,) = book.entries.values()
    assert told(book, entry.id) == ["call.originated", "call.established", "call.cleared"]
    assert all(earlier.snapshot["version"] <= later.snapshot["version"] for earlier, later in pairwise(book.told))
