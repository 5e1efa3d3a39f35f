"""How notifications look, which of them a filter lets through, and those of presence and messages."""

import pytest

from tests.sandbox.ringcentral.client import COMPANY, SESSIONS, RingCentral
from tests.sandbox.ringcentral.hook import Hook
from tests.sandbox_server import SandboxHandle, wait_for


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("direction=Outbound", {"1"}),
        ("direction=Inbound", {"2"}),
        ("phoneNumber=+31612345678", {"1", "2"}),
        ("phoneNumber=%2B31699999999", set()),
        ("missedCall=true", {"2"}),
        ("withRecordings=true", set()),
    ],
)
def test_query_parameters_narrow_the_parties(
    sandbox: SandboxHandle, rosa: RingCentral, hook: Hook, query: str, expected: set[str]
) -> None:
    with Hook.listening() as witness:
        rosa.subscribe(hook, f"{SESSIONS}?{query}")
        rosa.subscribe(witness)
        sandbox.act(sandbox.ring_in("101", COMPANY), "hangup", COMPANY)
        witness.until("Disconnected", "2")
        wait_for(lambda: not expected or ("2" not in expected) or ("2", "Disconnected", "Cancelled") in hook.story())
        assert {party for party, _, _ in hook.story()} == expected


def test_status_codes_are_chosen_by_several_filters(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook, f"{SESSIONS}?statusCode=Answered", f"{SESSIONS}?statusCode=Hold")
    call_id = sandbox.ring_in("101", COMPANY)
    sandbox.act(call_id, "answer", COMPANY, extension="101")
    sandbox.act(call_id, "hold", COMPANY, extension="101")
    hook.until("Hold", "2")
    assert hook.story() == [("1", "Answered", None), ("2", "Answered", None), ("2", "Hold", None)]
    assert hook.events[-1]["event"].endswith("/telephony/sessions?statusCode=Hold")


def test_sip_data_is_for_those_who_ask(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook, f"{SESSIONS}?sipData=true", SESSIONS)
    sandbox.ring_in("101", COMPANY)
    wait_for(lambda: len(hook.events) == 8)
    for event in hook.events:
        sip_data = event["body"]["parties"][0].get("sipData")
        asked = event["event"].endswith("sipData=true")
        assert (set(sip_data) if sip_data else None) == ({"callId", "toTag", "fromTag"} if asked else None)


def test_document_example_nests_the_envelope(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    sandbox.set("dialect", COMPANY, envelope="pn_apns", event_query=False)
    rosa.subscribe(hook, f"{SESSIONS}?sipData=true")
    call_id = sandbox.ring_in("101", COMPANY)
    event = wait_for(lambda: hook.events)[0]
    inner = event["pn_apns"]
    assert set(event) == {"uuid", "subscriptionId", "ownerId", "pn_apns"}
    assert (inner["aps"], inner["uuid"], inner["subscriptionId"]) == (
        {"content-available": 1},
        event["uuid"],
        event["subscriptionId"],
    )
    assert inner["event"] == f"/restapi/v1.0/account/{rosa.account_id}/telephony/sessions"
    assert inner["body"]["telephonySessionId"] == call_id


def test_parties_may_come_together(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    sandbox.set("dialect", COMPANY, parties="together")
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("31305550200", COMPANY)
    sandbox.act(call_id, "answer", COMPANY, extension="102")
    hook.until("Answered", "3")
    last = hook.events[-1]["body"]
    assert [each["id"][-1] for each in last["parties"]] == ["1", "2", "3", "4"]
    assert [each["body"]["sequence"] for each in hook.events] == list(range(1, len(hook.events) + 1))


def test_event_time_may_be_the_start_of_the_call(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    sandbox.set("dialect", COMPANY, event_time="call_start")
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("101", COMPANY)
    created = rosa.session(call_id)["creationTime"]
    sandbox.act(call_id, "hangup", COMPANY)
    hook.until("Disconnected", "2")
    assert {each["body"]["eventTime"] for each in hook.events} == {created}


def test_sequences_may_arrive_out_of_order(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    sandbox.set("faults", COMPANY, reorder=1, reorder_ms=300)
    rosa.subscribe(hook)
    for _ in range(3):
        sandbox.act(sandbox.ring_in("101", COMPANY), "hangup", COMPANY)
    events = hook.wait(18)
    arrived = [each["body"]["sequence"] for each in events]
    assert sorted(arrived) == sorted([*range(1, 7)] * 3)
    assert arrived != [*range(1, 7)] * 3


def test_presence_follows_the_calls(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook, "/account/~/extension/~/presence?detailedTelephonyState=true")
    call_id = sandbox.ring_in("101", COMPANY, name="Jan")
    sandbox.act(call_id, "answer", COMPANY, extension="101")
    sandbox.act(call_id, "hold", COMPANY, extension="101")
    sandbox.act(call_id, "hangup", COMPANY)
    bodies = [each["body"] for each in hook.wait(4)]
    assert [each["telephonyStatus"] for each in bodies] == ["Ringing", "CallConnected", "OnHold", "NoCall"]
    assert [each["presenceStatus"] for each in bodies] == ["Busy", "Busy", "Busy", "Available"]
    assert [each["sequence"] for each in bodies] == [1, 2, 3, 4]
    assert [each["totalActiveCalls"] for each in bodies] == [1, 1, 1, 0]
    active = bodies[0]["activeCalls"][0]
    assert {
        name: active[name] for name in ("direction", "from", "fromName", "to", "telephonySessionId", "partyId")
    } == {
        "direction": "Inbound",
        "from": "+31612345678",
        "fromName": "Jan",
        "to": "101",
        "telephonySessionId": call_id,
        "partyId": f"p{call_id[1:]}-2",
    }
    assert "sipData" not in active


def test_plain_presence_names_no_calls(sandbox: SandboxHandle, rosa: RingCentral, sem: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook, "/account/~/presence")
    sem.expect(200, "PUT", "/account/~/extension/~/presence", {"userStatus": "Busy"})
    sandbox.ring_in("102", COMPANY)
    first, second = [each["body"] for each in hook.wait(2)]
    assert (first["extensionId"], first["userStatus"], first["telephonyStatus"]) == (sem.extension_id, "Busy", "NoCall")
    assert (second["telephonyStatus"], "activeCalls" in second) == ("Ringing", False)


def test_messages_are_told(sandbox: SandboxHandle, sem: RingCentral, hook: Hook) -> None:
    own = "/account/~/extension/~"
    sem.subscribe(hook, f"{own}/message-store", f"{own}/voicemail", f"{own}/message-store/instant?type=SMS")
    call_id = sandbox.ring_in("102", COMPANY)
    sem.act(call_id, "forward", {"voicemail": sem.extension_id})
    sandbox.act(call_id, "hangup", COMPANY)
    change, message = [each["body"] for each in hook.wait(2)]
    assert (change["extensionId"], change["changes"][0]["type"]) == (sem.extension_id, "VoiceMail")
    assert (message["type"], message["from"]["phoneNumber"], message["readStatus"]) == (
        "VoiceMail",
        "+31612345678",
        "Unread",
    )
    sandbox.control("POST", f"/companies/{COMPANY}/vendor/receive-message", to="102", text="Hello")
    change, message = [each["body"] for each in hook.wait(4)[2:]]
    assert (change["changes"][0]["type"], message["subject"], message["direction"]) == ("SMS", "Hello", "Inbound")
