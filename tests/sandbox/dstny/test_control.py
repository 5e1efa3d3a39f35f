"""The "Call Control API", operation by operation; every state that comes back is the document's call state object."""

from typing import Any

import pytest

from tests.sandbox.dstny.client import COMPANY, CUSTOMER, DOMAIN, Dstny, ring_in, talking
from tests.sandbox_server import SandboxHandle


def words(state: dict[str, Any]) -> list[str]:
    return [each["action"] for each in state["actions"]]


def test_an_inbound_call_rings_and_is_answered(sandbox: SandboxHandle, wout: Dstny) -> None:
    ring_in(sandbox)
    state = wout.call("RINGING")
    assert state["remoteParty"] == {
        "type": "PHONE_NUMBER_ID",
        "telUri": f"tel:+{CUSTOMER}",
        "displayName": "Jan Jansen",
        "displayNumber": f"+{CUSTOMER}",
    }
    assert (state["inbound"], state["conference"], state["intruded"], state["muted"]) == (True, False, False, False)
    assert state["duration"] == 0
    assert wout.device in state["deviceIds"]
    assert state["actions"] == [{"action": "ANSWER", "deviceIds": state["deviceIds"]}]
    answered = wout.act(state, f"/answer/{wout.device}")
    assert (answered["status"], answered["deviceIds"]) == ("ACTIVE", [wout.device])
    assert words(answered) == ["MOVE", "TRANSFER", "HOLD", "PARK", "MUTE", "START_REC"]
    assert answered["stateToken"] != state["stateToken"]
    assert wout.get(f"/cti/state/{{me}}/calls/{state['callId']}")["stateToken"] == answered["stateToken"]
    wout.act(answered, "", "DELETE")
    assert wout.calls() == []


def test_not_every_device_can_be_answered(sandbox: SandboxHandle, wout: Dstny) -> None:
    sandbox.set("dialect", COMPANY, answerable="not_mobile")
    ring_in(sandbox)
    state = wout.call("RINGING")
    (answer,) = state["actions"]
    assert set(state["deviceIds"]) - set(answer["deviceIds"]) == {"+31612000302"}
    path = f"/cti/control/{{me}}/calls/{state['callId']}/answer"
    assert wout.refusal("PUT", f"{path}/%2B31612000302") == (409, "call.wrong.state")
    assert wout.done("PUT", f"{path}/{answer['deviceIds'][1]}")["status"] == "ACTIVE"


def test_a_call_is_rejected(sandbox: SandboxHandle, wout: Dstny) -> None:
    ring_in(sandbox)
    wout.act(wout.call("RINGING"), "", "DELETE")
    assert wout.calls() == []


def test_a_call_is_made_and_each_user_has_a_call_id_of_their_own(
    sandbox: SandboxHandle, wout: Dstny, vera: Dstny
) -> None:
    line = {"type": "OFFICE_FIXED", "groupId": 0}
    state = wout.dial("tel:+31405550301", userLine=line)
    assert (state["status"], state["inbound"], state["deviceIds"]) == ("INITIATED", False, [wout.device])
    assert state["remoteParty"] == {
        "type": "USER_ID",
        "telUri": "tel:+31405550301",
        "displayName": "Vera Prins",
        "displayNumber": "301",
    }
    assert "actions" not in state
    ringing = wout.call("RINGING")
    assert ringing["callId"] == state["callId"]
    assert ringing["stateToken"] != state["stateToken"]
    theirs = vera.answer()
    assert theirs["callId"] != state["callId"]
    assert theirs["remoteParty"]["displayName"] == "Wout Hendriks"
    assert theirs["correlationId"] == wout.call("ACTIVE")["correlationId"]


@pytest.mark.parametrize("destination", ["tel:+31612345678", "sip:31612345678@acme.example", "+31 6 1234 5678"])
def test_destinations_are_uris_or_numbers(sandbox: SandboxHandle, wout: Dstny, destination: str) -> None:
    assert wout.dial(destination)["remoteParty"]["telUri"] == "tel:+31612345678"


