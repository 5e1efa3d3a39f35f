"""static/js/calls.js: events and snapshots become my calls."""

from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
ANNA, BRAM = "ext_anna", "ext_bram"


def party(extension_id: str | None = None, number: str = "+31203080700") -> dict[str, object]:
    return {"number": number, "name": None, "extension_id": extension_id, "anonymous": False}


def call(**fields: Any) -> dict[str, Any]:
    """An inbound call that rings at Anna's."""
    return {
        "id": "call_1",
        "version": 1,
        "direction": "inbound",
        "state": "alerting",
        "from": party(),
        "to": party(ANNA, "1000"),
        "legs": [{"extension_id": ANNA, "state": "alerting"}],
        "started_at": "2026-01-31T09:00:00.000Z",
        "answered_at": None,
        "ended_at": None,
        "end_reason": None,
        "missed": False,
        "actions": [],
    } | fields


def fold(scripts: Page, expression: str, *items: dict[str, Any]) -> Any:
    """Applies calls and events in order, then evaluates `expression` over `calls`, with Anna's extension as `mine`."""
    return scripts.evaluate(
        """async ([items, expression]) => {
            const module = await import("/static/js/calls.js");
            const mine = new Set(["ext_anna"]);
            const add = (calls, item) => (item.data ? module.withEvent : module.withCall)(calls, item);
            const calls = items.reduce(add, new Map());
            return new Function("m", "calls", "mine", `return ${expression}`)(module, calls, mine);
        }""",
        [list(items), expression],
    )


LIVE = "m.liveCalls(calls, mine).map(call => [call.id, call.state])"


def test_a_ringing_call_is_live(scripts: Page) -> None:
    assert fold(scripts, LIVE, {"type": "call.delivered", "data": {"call": call()}}) == [["call_1", "alerting"]]


@pytest.mark.parametrize("late_state", ["alerting", "ended"])
def test_an_older_version_never_turns_a_call_back(scripts: Page, late_state: str) -> None:
    connected = call(version=3, state="connected")
    assert fold(scripts, LIVE, connected, call(version=2, state=late_state)) == [["call_1", "connected"]]


def test_an_event_without_a_call_changes_nothing(scripts: Page) -> None:
    assert fold(scripts, LIVE, call(), {"type": "presence.changed", "data": {}}) == [["call_1", "alerting"]]


def test_who_else_is_on_the_call(scripts: Page) -> None:
    legs: list[dict[str, Any]] = [
        {"extension_id": ANNA, "state": "connected", "muted": True, "name": "Anna"},
        {"extension_id": None, "state": "connected", "muted": False, "name": "Jansen BV"},
        {"extension_id": BRAM, "state": "alerting", "muted": False, "name": "Bram"},
        {"extension_id": "ext_carla", "state": "null", "muted": False, "name": "Carla"},
    ]
    talking = call(state="connected", legs=legs, muted=True)
    assert fold(scripts, "m.company(calls.get('call_1'), mine).map(leg => leg.name)", talking) == ["Jansen BV", "Bram"]
    assert fold(scripts, "m.isMuted(calls.get('call_1'), mine)", talking) is True
    assert fold(scripts, "m.isMyPhoneRinging(calls.get('call_1'), mine)", talking) is False
    legs[0]["muted"] = False
    assert fold(scripts, "m.isMuted(calls.get('call_1'), mine)", talking) is False


def test_colleagues_calls_are_not_mine(scripts: Page) -> None:
    other = call(to=party(BRAM, "1001"), legs=[{"extension_id": BRAM, "state": "alerting"}])
    assert fold(scripts, LIVE, other) == []


@pytest.mark.parametrize("left", ["null", "fail", None])
def test_a_call_that_went_on_without_me_is_over_for_me(scripts: Page, left: str | None) -> None:
    legs = [{"extension_id": ANNA, "state": left}, {"extension_id": BRAM, "state": "connected"}]
    gone = call(version=2, state="connected", answered_at="2026-01-31T09:00:05.000Z", to=party(BRAM), legs=legs)
    assert fold(scripts, LIVE, call(), gone) == []
    finished = "m.finishedCalls(calls, mine, new Date(0)).map(call => m.outcome(call, mine))"
    assert fold(scripts, finished, call(), gone) == ["transferred"]


