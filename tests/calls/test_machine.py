"""Every order in which a call's events can arrive, with duplicates, ends in the same call."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.calls.book import Book, Entry
from integrations.contract.events import CtiEvent
from tests.calls.scripts import ACCOUNT, SCRIPTS, account


def play(events: list[CtiEvent]) -> Book:
    book, context = Book(), account()
    for event in events:
        book.apply(event, context)
    return book


def call_of(book: Book, vendor_call_id: str = "A") -> Entry:
    return book.entries[book.keys[ACCOUNT, vendor_call_id]]


def told(book: Book, call_id: UUID | None = None) -> list[str]:
    return [each.type for each in book.told if call_id in {None, each.entry.id}]


def comparable(entry: Entry) -> dict[str, Any]:
    """The call without what may differ by the order of arrival: its identity, and how often it changed."""
    shown = {key: value for key, value in entry.snapshot.items() if key not in {"id", "version", "legs"}}
    legs = [{key: value for key, value in leg.items() if key != "id"} for leg in entry.snapshot["legs"]]
    return shown | {"legs": sorted(legs, key=str)}


@pytest.mark.parametrize("name", SCRIPTS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_permutation_with_duplicates_ends_in_the_same_call(name: str, data: st.DataObject) -> None:
    events = SCRIPTS[name]()
    shuffled = data.draw(st.permutations(events))
    doubles = data.draw(st.lists(st.sampled_from(events), max_size=4))
    arrival = shuffled[:]
    for double in doubles:
        arrival.insert(data.draw(st.integers(0, len(arrival))), double)

    expected, actual = play(events), play(arrival)

    assert comparable(call_of(actual)) == comparable(call_of(expected))
    for entry in actual.entries.values():
        types = told(actual, entry.id)
        assert types[0] == "call.originated"
        assert types.count("call.originated") == types.count("call.cleared") == 1
        assert types[-1] == "call.cleared"


def test_simple_call_tells_its_story_once() -> None:
    book = play(SCRIPTS["simple"]())
    assert told(book) == ["call.originated", "call.delivered", "call.established", "call.cleared"]
    shown = call_of(book).snapshot
    assert (shown["state"], shown["direction"], shown["end_reason"], shown["missed"]) == (
        "ended",
        "inbound",
        "hangup",
        False,
    )
    assert shown["from"] == {
        "number": "+31612345678",
        "number_raw": "31612345678",
        "name": "Jansen BV",
        "extension_id": None,
        "anonymous": False,
    }
    assert (shown["to"]["number"], shown["to"]["name"], shown["via"]["name"]) == ("1001", "Anna", "Sales")
    assert [(leg["number"], leg["role"], leg["state"]) for leg in shown["legs"]] == [
        ("+31612345678", "caller", "null"),
        ("1001", "callee", "null"),
    ]
    assert (shown["started_at"], shown["answered_at"], shown["ended_at"]) == (
        "2026-01-31T09:00:00.000Z",
        "2026-01-31T09:00:02.000Z",
        "2026-01-31T09:00:03.000Z",
    )


def test_unanswered_inbound_call_is_missed() -> None:
    shown = call_of(play(SCRIPTS["missed"]())).snapshot
    assert (shown["missed"], shown["end_reason"], shown["answered_at"]) == (True, "cancelled", None)


def test_ring_group_answered_by_one_clears_the_others_as_answered_elsewhere() -> None:
    events = SCRIPTS["ring_group"]()
    book = play(events[:-1])
    legs = {leg["name"]: (leg["state"], leg["end_reason"]) for leg in call_of(book).snapshot["legs"]}
    assert legs == {
        "Jansen BV": ("connected", None),
        "Anna": ("null", "answered_elsewhere"),
        "Bob": ("connected", None),
        "Carol": ("null", "answered_elsewhere"),
    }
    assert told(book) == ["call.originated", *["call.delivered"] * 3, "call.established"]
    assert call_of(book).snapshot["to"]["name"] == "Bob"


def test_hold_and_recording_follow_the_events() -> None:
    events = SCRIPTS["held_and_recorded"]()
    assert call_of(play(events[:3])).snapshot["state"] == "held"
    assert call_of(play(events[:4])).snapshot["state"] == "connected"
    assert call_of(play(events[:7])).snapshot["recording"] == {"state": "on", "saved": False}
    assert told(play(events))[2:] == [
        *["call.established", "call.held", "call.retrieved", "call.held", "call.retrieved"],
        *["call.recording_changed"] * 4,
        "call.cleared",
    ]


def test_blind_transfer_keeps_the_customer_and_ends_at_the_new_agent() -> None:
    events = SCRIPTS["blind_transfer"]()
    transferred = play(events[:3])
    change = transferred.told[-1].change
    assert told(transferred)[-1] == "call.transferred"
    assert (change["mode"], change["before"]["to"]["name"], change["after"]["to"]["name"]) == ("blind", "Anna", "Bob")
    assert change["initiator"]["name"] == "Anna"
    assert call_of(play(events[:4])).snapshot["state"] == "alerting"
    shown = call_of(play(events[:5])).snapshot
    assert (shown["state"], shown["from"]["number"], shown["to"]["name"]) == ("connected", "+31612345678", "Bob")


def test_attended_transfer_is_one_call_with_the_final_agent() -> None:
    events = SCRIPTS["attended_transfer"]()
    book = play(events)
    shown = call_of(book).snapshot
    assert (shown["from"]["number"], shown["to"]["name"], shown["direction"]) == ("+31612345678", "Bob", "inbound")
    assert call_of(book, "A") is call_of(book, "B")
    consultation = next(entry for entry in book.entries.values() if entry.merged_into)
    assert consultation.snapshot["end_reason"] == "transferred"
    assert told(book, call_of(book).id) == [
        "call.originated",
        "call.delivered",
        "call.established",
        "call.held",
        "call.established",
        "call.bridged",
        "call.transferred",
        "call.retrieved",
        "call.cleared",
    ]


def test_nothing_follows_cleared_but_late_facts_still_count() -> None:
    events = SCRIPTS["simple"]()
    book = play([events[0], events[3], events[1], events[2]])
    assert told(book) == ["call.originated", "call.cleared"]
    assert call_of(book).snapshot["answered_at"] == "2026-01-31T09:00:02.000Z"