def test_a_sip_uri_may_name_a_user(wout: Dstny) -> None:
    assert wout.dial(f"sip:vera@{DOMAIN}")["remoteParty"]["displayNumber"] == "301"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "destination.required"),
        ({"destination": "tel:nobody"}, "destination.invalid"),
        ({"destination": "tel:302"}, "destination.invalid"),
        ({"destination": "tel:301", "type": "SHOUT"}, "type.invalid"),
        ({"destination": "tel:301", "userLine": {"type": "PRIVATE_MOBILE", "groupId": 3}}, "groupId.invalid"),
        ({"destination": "tel:301", "userLine": "mine"}, "userLine.invalid"),
        ({"destination": "tel:301", "targetUrl": "ftp://x", "targetId": "1"}, "targetUrl.invalid"),
    ],
)
def test_a_call_needs_its_parameters(wout: Dstny, body: dict[str, Any], code: str) -> None:
    path = f"/cti/control/{{me}}/device/{wout.device}/calls"
    assert wout.refusal("POST", path, body) == (400, code)
    assert wout.calls() == []


def test_a_call_that_cannot_be_made_leaves_the_other_alone(sandbox: SandboxHandle, wout: Dstny) -> None:
    state = talking(sandbox, wout)
    path = f"/cti/control/{{me}}/device/{wout.device}/calls"
    assert wout.refusal("POST", path, {"destination": "tel:nobody"}) == (400, "destination.invalid")
    assert wout.call("ACTIVE")["stateToken"] == state["stateToken"]


