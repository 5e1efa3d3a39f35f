""" "Phone" and "Execute Phone Command": keys, pressed one after the other."""

import pytest

from tests.sandbox.eq.client import COMPANY, Eq, ring_in, talk
from tests.sandbox_server import SandboxHandle


def press(eq: Eq, *keys: str, extension: str = "502") -> None:
    for key in keys:
        eq.done("POST", "/phone_command", extension=extension, key=key)


def dial(eq: Eq, number: str, then: str, extension: str = "502") -> None:
    press(eq, *number, then, extension=extension)


def test_a_phone_and_its_model(eq: Eq, sandbox: SandboxHandle) -> None:
    phone = eq.get("/phone", extension="502")
    assert (phone["extension"], phone["manufacturer"], phone["model"]) == ("502", "Yealink", "SIP-T46S")
    eq.done("POST", "/phone_command", phone=phone, key="speaker")
    assert eq.get("/phone", extension="504")["model"] == "GXP1610"
    sandbox.control("PATCH", f"/companies/{COMPANY}/extensions/502/devices/Desk%20phone", online=False)
    assert eq.refusal("GET", "/phone", extension="502") == (400, [("phone", "nonexistent")])
    assert eq.refusal("POST", "/phone_command", phone=phone, key="1") == (400, [("phone", "nonexistent")])


def test_models_are_changed_in_the_connection(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, phones={"502": "Grandstream GXP1610"})
    assert eq.refusal("POST", "/phone_command", extension="502", key="mute") == (400, [("key", "invalid")])
    press(eq, "mute", extension="504")
    unknown = sandbox.send_json("PATCH", f"/_control/companies/{COMPANY}/connection", {"phones": {"502": "Typewriter"}})
    assert unknown.status == 400


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"key": "hold"}, ("phone", "blank")),
        ({"extension": "599", "key": "hold"}, ("extension", "nonexistent")),
        ({"phone": {}, "key": "hold"}, ("extension", "blank")),
        ({"phone": "x", "key": "hold"}, ("phone", "invalid")),
        ({"extension": "502"}, ("key", "blank")),
        ({"extension": "502", "key": "answer"}, ("key", "invalid")),
        ({"extension": "504", "key": "headset"}, ("key", "invalid")),
    ],
)
def test_what_is_wrong_with_a_key(eq: Eq, fields: dict[str, object], error: tuple[str, str]) -> None:
    assert eq.refusal("POST", "/phone_command", **fields) == (400, [error])


@pytest.mark.parametrize("key", ["headset", "speaker", "line1", "enter"])
def test_keys_that_answer(eq: Eq, sandbox: SandboxHandle, key: str) -> None:
    ring_in(sandbox)
    press(eq, key)
    assert eq.states("502") == [["talking"]]


def test_hold_mute_and_headset_toggle(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    press(eq, "hold")
    assert eq.states("502") == [["onHold"]]
    press(eq, "hold")
    assert eq.states("502") == [["talking"]]

    def muted() -> list[bool]:
        return [leg["muted"] for leg in sandbox.company(COMPANY)["calls"][0]["legs"] if leg["number"] == "502"]

    press(eq, "mute")
    assert muted() == [True]
    press(eq, "mute")
    assert muted() == [False]
    press(eq, "headset")
    assert eq.states("502") == [[]]


def test_keys_that_nothing_is_there_for_do_nothing(eq: Eq, sandbox: SandboxHandle) -> None:
    press(eq, "hold", "mute", "headset", "cancel", "redial", "transfer", "conference", "line2", "menu", "soft_key1")
    assert sandbox.company(COMPANY)["calls"] == []


def test_lines_go_back_and_forth(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    ring_in(sandbox)
    press(eq, "line2")
    assert eq.states("502") == [["onHold", "talking"]]
    press(eq, "line1")
    assert eq.states("502") == [["talking", "onHold"]]
    press(eq, "cancel")
    assert eq.states("502") == [["onHold"]]


def test_digits_are_dialled_redialled_or_heard(eq: Eq, sandbox: SandboxHandle) -> None:
    dial(eq, "503", "enter")
    assert eq.states("502", "503") == [["dialing"], ["ringing"]]
    press(eq, "headset", extension="503")
    press(eq, "5", "pound")
    assert sandbox.company(COMPANY)["calls"][0]["digits"] == ["5", "#"]
    press(eq, "cancel")
    assert eq.states("502") == [[]]
    press(eq, "redial")
    assert eq.states("503") == [["ringing"]]


def test_cancel_forgets_what_was_typed_and_rejects(eq: Eq, sandbox: SandboxHandle) -> None:
    press(eq, "5", "0", "cancel", "enter")
    assert eq.calls() == []
    ring_in(sandbox)
    press(eq, "cancel")
    assert sandbox.company(COMPANY)["calls"] == []


def test_a_blind_transfer_by_keys(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    press(eq, "transfer")
    assert eq.states("502") == [["onHold"]]
    dial(eq, "503", "transfer")
    assert eq.states("502", "503") == [[], ["ringing"]]


def test_an_attended_transfer_by_keys(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    press(eq, "transfer")
    dial(eq, "503", "enter")
    assert eq.states("502", "503") == [["onHold", "dialing"], ["ringing"]]
    press(eq, "headset", extension="503")
    press(eq, "transfer")
    assert eq.states("502", "503") == [[], ["talking"]]


def test_a_conference_by_keys(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    press(eq, "transfer")
    dial(eq, "503", "enter")
    press(eq, "headset", extension="503")
    press(eq, "conference")
    assert len(eq.get("/active_conferences")[0]["members"]) == 3


def test_do_not_disturb(eq: Eq, sandbox: SandboxHandle) -> None:
    press(eq, "dnd")
    ring_in(sandbox)
    assert eq.states("502") == [[]]
    press(eq, "dnd")
    ring_in(sandbox)
    assert eq.states("502") == [["ringing"]]
