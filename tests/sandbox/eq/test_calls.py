"""What there is to be asked: active, queued and parked calls, conferences, recordings."""

import pytest

from tests.sandbox.eq.client import COMPANY, CUSTOMER, Eq, ring_in, talk
from tests.sandbox_server import SandboxHandle, wait_for


def act(sandbox: SandboxHandle, call: str, action: str, **fields: object) -> None:
    sandbox.act(call, action, COMPANY, **fields)


def test_a_call_as_its_extension_has_it(eq: Eq, sandbox: SandboxHandle) -> None:
    assert eq.calls() == []
    call = ring_in(sandbox)
    (ringing,) = eq.calls()
    assert ringing["channel"].startswith("SIP/502-")
    assert (ringing["uniqueId"], ringing["direction"], ringing["queue"]) == (call, "inbound", None)
    assert (ringing["callerId"], ringing["callerName"], ringing["destination"]) == (CUSTOMER, "Jan Jansen", "502")
    assert (ringing["state"], ringing["answerTime"]) == ("ringing", None)
    act(sandbox, call, "answer", extension="502")
    (talking,) = eq.calls()
    assert (talking["state"], talking["channel"], talking["id"]) == ("talking", ringing["channel"], ringing["id"])
    assert talking["answerTime"] >= talking["startTime"]
    act(sandbox, call, "hold", extension="502")
    assert eq.states("502") == [["onHold"]]
    act(sandbox, call, "hangup")
    assert eq.calls() == []


def test_a_call_between_colleagues_has_two_channels(eq: Eq) -> None:
    eq.act("502", "dial", destination="503")
    assert eq.states("502", "503") == [["dialing"], ["ringing"]]
    (own,), (other,) = eq.calls("502"), eq.calls("503")
    assert own["id"] == other["id"]
    assert own["channel"] != other["channel"]
    assert (other["callerId"], other["callerName"], other["direction"]) == ("502", "Zeno Wiersma", "internal")


def test_a_direct_number_rings_an_extension(eq: Eq, sandbox: SandboxHandle) -> None:
    ring_in(sandbox, "31505550503")
    (call,) = eq.calls("503")
    assert (call["extension"], call["destination"]) == ("503", "503")