def test_a_phone_that_waits_to_be_picked_up_can_be_answered(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    sandbox.set("behaviour", COMPANY, auto_pickup=False)
    state = wout.dial("tel:301")
    assert (wout.call("INITIATED")["callId"], vera.calls()) == (state["callId"], [])
    wout.act(state, f"/answer/{wout.device}")
    assert vera.call("RINGING")["remoteParty"]["displayNumber"] == "302"


def test_devices_and_calls_must_be_the_users_own(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    assert wout.refusal("POST", "/cti/control/{me}/device/none/calls", {"destination": "tel:301"}) == (
        404,
        "deviceId.does.not.exist",
    )
    ring_in(sandbox)
    path = f"/cti/control/{{me}}/calls/{wout.call('RINGING')['callId']}"
    assert vera.refusal("PUT", f"{path}/answer/{vera.device}") == (404, "callId.does.not.exist")
    assert wout.refusal("PUT", f"{path}/answer/{vera.device}") == (404, "deviceId.does.not.exist")


def test_a_call_is_held_and_resumed(sandbox: SandboxHandle, wout: Dstny) -> None:
    state = talking(sandbox, wout)
    held = wout.act(state, "/hold", stateToken=state["stateToken"])
    assert (held["status"], held["callId"]) == ("HELD", state["callId"])
    assert words(held) == ["MOVE", "TRANSFER", "RESUME", "PARK", "START_REC"]
    resumed = wout.act(held, "/resume", stateToken=held["stateToken"])
    assert resumed["status"] == "ACTIVE"
    tokens = {each["stateToken"] for each in (state, held, resumed)}
    assert len(tokens) == 3


@pytest.mark.parametrize("status", [409, 412])
def test_a_stale_state_token_is_refused(sandbox: SandboxHandle, wout: Dstny, status: int) -> None:
    sandbox.set("dialect", COMPANY, stale_token=status)
    state = talking(sandbox, wout)
    path = f"/cti/control/{{me}}/calls/{state['callId']}"
    wout.act(state, "/hold")
    answer = wout.refusal("PUT", f"{path}/resume", {"stateToken": state["stateToken"]})
    assert answer == (status, "state.token.mismatch")
    assert wout.call("HELD")["callId"] == state["callId"]


def test_what_cannot_be_done_now_is_refused(sandbox: SandboxHandle, wout: Dstny) -> None:
    state = talking(sandbox, wout)
    path = f"/cti/control/{{me}}/calls/{state['callId']}"
    assert wout.refusal("PUT", f"{path}/resume") == (409, "call.wrong.state")
    assert wout.refusal("PUT", f"{path}/answer/{wout.device}") == (409, "call.wrong.state")
    assert wout.refusal("DELETE", f"{path}/conference") == (409, "call.wrong.state")
    assert wout.refusal("PUT", "/cti/control/{me}/calls/none/hold") == (404, "callId.does.not.exist")


def test_a_call_is_muted_and_unmuted(sandbox: SandboxHandle, wout: Dstny) -> None:
    state = talking(sandbox, wout)
    muted = wout.act(state, "/mute", stateToken=state["stateToken"])
    assert (muted["muted"], muted["event"], muted["status"]) == (True, "MUTED", "ACTIVE")
    assert "UNMUTE" in words(muted)
    unmuted = wout.act(muted, "/unmute", stateToken=muted["stateToken"])
    assert (unmuted["muted"], unmuted["event"]) == (False, "UNMUTED")
    assert "MUTE" in words(unmuted)


def test_two_calls_are_swapped(sandbox: SandboxHandle, wout: Dstny) -> None:
    first = talking(sandbox, wout)
    second = talking(sandbox, wout)
    assert wout.call("HELD")["callId"] == first["callId"]
    tokens = {"stateToken": second["stateToken"], "targetStateToken": wout.call("HELD")["stateToken"]}
    held = wout.act(second, "/swap", targetCallId=first["callId"], **tokens)
    assert (held["callId"], held["status"]) == (second["callId"], "HELD")
    assert wout.call("ACTIVE")["callId"] == first["callId"]


def test_a_swap_answers_a_call_that_rings(sandbox: SandboxHandle, wout: Dstny) -> None:
    first = talking(sandbox, wout)
    ring_in(sandbox)
    ringing = wout.call("RINGING")
    wout.act(first, "/swap", targetCallId=ringing["callId"])
    assert wout.call("HELD")["callId"] == first["callId"]
    assert wout.call("ACTIVE")["callId"] == ringing["callId"]


def test_a_call_is_moved_to_another_device(sandbox: SandboxHandle, wout: Dstny) -> None:
    state = talking(sandbox, wout)
    moved = wout.act(state, "/move/%2B31612000302", stateToken=state["stateToken"])
    assert (moved["status"], moved["deviceIds"]) == ("ACTIVE", ["+31612000302"])
    assert wout.act(moved, f"/move/{wout.device}")["deviceIds"] == [wout.device]


def test_a_parked_call_leaves_the_users_state(sandbox: SandboxHandle, wout: Dstny) -> None:
    state = talking(sandbox, wout)
    parked = wout.act(state, "/park", stateToken=state["stateToken"])
    assert (parked["callId"], parked["status"]) == (state["callId"], "TERMINATED")
    assert wout.calls() == []
    (call,) = sandbox.company(COMPANY)["calls"]
    assert (call["state"], call["parked"]) == ("parked", "801")
    assert (parked["event"], parked["eventDescription"]) == ("PARKED", "Call parked at 801")


def test_a_parked_call_is_picked_up_by_calling_its_slot(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    wout.act(talking(sandbox, wout), "/park")
    picked = vera.dial("tel:801")
    assert vera.call("ACTIVE")["callId"] == picked["callId"]
    assert vera.call("ACTIVE")["remoteParty"]["telUri"] == f"tel:+{CUSTOMER}"
    assert wout.refusal("POST", f"/cti/control/{{me}}/device/{wout.device}/calls", {"destination": "tel:801"})[0] == 400


def test_digits_are_sent(sandbox: SandboxHandle, wout: Dstny) -> None:
    state = talking(sandbox, wout)
    assert wout.act(state, "/dtmf", digits="5#")["status"] == "ACTIVE"
    assert sandbox.company(COMPANY)["calls"][0]["digits"] == ["5#"]
    path = f"/cti/control/{{me}}/calls/{state['callId']}/dtmf"
    assert wout.refusal("PUT", path, {"digits": "hello"})[0] == 400
    assert wout.refusal("PUT", path, {}) == (400, "digits.required")


def test_a_service_account_picks_up_what_rings_for_somebody(
    sandbox: SandboxHandle, wout: Dstny, vera: Dstny, service: Dstny
) -> None:
    ring_in(sandbox)
    call_id = wout.call("RINGING")["callId"]
    path = f"/cti/control/{DOMAIN}/vera/device/{vera.device}/pickup/{call_id}"
    assert vera.refusal("POST", path) == (403, "access.denied")
    service.done("POST", path)
    assert wout.calls() == []
    assert vera.call("ACTIVE")["remoteParty"]["telUri"] == f"tel:+{CUSTOMER}"


@pytest.mark.parametrize(
    ("kind", "mode", "intrusion"),
    [
        ("MONITOR", "listen", "MONITOR"),
        ("WHISPER", "whisper", "WHISPER"),
        ("BARGE", "barge", "BARGE"),
        ("INTRUSION", "barge", "BARGE"),
    ],
)
def test_an_agents_call_is_joined(
    sandbox: SandboxHandle, wout: Dstny, vera: Dstny, kind: str, mode: str, intrusion: str
) -> None:
    talking(sandbox, wout)
    state = vera.dial("tel:302", type=kind)
    assert state["remoteParty"]
    supervised = wout.call("ACTIVE")
    assert supervised["intruded"] is True
    assert [each["remoteParty"].get("intrusionType") for each in supervised["participants"]] == [None, intrusion]
    assert "participants" not in vera.call("ACTIVE")
    (call,) = sandbox.company(COMPANY)["calls"]
    assert [leg["supervises"] for leg in call["legs"]] == [None, None, mode]


def test_an_intercom_call_answers_itself_and_a_voicemail_call_reaches_the_box(
    sandbox: SandboxHandle, wout: Dstny, vera: Dstny
) -> None:
    wout.act(wout.dial("tel:301", type="INTERCOM"), "/hold")
    assert vera.call("ACTIVE")["remoteParty"]["displayNumber"] == "302"
    wout.dial("tel:303", type="VOICEMAIL")
    states = [each["state"] for each in sandbox.company(COMPANY)["calls"]]
    assert states == ["held", "voicemail"]
    path = f"/cti/control/{{me}}/device/{wout.device}/calls"
    body = {"destination": "tel:400", "type": "VOICEMAIL"}
    assert wout.refusal("POST", path, body) == (400, "destination.invalid")


def test_a_call_that_cannot_be_set_up_has_failed(sandbox: SandboxHandle, wout: Dstny) -> None:
    state = wout.dial("tel:+31612345678")
    call = sandbox.company(COMPANY)["calls"][0]["id"]
    sandbox.act(call, "reject", COMPANY)
    ended = wout.get(f"/cti/state/{{me}}/calls/{state['callId']}")
    assert (ended["status"], ended["event"]) == ("TERMINATED", "FAILED")
    assert ended["eventDescription"] == "Call setup failed with status code 603"


def test_a_post_stands_for_other_methods(sandbox: SandboxHandle, wout: Dstny) -> None:
    state = talking(sandbox, wout)
    address = wout.address(f"/cti/control/{{me}}/calls/{state['callId']}/hold")
    headers = {"Authorization": f"Bearer {wout.token}", "X-HTTP-Method-Override": "PUT"}
    assert sandbox.send_json("POST", address, {}, headers).json()["status"] == "HELD"
    headers["X-HTTP-Method-Override"] = "DELETE"
    assert sandbox.send_json("POST", address.removesuffix("/hold"), None, headers).status == 204
    assert wout.calls() == []
