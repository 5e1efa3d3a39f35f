"""What is possible when: pure, from a call as the API shows it."""

from typing import Any

import pytest

from cti.control.acting import acting_leg
from cti.control.actions import ACTIONS, allowed_actions, check_possible, supported_operations
from cti.control.situation import situation_of
from integrations.contract.capabilities import Capability
from integrations.contract.errors import InvalidCallState, Unsupported

EVERYTHING = frozenset(Capability)
WHILE_TALKING = [
    *("hangup", "hold", "mute", "swap", "park", "transfer", "consult", "conference", "move", "dtmf", "recording"),
    *("supervise", "tags", "block", "disconnect-leg"),
]


def leg(state: str, line: str | None = "ext_1", **fields: Any) -> dict[str, Any]:
    return {
        "id": f"leg of {line}",
        "state": state,
        "muted": False,
        "vendor_leg_id": f"vendor's of {line}",
        "extension_id": line,
        "role": "callee",
        **fields,
    }


def call(state: str, *legs: dict[str, Any], recording: str = "off", muted: bool = False) -> dict[str, Any]:
    return {"state": state, "recording": {"state": recording}, "muted": muted, "legs": list(legs)}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (
            call("alerting", leg("alerting")),
            ["answer", "reject", "hangup", "transfer", "pickup", "tags", "block", "disconnect-leg"],
        ),
        (call("alerting", leg("initiated"), leg("alerting", None)), ["hangup", "tags", "block", "disconnect-leg"]),
        (call("connected", leg("connected")), WHILE_TALKING),
        (call("connected", leg("connected", muted=True)), ["unmute" if a == "mute" else a for a in WHILE_TALKING]),
        (call("parked", leg("parked", None)), ["hangup", "pickup", "tags", "block", "disconnect-leg"]),
        (call("queued", leg("connected", None)), ["hangup", "pickup", "tags", "block", "disconnect-leg"]),
        (call("ended", leg("null")), []),
    ],
)
def test_allowed_actions_follow_the_call_and_its_legs(shown: dict[str, Any], expected: list[str]) -> None:
    assert sorted(allowed_actions(shown, EVERYTHING)) == sorted(expected)


@pytest.mark.parametrize(("state", "line"), [("connected", "connected"), ("held", "hold")])
def test_a_call_of_which_no_leg_is_known_stands_for_it(state: str, line: str) -> None:
    assert allowed_actions(call(state), EVERYTHING) == allowed_actions(call(state, leg(line)), EVERYTHING)


def test_two_more_are_needed_to_leave_a_conference_or_to_end_a_consultation() -> None:
    parties = (leg("connected"), leg("connected", None), leg("hold", "ext_2"))
    more = set(allowed_actions(call("connected", *parties), EVERYTHING)) - set(WHILE_TALKING)
    assert more == {"leave", "complete-transfer", "cancel-transfer"}


def test_a_call_that_rings_is_transferred_where_the_pbx_can_deflect_it() -> None:
    ringing = call("alerting", leg("alerting"), leg("connected", "ext_caller"))
    for mode, possible in (("blind", True), ("voicemail", True), ("attended", False)):
        capabilities = {Capability.DEFLECT, Capability(f"transfer.{mode}")}
        assert (allowed_actions(ringing, capabilities) == ["transfer"]) == possible
    assert allowed_actions(ringing, {Capability.TRANSFER_BLIND}) == []
    blind = supported_operations("transfer", {Capability.TRANSFER_BLIND, Capability.DEFLECT})["blind"]
    assert acting_leg(blind, "transfer", situation_of(ringing), own=None, people=set()) == "leg of ext_1"


def test_allowed_actions_are_narrowed_by_what_the_account_can_do() -> None:
    capabilities = {Capability.HANGUP, Capability.RECORDING_STOP}
    assert allowed_actions(call("connected", leg("connected")), capabilities) == ["hangup"]
    assert allowed_actions(call("connected", leg("connected"), recording="on"), capabilities) == ["hangup", "recording"]


def test_supported_operations_leave_out_variants_the_account_cannot_do() -> None:
    assert list(supported_operations("transfer", {Capability.TRANSFER_BLIND})) == ["blind"]


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_that_the_account_cannot_do_is_unsupported(action: str) -> None:
    with pytest.raises(Unsupported, match=action):
        supported_operations(action, frozenset())


@pytest.mark.parametrize(
    ("action", "variant", "shown", "why"),
    [
        ("hold", "", call("ended"), "has ended"),
        ("hold", "", call("held"), "while the call is held"),
        ("recording", "start", call("connected", recording="on"), "already on"),
    ],
)
def test_check_possible_says_why_not(action: str, variant: str, shown: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidCallState, match=why):
        check_possible(ACTIONS[action][variant], action, situation_of(shown))


def test_several_lines_on_the_vendors_only_leg_are_no_riddle() -> None:
    """Where the vendor knows the call alone, it doesn't matter whose line acts."""
    both = call("connected", *(leg("connected", line, vendor_leg_id="the call") for line in ("ext_1", "ext_2")))
    hold = ACTIONS["hold"][""]
    lines = {"ext_1", "ext_2"}
    assert acting_leg(hold, "hold", situation_of(both), own=None, people=lines) == "leg of ext_1"
    assert acting_leg(hold, "hold", situation_of(both), own={"ext_2"}, people=lines) == "leg of ext_2"


def test_queues_and_menus_act_only_where_nobody_else_is() -> None:
    answered = situation_of(call("connected", leg("connected", "ext_menu"), leg("connected", "ext_1")))
    hangup, hold = ACTIONS["hangup"][""], ACTIONS["hold"][""]
    assert acting_leg(hold, "hold", answered, own=None, people={"ext_1"}) == "leg of ext_1"
    menu = situation_of(call("connected", leg("connected", "ext_menu")))
    assert acting_leg(hangup, "hangup", menu, own=None, people=set()) == "leg of ext_menu"


def test_what_rings_outside_is_nobodys_to_pick_up() -> None:
    (pickup,) = ACTIONS["pickup"].values()
    dialling = situation_of(call("alerting", leg("initiated"), leg("alerting", None)))
    with pytest.raises(InvalidCallState, match="at nobody's line"):
        check_possible(pickup, "pickup", dialling)
