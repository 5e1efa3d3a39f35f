"""Capabilities in plain words."""

from integrations.contract.capabilities import Capability
from integrations.pages.abilities import ABILITIES, UNSEEN, Withheld, abilities, account_abilities


def test_every_capability_is_told_of_once() -> None:
    told = [capability for topic in ABILITIES.values() for capability in topic]
    assert sorted([*told, *UNSEEN]) == sorted(Capability)
    words = [each for topic in ABILITIES.values() for each in topic.values()]
    assert len(set(words)) == len(words)


def test_what_a_vendor_can_and_cannot_do() -> None:
    can, withheld, cannot = abilities({Capability.RESUME, Capability.HOLD, Capability.TRANSFER_ATTENDED})
    assert (can, withheld) == (["put calls on hold", "resume held calls", "transfer to a call with a colleague"], [])
    assert "answer calls" in cannot
    assert len(can) + len(cannot) == len(Capability) - len(UNSEEN)


def test_what_an_account_lacks_is_told_apart_from_what_its_vendor_cannot_do() -> None:
    declared = {Capability.HOLD, Capability.ANSWER}
    can, withheld, cannot = account_abilities(declared, {Capability.HOLD}, lambda each: f"the scope {each}")
    assert can == ["put calls on hold"]
    assert withheld == [Withheld("answer calls", "the scope calls.answer")]
    assert "answer calls" not in cannot
    assert "mute" in cannot
