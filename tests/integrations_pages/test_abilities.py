"""Capabilities in plain words."""

from integrations.contract.capabilities import Capability
from integrations.pages.abilities import ABILITIES, UNSEEN, abilities


def test_every_capability_is_told_of() -> None:
    told = [capability for _, needed in ABILITIES for capability in needed]
    assert sorted([*told, *UNSEEN]) == sorted(Capability)


def test_what_can_and_what_cannot_be_done() -> None:
    can, cannot = abilities({Capability.HOLD, Capability.RESUME, Capability.TRANSFER_ATTENDED})
    assert can == ["hold and resume", "transfer after talking to a colleague"]
    assert "answer calls" in cannot
    assert len(can) + len(cannot) == len(ABILITIES)
