import pytest

from cti.control.actions import ACTIONS, allowed_actions, check_possible, supported_operations
from integrations.contract.capabilities import Capability
from integrations.contract.errors import InvalidCallState, Unsupported

EVERYTHING = frozenset(Capability)


@pytest.mark.parametrize(
    ("state", "recording", "expected"),
    [
        ("alerting", "off", ["hangup"]),
        ("connected", "off", ["hangup", "hold", "transfer", "recording"]),
        ("connected", "on", ["hangup", "hold", "transfer", "recording"]),
        ("held", "off", ["hangup", "resume", "transfer", "recording"]),
        ("ended", "off", []),
    ],
)
def test_allowed_actions_follow_the_state(state: str, recording: str, expected: list[str]) -> None:
    assert allowed_actions(state, recording, EVERYTHING) == expected


def test_allowed_actions_are_narrowed_by_what_the_account_can_do() -> None:
    capabilities = {Capability.HANGUP, Capability.RECORDING_STOP}
    assert allowed_actions("connected", "off", capabilities) == ["hangup"]
    assert allowed_actions("connected", "on", capabilities) == ["hangup", "recording"]


def test_supported_operations_leave_out_variants_the_account_cannot_do() -> None:
    assert list(supported_operations("transfer", {Capability.TRANSFER_BLIND})) == ["blind"]


@pytest.mark.parametrize("action", [name for name, operations in ACTIONS.items() if not operations])
def test_an_action_without_operations_is_unsupported(action: str) -> None:
    with pytest.raises(Unsupported, match=action):
        supported_operations(action, EVERYTHING)


@pytest.mark.parametrize(
    ("action", "variant", "state", "recording", "why"),
    [
        ("hold", "", "ended", "off", "has ended"),
        ("hold", "", "held", "off", "while the call is held"),
        ("recording", "start", "connected", "on", "already on"),
    ],
)
def test_check_possible_says_why_not(action: str, variant: str, state: str, recording: str, why: str) -> None:
    with pytest.raises(InvalidCallState, match=why):
        check_possible(ACTIONS[action][variant], action, state, recording)