def test_newest_call_comes_first(scripts: Page) -> None:
    later = call(id="call_2", started_at="2026-01-31T09:01:00.000Z")
    assert fold(scripts, LIVE, call(state="connected"), later) == [["call_2", "alerting"], ["call_1", "connected"]]


def test_todays_calls_start_at_midnight(scripts: Page) -> None:
    yesterday = call(id="call_0", state="ended", started_at="2026-01-30T22:00:00.000Z")
    today = call(id="call_1", state="ended")
    expression = "m.finishedCalls(calls, mine, new Date('2026-01-31T00:00:00Z')).map(call => call.id)"
    assert fold(scripts, expression, yesterday, today) == ["call_1"]


@pytest.mark.parametrize(
    ("direction", "side"),
    [("inbound", "from"), ("outbound", "to"), ("internal", "from")],
)
def test_the_other_party(scripts: Page, direction: str, side: str) -> None:
    the_call = call(direction=direction, **{"from": party(None, "+31611111111"), "to": party(ANNA, "+31622222222")})
    expected = the_call[side]["number"]
    assert fold(scripts, "m.otherParty(calls.get('call_1'), mine).number", the_call) == expected


def test_the_other_party_of_an_internal_call_that_i_placed(scripts: Page) -> None:
    the_call = call(direction="internal", **{"from": party(ANNA, "1000"), "to": party(BRAM, "1001")})
    assert fold(scripts, "m.otherParty(calls.get('call_1'), mine).number", the_call) == "1001"


@pytest.mark.parametrize(
    ("fields", "rings"),
    [
        ({}, True),
        ({"state": "initiated"}, True),
        ({"direction": "outbound", "from": party(ANNA), "to": party()}, False),
        ({"direction": "internal", "from": party(ANNA), "to": party(BRAM)}, False),
        ({"direction": "internal", "from": party(BRAM), "to": party(ANNA)}, True),
        ({"state": "connected"}, False),
        ({"legs": [{"extension_id": ANNA, "state": "null"}]}, False),
    ],
)
def test_only_what_waits_for_me_rings_here(scripts: Page, fields: dict[str, object], rings: bool) -> None:
    assert fold(scripts, "m.isRingingHere(calls.get('call_1'), mine)", call(**fields)) is rings


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"missed": True, "end_reason": "no_answer"}, "missed"),
        ({"missed": True, "end_reason": "answered_elsewhere"}, "elsewhere"),
        ({"answered_at": "2026-01-31T09:00:05.000Z", "end_reason": "hangup"}, "done"),
        ({"direction": "outbound", "end_reason": "busy"}, "unanswered"),
        ({"end_reason": "lost"}, "lost"),
    ],
)
def test_how_a_call_ended(scripts: Page, fields: dict[str, object], outcome: str) -> None:
    ended = call(state="ended", ended_at="2026-01-31T09:01:05.000Z", **fields)
    assert fold(scripts, "m.outcome(calls.get('call_1'), mine)", ended) == outcome


@pytest.mark.parametrize(("reason", "outcome"), [("transferred", "transferred"), ("answered_elsewhere", "elsewhere")])
def test_how_it_ended_for_me_outlives_the_call(scripts: Page, reason: str, outcome: str) -> None:
    mine = {"extension_id": ANNA, "state": "null", "end_reason": reason, "left_at": "2026-01-31T09:00:20.000Z"}
    ended = call(
        state="ended",
        legs=[mine],
        answered_at="2026-01-31T09:00:05.000Z",
        ended_at="2026-01-31T09:10:00.000Z",
        end_reason="hangup",
    )
    expression = "[m.outcome(calls.get('call_1'), mine), m.talkSeconds(calls.get('call_1'), mine)]"
    assert fold(scripts, expression, ended) == [outcome, 15]


def test_talk_time_counts_from_the_answer(scripts: Page) -> None:
    ended = call(state="ended", answered_at="2026-01-31T09:00:05.000Z", ended_at="2026-01-31T09:01:05.400Z")
    assert fold(scripts, "m.talkSeconds(calls.get('call_1'), mine)", ended) == 60
