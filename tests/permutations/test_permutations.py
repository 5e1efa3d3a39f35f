"""Every order in which a story's deliveries can arrive, with duplicates, ends in the same calls: each vendor's, raw."""

from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from cti.calls.book import Book
from integrations.contract.adapter import WebhookRequest
from integrations.vendors.dstny.calls import may_go_on
from integrations.vendors.dstny.events import told as as_streamed
from integrations.vendors.dstny.wire import GONE, CallState, convert
from tests.calls.test_machine import comparable, told
from tests.integrations.callgear import stories as callgear
from tests.integrations.callgear.live import NOON
from tests.integrations.callgear.test_interleavings import outcome
from tests.integrations.dstny import payloads as dstny
from tests.integrations.eq import pictures as eq
from tests.integrations.eq import stories as eq_stories
from tests.integrations.ringcentral import payloads as ringcentral
from tests.integrations.ringcentral import stories as ringcentral_stories
from tests.permutations import kwebbl
from tests.permutations.playing import People, assert_told_properly, play

Deliveries = list[WebhookRequest]
KWEBBL_PEOPLE: People = {kwebbl.ANNA: ("1001", "Anna"), kwebbl.BOB: ("1002", "Bob"), kwebbl.CAROL: ("1003", "Carol")}
RINGCENTRAL_PEOPLE: People = {
    each["extensionId"]: (each["phoneNumber"], each["name"])
    for each in (ringcentral.ANNA, ringcentral.BOB, ringcentral.BOSS)
}
DSTNY_PEOPLE: People = {user: (each["displayNumber"], each["displayName"]) for user, each in dstny.PEOPLE.items()}
DIALLED_ON_THE_PHONE = {"consultation", "consultation_cancelled"}
"""Nothing joins the second call of these to the customer's."""


def of_kwebbl(name: str) -> Deliveries:
    return [WebhookRequest({}, body) for body in kwebbl.bodies(name)]


def of_ringcentral(name: str) -> Deliveries:
    return [WebhookRequest({}, ringcentral.encoded(note)) for note in ringcentral_stories.story(name)]


def of_dstny(name: str) -> Deliveries:
    """As our streams pass states on: what may go on elsewhere is over half a second later."""
    return [_streamed(number, *told) for number, told in enumerate(dstny.STORIES[name]())]


def _streamed(number: int, user: str, state: dict[str, Any]) -> WebhookRequest:
    at = dstny.T0 + timedelta(seconds=number)
    if may_go_on(convert(state, CallState)):
        state, at = state | {"status": GONE}, at + timedelta(seconds=0.5)
    return WebhookRequest({}, as_streamed(user, state), received_at=at)


def of_eq(name: str) -> Deliveries:
    """As our poller hands on what has changed."""
    return eq.polled(*EQ_STORIES[name])


EQ_STORIES = {name: polls for name, polls, *_ in eq_stories.every_story()} | {
    "transferred after asking": eq_stories.transferred_attended()
}
STORIES: list[tuple[str, str, Callable[[str], Deliveries], People]] = [
    *(("kwebbl", name, of_kwebbl, KWEBBL_PEOPLE) for name in kwebbl.STORIES),
    *(("ringcentral", name, of_ringcentral, RINGCENTRAL_PEOPLE) for name in ringcentral_stories.STORIES),
    *(("dstny", name, of_dstny, DSTNY_PEOPLE) for name in dstny.STORIES),
    *(("eq", name, of_eq, eq.PEOPLE) for name in EQ_STORIES),
]
every_story = pytest.mark.parametrize(
    ("vendor", "name", "deliveries", "people"), STORIES, ids=[f"{vendor}-{name}" for vendor, name, *_ in STORIES]
)


def draw_arrival(data: st.DataObject, deliveries: Deliveries) -> Deliveries:
    """Any order, and some of them twice."""
    arrival = list(data.draw(st.permutations(deliveries)))
    for double in data.draw(st.lists(st.sampled_from(deliveries), max_size=3)):
        arrival.insert(data.draw(st.integers(0, len(arrival))), double)
    return arrival


