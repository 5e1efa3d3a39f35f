"""What extensions do: "Extension Action", "Call Recording Action", "Call Monitor Action"."""

import pytest

from tests.sandbox.eq.client import COMPANY, Eq, ring_in, talk
from tests.sandbox_server import SandboxHandle


def legs(sandbox: SandboxHandle, call: int = 0) -> dict[str, str]:
    """Live legs of one of the calls, by number."""
    shown = sandbox.company(COMPANY)["calls"][call]
    return {leg["number"]: leg["state"] for leg in shown["legs"] if leg["state"] != "ended"}


def test_dial(eq: Eq, sandbox: SandboxHandle) -> None:
    assert eq.act("502", "dial", destination="0687654321") is None
    assert legs(sandbox) == {"502": "connected", "31687654321": "alerting"}
    assert eq.calls()[0]["destination"] == "31687654321"


def test_dial_rings_the_own_phone_first(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.set("behaviour", COMPANY, auto_pickup=False)
    eq.act("502", "dial", destination="503")
    assert eq.states("502", "503") == [["ringing"], []]
    sandbox.act(eq.calls()[0]["uniqueId"], "answer", COMPANY, extension="502")
    assert eq.states("502", "503") == [["dialing"], ["ringing"]]


def test_blind_transfer(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    eq.act("502", "blindTransfer", destination="504")
    assert eq.states("502", "504") == [[], ["ringing"]]


def test_hang_up_rejects_and_ends(eq: Eq, sandbox: SandboxHandle) -> None:
    ring_in(sandbox)
    eq.act("502", "hangUp")
    assert eq.calls() == []
    talk(sandbox)
    eq.act("502", "hangUp")
    assert sandbox.company(COMPANY)["calls"] == []


def test_a_channel_says_which_call(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    waiting = ring_in(sandbox)
    (first, second) = eq.calls()
    assert second["uniqueId"] == waiting
    eq.act("502", "hangUp", channel=second["channel"])
    assert eq.calls() == [first]
    refused = eq.refusal("POST", "/extension_action", extension="502", action="hangUp", channel=second["channel"])
    assert refused == (400, [("channel", "nonexistent")])
    eq.act("502", "hangUp", channel="")
    assert eq.calls() == []


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"extension": "502"}, ("action", "blank")),
        ({"extension": "502", "action": "fly"}, ("action", "invalid")),
        ({"action": "hangUp"}, ("extension", "blank")),
        ({"extension": "599", "action": "hangUp"}, ("extension", "nonexistent")),
        ({"extension": "601", "action": "hangUp"}, ("extension", "nonexistent")),
        ({"extension": "502", "action": "hangUp"}, ("channel", "nonexistent")),
        ({"extension": "502", "action": "dial"}, ("destination", "blank")),
        ({"extension": "502", "action": "dial", "destination": "999"}, ("destination", "invalid")),
        ({"extension": "502", "action": "dial", "destination": "502"}, ("destination", "invalid")),
        ({"extension": "502", "action": "blindTransfer"}, ("destination", "blank")),
    ],
)
def test_what_is_wrong_with_an_action(eq: Eq, fields: dict[str, str], error: tuple[str, str]) -> None:
    assert eq.refusal("POST", "/extension_action", **fields) == (400, [error])


@pytest.mark.parametrize("action", ["park", "blindTransfer"])
def test_what_rings_is_neither_parked_nor_transferred(eq: Eq, sandbox: SandboxHandle, action: str) -> None:
    ring_in(sandbox)
    fields = {"extension": "502", "action": action, "destination": "503"}
    assert eq.refusal("POST", "/extension_action", **fields) == (400, [(None, "invalid")])
    assert eq.states("502") == [["ringing"]]


def test_recording(eq: Eq, sandbox: SandboxHandle) -> None:
    call = talk(sandbox)

    def record(action: str) -> bool:
        eq.done("POST", "/call_recording_action", extension="502", action=action)
        return bool(eq.calls()[0]["recording"])

    assert [record("start"), record("cancel"), record("start"), record("stop")] == [True, False, True, False]
    (kept,) = eq.get("/call_recordings", call_unique_id=call)
    assert kept.endswith(f"{call}-2.wav")
    refused = eq.refusal("POST", "/call_recording_action", extension="502", action="stop")
    assert refused == (400, [(None, "invalid")])
    idle = eq.refusal("POST", "/call_recording_action", extension="503", action="start")
    assert idle == (400, [("extension", "nonexistent")])


def test_an_extension_may_always_be_recorded(eq: Eq, sandbox: SandboxHandle) -> None:
    data = {"extension": "502", "name": "Zeno Wiersma", "recording": {"inboundExternal": "always"}}
    eq.done("PUT", "/extension/502", data=data)
    talk(sandbox)
    assert eq.calls()[0]["recording"] is True
    eq.act("502", "hangUp")
    eq.act("502", "dial", destination="503")
    sandbox.act(eq.calls()[0]["uniqueId"], "answer", COMPANY, extension="503")
    assert eq.calls()[0]["recording"] is False


def test_monitoring(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    fields = {"targetExtension": "502", "monitorExtension": "501"}
    for action, mode in (("spy", "listen"), ("whisper", "whisper"), ("bargeIn", "barge")):
        eq.done("POST", "/call_monitor_action", action=action, **fields)
        (own,) = eq.calls("501")
        assert (own["monitoring"], own["state"]) == (mode, "talking")
    eq.act("501", "hangUp")
    assert eq.states("501", "502") == [[], ["talking"]]


def test_monitoring_rings_first(eq: Eq, sandbox: SandboxHandle) -> None:
    call = talk(sandbox)
    sandbox.set("behaviour", COMPANY, auto_pickup=False)
    eq.done("POST", "/call_monitor_action", action="spy", targetExtension="502", monitorExtension="501")
    assert eq.states("501") == [["ringing"]]
    sandbox.act(call, "answer", COMPANY, extension="501")
    assert eq.states("501") == [["talking"]]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"targetExtension": "502", "monitorExtension": "501"}, ("action", "blank")),
        ({"action": "spy", "targetExtension": "599", "monitorExtension": "501"}, ("targetExtension", "nonexistent")),
        ({"action": "spy", "targetExtension": "502", "monitorExtension": "599"}, ("monitorExtension", "nonexistent")),
        ({"action": "spy", "targetExtension": "502", "monitorExtension": "501"}, ("targetExtension", "nonexistent")),
    ],
)
def test_what_cannot_be_monitored(eq: Eq, fields: dict[str, str], error: tuple[str, str]) -> None:
    assert eq.refusal("POST", "/call_monitor_action", **fields) == (400, [error])
