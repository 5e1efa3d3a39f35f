"""Transfers, consultations and conferences in the "Call Control API"."""

from typing import Any

from tests.sandbox.dstny.client import COMPANY, CUSTOMER, Dstny, talking
from tests.sandbox_server import SandboxHandle, wait_for


def test_a_blind_transfer_clears_the_call_at_once(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    state = talking(sandbox, wout)
    done = wout.act(state, "/transfer", destination="tel:301", blind=True)
    assert done["status"] == "TERMINATED"
    assert wout.calls() == []
    ringing = vera.call("RINGING")
    assert ringing["remoteParty"]["telUri"] == f"tel:+{CUSTOMER}"
    history = ringing["historyInfo"]
    assert (history["previousRetargetReason"], history["previousParty"]["displayNumber"]) == ("TRANSFERRED", "302")


def test_a_transfer_that_is_not_blind_waits_for_the_target(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    state = talking(sandbox, wout)
    waiting = wout.act(state, "/transfer", destination="tel:301")
    assert [each["callId"] for each in wout.calls()] == [waiting["callId"]] == [state["callId"]]
    ringing = vera.call("RINGING")
    vera.act(ringing, "", "DELETE")
    assert wout.call("ACTIVE")["callId"] == state["callId"]
    wout.act(state, "/transfer", destination="tel:301")
    vera.answer()
    assert wout.calls() == []
    assert vera.call("ACTIVE")["remoteParty"]["telUri"] == f"tel:+{CUSTOMER}"


def test_a_transfer_that_waits_ends_with_its_call(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    wout.act(talking(sandbox, wout), "/transfer", destination="tel:301")
    vera.call("RINGING")
    wout.act(wout.call("HELD"), "", "DELETE")
    assert wout.calls() == vera.calls() == sandbox.company(COMPANY)["calls"] == []


def test_a_transfer_to_voicemail(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    wout.act(talking(sandbox, wout), "/transfer", destination="tel:301", type="VOICEMAIL")
    assert wout.calls() == vera.calls() == []
    (call,) = sandbox.company(COMPANY)["calls"]
    assert call["state"] == "voicemail"


def test_a_transfer_camps_on_a_busy_target(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    busy = talking(sandbox, vera)
    wout.act(talking(sandbox, wout), "/transfer", destination="tel:301", type="CAMP_ON", blind=True)
    assert [each["callId"] for each in vera.calls()] == [busy["callId"]]
    vera.act(busy, "", "DELETE")
    assert vera.call("RINGING")["remoteParty"]["telUri"] == f"tel:+{CUSTOMER}"


def test_a_transfer_bypasses_diversions(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    vera.done("PUT", "/user/diversion/{me}/number", {"phoneNumber": "+31612345670"})
    wout.act(talking(sandbox, wout), "/transfer", destination="tel:301", type="DIVERSION_BYPASS", blind=True)
    assert vera.call("RINGING")["inbound"] is True


def consultation(sandbox: SandboxHandle, wout: Dstny) -> tuple[dict[str, Any], dict[str, Any]]:
    """A call from outside that is held, and the call to 301 about it."""
    state = talking(sandbox, wout)
    onward = wout.act(state, "/consultation", "POST", destination="tel:301")
    return state, onward


def test_a_consultation_call_holds_the_first(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    state, onward = consultation(sandbox, wout)
    assert onward["status"] == "INITIATED"
    assert wout.call("HELD")["callId"] == state["callId"]
    vera.answer()
    wout.act(onward, "", "DELETE")
    assert wout.call("ACTIVE")["callId"] == state["callId"]


def test_two_calls_are_connected_by_a_transfer(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    state, onward = consultation(sandbox, wout)
    theirs = vera.answer()
    wout.act(state, "/transfer/call", targetCallId=onward["callId"], stateToken=wout.call("HELD")["stateToken"])
    assert wout.calls() == []
    joined = vera.call("ACTIVE")
    assert joined["callId"] == theirs["callId"]
    assert joined["remoteParty"]["telUri"] == f"tel:+{CUSTOMER}"
    assert joined["stateToken"] != theirs["stateToken"]
    assert joined["historyInfo"]["previousRetargetReason"] == "TRANSFERRED"


def test_a_transfer_to_a_call_that_rings_calls_anew_or_waits(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    state, onward = consultation(sandbox, wout)
    vera.call("RINGING")
    wout.act(state, "/transfer/call", targetCallId=onward["callId"], waitForAnswer=True)
    assert {each["callId"] for each in wout.calls()} == {state["callId"], onward["callId"]}
    vera.answer()
    assert wait_for(lambda: wout.calls() == [])
    vera.act(vera.call("ACTIVE"), "", "DELETE")
    state, onward = consultation(sandbox, wout)
    wout.act(state, "/transfer/call", targetCallId=onward["callId"])
    assert wout.calls() == []
    assert vera.call("RINGING")["remoteParty"]["telUri"] == f"tel:+{CUSTOMER}"


def test_a_conference_is_made_left_and_ended(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    state, onward = consultation(sandbox, wout)
    vera.answer()
    conference = wout.act(onward, "/conference", targetCallId=state["callId"])
    assert (conference["conference"], conference["status"]) == (True, "ACTIVE")
    assert conference["event"] == "PARTICIPANT_ADDED"
    assert conference["remoteParty"]["type"] == "SERVICE_ID"
    names = {each["remoteParty"]["displayName"] for each in conference["participants"]}
    assert names == {"Vera Prins", "Jan Jansen"}
    assert [each["callId"] for each in wout.calls()] == [onward["callId"]]
    left = wout.act(conference, "/conference", "DELETE")
    assert (left["status"], left["event"], left["callId"]) == ("TERMINATED", "LEFT_CONFERENCE", onward["callId"])
    (call,) = sandbox.company(COMPANY)["calls"]
    assert call["state"] == "connected"


def test_a_participant_is_removed(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    state, onward = consultation(sandbox, wout)
    vera.answer()
    conference = wout.act(onward, "/conference", targetCallId=state["callId"])
    names = {each["remoteParty"]["displayName"]: each["id"] for each in conference["participants"]}
    path = f"/conference/{names['Vera Prins']}"
    after = wout.act(conference, path, "DELETE", stateToken=conference["stateToken"])
    assert [each["remoteParty"]["displayName"] for each in after["participants"]] == ["Jan Jansen"]
    assert after["event"] == "PARTICIPANT_LEFT"
    assert vera.calls() == []
    assert wout.refusal("DELETE", f"/cti/control/{{me}}/calls/{onward['callId']}{path}") == (
        404,
        "participantId.does.not.exist",
    )
    wout.act(after, "", "DELETE")
    assert sandbox.company(COMPANY)["calls"] == []


def test_a_transferred_call_was_not_transferred_to_who_joins_it(
    sandbox: SandboxHandle, wout: Dstny, vera: Dstny
) -> None:
    wout.act(talking(sandbox, wout), "/transfer", destination="tel:301", blind=True)
    assert vera.answer()["historyInfo"]["previousRetargetReason"] == "TRANSFERRED"
    wout.dial("tel:301", type="MONITOR")
    assert "historyInfo" not in wout.call("ACTIVE")
