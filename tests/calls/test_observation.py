"""Vendors that show how calls stand end in the same calls, and tell the same stories, as those that say what happened."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.calls.scripts import T0
from tests.calls.shown import SHOWN
from tests.calls.test_machine import call_of, comparable, play, told

O, D, E, C = "call.originated", "call.delivered", "call.established", "call.cleared"  # noqa: E741
STORIES = {
    "simple": [O, D, E, C],
    "missed": [O, D, C],
    "rejected": [O, D, C],
    "voicemail": [O, D, "call.updated", C],
    "ring_group": [O, D, D, D, E, "call.updated", "call.updated", C],
    "queue_call": [O, "call.queued", D, E, C],
    "held_and_recorded": [
        *[O, D, E, "call.held", "call.retrieved", "call.held", "call.retrieved"],
        *["call.recording_changed"] * 4,
        C,
    ],
    "muted": [O, D, E, "call.muted", "call.unmuted", C],
    "blind_transfer": [O, D, E, "call.updated", "call.transferred", D, E, C],
    "parked": [O, D, E, "call.updated", "call.parked", "call.unparked", E, C],
    "conference": [O, D, E, E, "call.conferenced", E, "call.party_joined", "call.party_left", "call.party_left", C],
    "supervised": [O, D, E, "call.party_joined", "call.party_left", C],
    "views_simple": [O, D, E, C],
    "views_ring_group": [O, D, D, D, E, "call.updated", "call.updated", C],
    "views_blind_transfer": [O, D, E, "call.updated", "call.transferred", D, E, C],
    "views_internal": [O, D, E, "call.held", "call.retrieved", C],
}


def without_updates(types: list[str]) -> list[str]:
    return [each for each in types if each != "call.updated"]


@pytest.mark.parametrize("name", STORIES)
def test_each_story_is_told_in_the_contracts_words(name: str) -> None:
    assert without_updates(told(play(SHOWN[name]()))) == without_updates(STORIES[name])


@pytest.mark.parametrize("name", SHOWN)
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_any_permutation_with_duplicates_ends_in_the_same_call(name: str, data: st.DataObject) -> None:
    events = SHOWN[name]()
    arrival = data.draw(st.permutations(events))[:]
    for double in data.draw(st.lists(st.sampled_from(events), max_size=4)):
        arrival.insert(data.draw(st.integers(0, len(arrival))), double)

    expected, actual = play(events), play(arrival)

    first = events[0].vendor_call_id or ""
    assert comparable(call_of(actual, first)) == comparable(call_of(expected, first))
    for entry in actual.entries.values():
        types = told(actual, entry.id)
        assert types[0] == O
        assert types.count(O) == types.count(C) == 1
        assert types[-1] == C


def shown_of(name: str) -> dict[str, Any]:
    events = SHOWN[name]()
    return call_of(play(events), events[0].vendor_call_id or "").snapshot


@pytest.mark.parametrize(
    ("name", "reason", "missed", "to"),
    [
        ("simple", "hangup", False, "Anna"),
        ("missed", "cancelled", True, "Anna"),
        ("rejected", "rejected", True, "Anna"),
        ("voicemail", "voicemail", True, "Anna"),
        ("ring_group", "hangup", False, "Bob"),
        ("queue_call", "hangup", False, "Anna"),
        ("blind_transfer", "hangup", False, "Bob"),
        ("attended_transfer", "hangup", False, "Bob"),
        ("parked", "hangup", False, "Bob"),
        ("views_ring_group", "hangup", False, "Bob"),
        ("views_blind_transfer", "hangup", False, "Bob"),
        ("views_internal", "hangup", False, "Bob"),
    ],
)
def test_the_call_that_is_left(name: str, reason: str, missed: bool, to: str) -> None:
    shown = shown_of(name)
    assert (shown["state"], shown["end_reason"], shown["missed"]) == ("ended", reason, missed)
    assert shown["to"]["name"] == to
    assert shown["from"]["name"] == ("Anna" if name == "views_internal" else "Jansen BV")


def test_the_other_phones_of_a_group_were_answered_elsewhere() -> None:
    for name in ("ring_group", "views_ring_group"):
        reasons = {leg["name"]: leg["end_reason"] for leg in shown_of(name)["legs"]}
        assert reasons == {
            "Jansen BV": "hangup",
            "Anna": "answered_elsewhere",
            "Bob": "hangup",
            "Carol": "answered_elsewhere",
        }


def test_attended_transfer_joins_the_consultation() -> None:
    events = SHOWN["attended_transfer"]()
    book = play(events)
    call = call_of(book)
    assert call is call_of(book, "B")
    assert without_updates(told(book, call.id)) == [
        *[O, D, E, "call.held"],
        *[E, "call.bridged", "call.transferred", "call.retrieved"],
        C,
    ]
    change = next(each.change for each in book.told if each.type == "call.transferred")
    assert (change["mode"], change["before"]["to"]["name"], change["after"]["to"]["name"]) == (
        "attended",
        "Anna",
        "Bob",
    )


def test_parking_is_a_state_with_a_place() -> None:
    events = SHOWN["parked"]()
    book = play(events[:5])
    assert call_of(book).snapshot["state"] == "parked"
    assert call_of(book).snapshot["parked_at"] == "801"
    assert next(each.change["parked_at"] for each in book.told if each.type == "call.parked") == "801"
    assert call_of(play(events)).snapshot["parked_at"] is None


def test_a_call_says_that_it_is_a_conference_as_long_as_it_is_one() -> None:
    events = SHOWN["conference"]()
    shown = [call_of(play(events[:count])).snapshot["conference"] for count in range(1, len(events) + 1)]
    assert (shown[0], True in shown, shown[-1]) == (False, True, False)
    consulting = [call_of(play(SHOWN["attended_transfer"]()[:count])).snapshot for count in range(1, 6)]
    assert not any(each["conference"] for each in consulting)


def test_a_consultation_that_was_asked_for_is_part_of_its_call() -> None:
    events = SHOWN["attended_transfer"]()
    book = play(events[:4])
    call = call_of(book)
    book.link(call, "B", events[3].occurred_at)
    for event in events[4:]:
        book.apply(event, call.account)
        if call.snapshot["state"] != "ended":
            assert call.snapshot["from"]["name"] == "Jansen BV"
    assert len(book.entries) == 1
    assert without_updates(told(book)) == [O, D, E, "call.held", D, E, "call.transferred", "call.retrieved", C]
    assert call.snapshot["to"]["name"] == "Bob"


def test_a_consultation_that_was_told_before_it_was_known_as_one_brings_its_other_names_along() -> None:
    customers = play(SHOWN["simple"]()[:3])
    call = call_of(customers)
    ring = structs.replace(SHOWN["attended_transfer"]()[4], peers=("corr-2",))
    asked = customers.apply(ring, call.account)
    assert asked is not call
    customers.link(call, "B", ring.occurred_at)
    assert call_of(customers, "B") is call_of(customers, "corr-2") is call


@pytest.mark.parametrize("name", [name for name in SHOWN if not name.startswith("views")])
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_the_vendors_numbering_is_enough_where_all_times_are_the_calls_start(name: str, data: st.DataObject) -> None:
    events = [structs.replace(event, occurred_at=T0) for event in SHOWN[name]()]
    first = events[0].vendor_call_id or ""
    expected = call_of(play(SHOWN[name]()), first).snapshot
    actual = call_of(play(data.draw(st.permutations(events))), first).snapshot
    kept = ("state", "direction", "from", "to", "end_reason", "missed", "recording")
    assert {key: actual[key] for key in kept} == {key: expected[key] for key in kept}
