"""static/js/offers.js: which buttons a call has, from what it allows, what its PBX can do, and what else goes on."""

from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
DEVICES = {"directory": ["devices"]}
RECORDING = {"recording": ["start", "stop", "pause", "resume", "save", "discard"]}
OTHER = {"id": "call_2"}


def call(state: str, *actions: str, **fields: Any) -> dict[str, Any]:
    return {"id": "call_1", "state": state, "actions": actions, "recording": {"state": "off", "saved": False}} | fields


def offers(scripts: Page, the_call: dict[str, Any], **around: Any) -> dict[str, Any]:
    """What is offered: the body that each button sends, by its label."""
    found: dict[str, Any] = scripts.evaluate(
        """async ([call, around]) => {
            const { offerOf, SLOTS } = await import("/static/js/offers.js");
            const found = SLOTS.map((slot) => offerOf(slot, call, around)).filter(Boolean);
            return Object.fromEntries(found.map(({ label, body }) => [label, body]));
        }""",
        [the_call, {"can": {}, "line": "ext_1", "rings": False, "asks": False, "other": None} | around],
    )
    return found


def modes(scripts: Page, the_call: dict[str, Any], *transfer: str) -> list[str]:
    found: list[str] = scripts.evaluate(
        """async ([call, transfer]) => {
            const { transferModes } = await import("/static/js/offers.js");
            return transferModes(call, { transfer }).map(([mode]) => mode);
        }""",
        [the_call, transfer],
    )
    return found


def test_a_phone_of_mine_that_rings_can_be_answered_on_any_phone(scripts: Page) -> None:
    ringing = call("alerting", "answer", "reject", "hangup")
    assert list(offers(scripts, ringing, rings=True)) == ["Answer", "Reject", "Hang up"]
    assert list(offers(scripts, ringing, rings=True, can=DEVICES)) == ["Answer", "Answer on…", "Reject", "Hang up"]
    assert list(offers(scripts, ringing, can=DEVICES)) == ["Hang up"]


def test_what_only_a_colleagues_leg_can_do_is_not_offered(scripts: Page) -> None:
    """The caller of an internal call, while it rings there: `actions` are the whole call's."""
    ringing = call("alerting", "answer", "reject", "transfer", "hangup")
    assert list(offers(scripts, ringing, leg="initiated")) == ["Hang up"]
    assert list(offers(scripts, ringing, leg="alerting", rings=True)) == ["Answer", "Reject", "Transfer", "Hang up"]
    held = call("held", "resume", "transfer", "mute", "dtmf", "recording", "hangup")
    assert list(offers(scripts, held, leg="hold")) == ["Resume", "Mute", "Transfer", "Hang up"]
    assert list(offers(scripts, held, leg="connected", can=RECORDING)) == [
        "Mute",
        "Transfer",
        "Keypad",
        "Record",
        "Hang up",
    ]
    assert "Resume" in offers(scripts, held)  # the PBX shows no leg of mine


def test_a_caller_is_tagged_blocked_and_a_coach_brought_in_where_the_call_allows_it(scripts: Page) -> None:
    talking = call("connected", "supervise", "tags", "block")
    assert list(offers(scripts, talking, leg="connected")) == ["Coach", "Tags", "Block caller"]
    assert list(offers(scripts, call("connected", "tags"), leg="connected")) == ["Tags"]
    asked = """async () => {
        const { offerOf, coachModes } = await import("/static/js/offers.js");
        const call = { id: "call_1", state: "connected", actions: ["block"], recording: { state: "off" } };
        const { asks } = offerOf(["block"], call, { can: {} });
        return [Boolean(asks), coachModes(call, { supervise: ["listen", "whisper"] }).map(([mode]) => mode)];
    }"""
    assert scripts.evaluate(asked) == [True, ["whisper", "listen"]]


def test_a_parked_call_is_picked_up_on_my_line(scripts: Page) -> None:
    assert offers(scripts, call("parked", "pickup")) == {"Pick up": {"extension_id": "ext_1"}}
    assert offers(scripts, call("alerting", "pickup")) == {}


def test_two_parties_take_a_consultation_or_another_call(scripts: Page) -> None:
    talking = call("connected", "swap", "conference", "complete-transfer", "cancel-transfer")
    assert offers(scripts, talking) == {}
    assert offers(scripts, talking, other=OTHER) == {"Swap": {}, "Join calls": {"target_call_id": "call_2"}}
    asking = offers(scripts, talking, asks=True)
    assert list(asking) == ["Swap", "Complete transfer", "Cancel transfer", "Join calls"]
    assert asking["Join calls"] == {"target_call_id": "call_1"}


@pytest.mark.parametrize(
    ("recording", "labels"),
    [
        ({"state": "off", "saved": False}, ["Record"]),
        ({"state": "on", "saved": False}, ["Stop recording", "Pause recording", "Keep recording", "Discard recording"]),
        ({"state": "paused", "saved": True}, ["Stop recording", "Continue recording", "Discard recording"]),
    ],
)
def test_a_recording_offers_what_it_allows_now(scripts: Page, recording: dict[str, Any], labels: list[str]) -> None:
    assert list(offers(scripts, call("connected", "recording", recording=recording), can=RECORDING)) == labels


def test_ways_of_handing_over(scripts: Page) -> None:
    every = ("blind", "attended", "voicemail", "camp_on")
    assert modes(scripts, call("connected", "transfer"), *every) == ["blind", "first", "voicemail", "camp_on"]
    assert modes(scripts, call("connected", "transfer", "consult"), "blind") == ["blind", "first"]
    assert modes(scripts, call("alerting", "transfer"), *every) == ["blind", "voicemail"]