def calls_of(book: Book) -> list[dict[str, Any]]:
    """The calls that lists show, without what may differ by the order of arrival."""
    return sorted((comparable(each) for each in book.entries.values() if each.merged_into is None), key=str)


@every_story
@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_order_with_duplicates_ends_in_the_same_calls(
    vendor: str, name: str, deliveries: Callable[[str], Deliveries], people: People, data: st.DataObject
) -> None:
    happened = deliveries(name)
    book = play(vendor, draw_arrival(data, happened), people)
    assert calls_of(book) == calls_of(play(vendor, happened, people))
    assert_told_properly(book)


@every_story
def test_a_story_is_one_call_that_ends(
    vendor: str, name: str, deliveries: Callable[[str], Deliveries], people: People
) -> None:
    book = play(vendor, deliveries(name), people)
    calls = calls_of(book)
    assert [each["state"] for each in calls] == ["ended"] * (2 if name in DIALLED_ON_THE_PHONE else 1)
    assert_told_properly(book)


@every_story
def test_what_came_already_tells_nothing_when_it_comes_again(
    vendor: str, name: str, deliveries: Callable[[str], Deliveries], people: People
) -> None:
    happened = deliveries(name)
    assert told(play(vendor, happened + happened, people)) == told(play(vendor, happened, people))


@pytest.mark.parametrize("name", dstny.STORIES)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=st.data())
def test_dstnys_states_that_overtake_each_other_still_end_each_call_once(name: str, data: st.DataObject) -> None:
    """Neither times nor numbers are in Dstny's states: what comes later counts as later. So nobody can put states in order
    that overtook each other on their way to us, and what is shown meanwhile may differ; the end may not, once the users'
    states have been read anew, as every such delivery asks for, and show none of these calls any more.
    """
    calls = {(user, shown["callId"], shown["correlationId"]): None for user, shown in dstny.STORIES[name]()}
    gone = [
        WebhookRequest({}, as_streamed(user, {"callId": call_id, "status": GONE, "correlationId": correlation_id}))
        for user, call_id, correlation_id in calls
    ]
    arrival = [
        structs.replace(each, received_at=dstny.T0 + timedelta(seconds=number))
        for number, each in enumerate([*draw_arrival(data, of_dstny(name)), *gone])
    ]
    book = play("dstny", arrival, DSTNY_PEOPLE)
    assert {each["state"] for each in calls_of(book)} == {"ended"}
    assert_told_properly(book)


def callgear_polls(name: str) -> list[tuple[float, bytes]]:
    """What polls show, ten seconds apart."""
    steps = enumerate(callgear.STORIES[name], start=1)
    return [(10.0 * at, callgear.polled(step, NOON + timedelta(seconds=10 * at))) for at, step in steps]


def played_in_time(deliveries: list[tuple[float, bytes]]) -> Book:
    """Notifications have no other time than that at which they come."""
    arrival = [
        WebhookRequest({}, body, received_at=NOON + timedelta(seconds=at))
        for at, body in sorted(deliveries, key=itemgetter(0))
    ]
    return play("callgear", arrival, callgear.PEOPLE)


@pytest.mark.parametrize("name", callgear.STORIES)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_callgears_notifications_change_nothing_of_what_polls_show(name: str, data: st.DataObject) -> None:
    """However late, in whatever order, and some of them twice; also when everything is over."""
    hints: list[tuple[float, bytes]] = []
    for at, step in enumerate(callgear.STORIES[name], start=1):
        for hint in step.hints:
            delays = data.draw(st.lists(st.integers(-9, 60), min_size=1, max_size=2))
            hints += [(10.0 * at + delay + len(hints) / 100, callgear.body(hint)) for delay in delays]
    book = played_in_time([*callgear_polls(name), *hints])
    assert outcome(book) == outcome(played_in_time(callgear_polls(name)))
    assert_told_properly(book)