def test_a_withheld_number_is_blank(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.ring_in("502", COMPANY, anonymous=True)
    assert [(each["callerId"], each["callerName"]) for each in eq.calls()] == [("", None)]


def test_channels_go_on_through_an_attended_transfer(eq: Eq, sandbox: SandboxHandle) -> None:
    call = talk(sandbox)
    act(sandbox, call, "transfer", extension="502", to="503", mode="attended")
    assert eq.states("502", "503") == [["onHold", "dialing"], ["ringing"]]
    consultation = eq.calls("503")[0]
    act(sandbox, consultation["uniqueId"], "answer", extension="503")
    act(sandbox, call, "finish-transfer")
    assert eq.calls("502") == []
    (taken,) = eq.calls("503")
    assert (taken["channel"], taken["uniqueId"]) == (consultation["channel"], call)
    assert (taken["state"], taken["callerId"]) == ("talking", CUSTOMER)


def test_a_queued_call_waits_in_line(eq: Eq, sandbox: SandboxHandle) -> None:
    for number in ("502", "503", "504"):
        sandbox.control("POST", f"/companies/{COMPANY}/queues/601/agents/{number}/pause")
    first, second = ring_in(sandbox, "601"), ring_in(sandbox, "601")
    queued = eq.get("/queued_calls", queue="601")
    assert [(each["uniqueId"], each["position"]) for each in queued] == [(first, 1), (second, 2)]
    assert (queued[0]["queue"], queued[0]["callerId"], queued[0]["ringing"]) == ("601", CUSTOMER, [])
    assert eq.get("/queued_calls", queue="602") == []
    assert eq.get("/queued_calls") == queued
    assert eq.refusal("GET", "/queued_calls", queue="502") == (400, [("queue", "nonexistent")])
    sandbox.control("POST", f"/companies/{COMPANY}/queues/601/agents/503/resume")
    assert eq.get("/queued_calls")[0]["ringing"] == ["503"]
    assert eq.calls("503")[0]["queue"] == "601"


def test_a_call_is_stolen_from_the_queue(eq: Eq, sandbox: SandboxHandle) -> None:
    call = ring_in(sandbox, "601")
    (queued,) = eq.get("/queued_calls")
    eq.done("POST", "/steal_queued_call", channel=queued["channel"], destination="501")
    assert eq.get("/queued_calls") == []
    assert eq.states("501", "502") == [["ringing"], []]
    act(sandbox, call, "answer", extension="501")
    assert eq.states("501") == [["talking"]]
    again = eq.refusal("POST", "/steal_queued_call", channel=queued["channel"], destination="501")
    assert again == (400, [("channel", "nonexistent")])


def test_a_call_is_stolen_for_somebody_outside(eq: Eq, sandbox: SandboxHandle) -> None:
    call = ring_in(sandbox, "601")
    channel = eq.get("/queued_calls")[0]["channel"]
    refused = eq.refusal("POST", "/steal_queued_call", channel=channel, destination="99")
    assert refused == (400, [("destination", "invalid")])
    eq.done("POST", "/steal_queued_call", channel=channel, destination="0687654321")
    (shown,) = sandbox.company(COMPANY)["calls"]
    assert [(leg["number"], leg["state"]) for leg in shown["legs"] if leg["state"] == "alerting"] == [
        ("31687654321", "alerting")
    ]
    assert shown["id"] == call


def test_a_parked_call_is_picked_up(eq: Eq, sandbox: SandboxHandle) -> None:
    call = talk(sandbox)
    eq.act("502", "park")
    assert eq.calls() == []
    (parked,) = eq.get("/parked_calls")
    assert (parked["uniqueId"], parked["space"], parked["parkedBy"]) == (call, "801", "502")
    assert (parked["callerId"], parked["timeoutTime"] - parked["startTime"]) == (CUSTOMER, 120)
    eq.done("POST", "/pick_up_parked_call", channel=parked["channel"], destination="503")
    assert eq.get("/parked_calls") == []
    assert eq.states("503") == [["ringing"]]
    act(sandbox, call, "answer", extension="503")
    assert eq.states("503") == [["talking"]]


def test_targets_may_be_connected_at_once(eq: Eq, sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", COMPANY, target="connected")
    ring_in(sandbox, "601")
    eq.done("POST", "/steal_queued_call", channel=eq.get("/queued_calls")[0]["channel"], destination="501")
    assert eq.states("501") == [["talking"]]
    eq.act("501", "blindTransfer", destination="502")
    assert eq.states("501", "502") == [[], ["talking"]]
    eq.act("502", "park")
    eq.done("POST", "/pick_up_parked_call", channel=eq.get("/parked_calls")[0]["channel"], destination="503")
    assert eq.states("503") == [["talking"]]


def test_a_parked_call_can_be_fetched_by_dialling_its_space(eq: Eq, sandbox: SandboxHandle) -> None:
    talk(sandbox)
    eq.act("502", "park")
    eq.act("504", "dial", destination="801")
    assert eq.states("504") == [["talking"]]


def test_a_conference_has_members(eq: Eq, sandbox: SandboxHandle) -> None:
    assert eq.get("/active_conferences") == []
    call, other = talk(sandbox), talk(sandbox)
    act(sandbox, call, "conference", extension="502", **{"with": other})
    (conference,) = eq.get("/active_conferences")
    assert [each["callerId"] for each in conference["members"]] == [CUSTOMER, "502", CUSTOMER]


@pytest.mark.parametrize("field", ["id", "uniqueId"])
def test_recordings_are_paths_of_files(eq: Eq, sandbox: SandboxHandle, field: str) -> None:
    talk(sandbox)
    (call,) = eq.calls()
    query = {"call" if field == "id" else "call_unique_id": call[field]}
    assert eq.get("/call_recordings", **query) == []
    eq.done("POST", "/call_recording_action", extension="502", action="start")
    eq.done("POST", "/call_recording_action", extension="502", action="stop")
    (path,) = eq.get("/call_recordings", **query)
    folder = sandbox.company(COMPANY)["recordings_folder"]
    assert path.startswith(f"{folder}/20")
    assert path.endswith(f"-{call['uniqueId']}.wav")
    sound = sandbox.request("GET", f"/eq/{COMPANY}/monitor{path.removeprefix(folder)}")
    assert (sound.status, sound.body[:4]) == (200, b"RIFF")


def test_recordings_of_nothing(eq: Eq, sandbox: SandboxHandle) -> None:
    assert eq.refusal("GET", "/call_recordings") == (400, [("call", "blank")])
    assert eq.refusal("GET", "/call_recordings", call=99) == (400, [("call", "nonexistent")])
    assert sandbox.request("GET", f"/eq/{COMPANY}/monitor/2026/x.wav").status == 404


def test_a_queue_may_record_everything(eq: Eq, sandbox: SandboxHandle) -> None:
    data = {"name": "Support", "type": 0, "recordingFormat": "wav"}
    eq.done("PUT", "/call_queue/601", data=data)
    call = ring_in(sandbox, "601")
    rung = eq.get("/queued_calls")[0]["ringing"][0]
    act(sandbox, call, "answer", extension=rung)
    assert eq.calls(rung)[0]["recording"] is True
    act(sandbox, call, "hangup")
    (path,) = wait_for(lambda: eq.get("/call_recordings", call_unique_id=call))
    assert "/q-601-" in path
