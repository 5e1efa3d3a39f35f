"""Telephony-session and presence events: what is told of calls as they go, to whom, and in which form."""

from typing import Any

import pytest

from sandbox.engine.model import Cause
from sandbox.faces.ringcentral.parties import REASONS
from tests.sandbox.ringcentral.client import COMPANY, SESSIONS, RingCentral
from tests.sandbox.ringcentral.hook import Hook
from tests.sandbox_server import SandboxHandle, wait_for

OWN_SESSIONS = "/account/~/extension/~/telephony/sessions"
RINGING = [("1", "Setup", None), ("1", "Proceeding", None), ("2", "Setup", None), ("2", "Proceeding", None)]
ANSWERED = [*RINGING, ("1", "Answered", None), ("2", "Answered", None)]


def test_answered_call_from_outside(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("31305550101", COMPANY, name="Jan Jansen")
    sandbox.act(call_id, "answer", COMPANY, extension="101")
    sandbox.act(call_id, "hangup", COMPANY)
    events = hook.until("Disconnected", "2")
    assert hook.story() == [*ANSWERED, ("1", "Disconnected", "CallFinished"), ("2", "Disconnected", "CallFinished")]
    assert [each["body"]["sequence"] for each in events] == list(range(1, 9))
    body = events[3]["body"]
    assert {name: body[name] for name in ("telephonySessionId", "accountId", "origin", "serverId")} == {
        "telephonySessionId": call_id,
        "accountId": rosa.account_id,
        "origin": {"type": "Call"},
        "serverId": "10.62.25.111.TAM",
    }
    assert body["sessionId"].isdecimal()
    assert body["parties"] == [
        {
            "accountId": rosa.account_id,
            "extensionId": rosa.extension_id,
            "id": f"p{call_id[1:]}-2",
            "direction": "Inbound",
            "from": {"phoneNumber": "+31612345678", "name": "Jan Jansen"},
            "to": {"phoneNumber": "+31305550101", "name": "Rosa Meijer", "extensionId": rosa.extension_id},
            "queueCall": False,
            "status": {
                "code": "Proceeding",
                "rcc": False,
                "mobilePickupData": {
                    "ccMailboxes": [rosa.extension_id],
                    "to": "#31305550101@sip.ringcentral.example:5060",
                    "sid": body["sessionId"],
                    "srvLvl": "-149699523",
                    "srvLvlExt": "390",
                },
            },
            "standAlone": False,
            "muted": False,
            "missedCall": False,
        }
    ]
    answered = events[5]["body"]["parties"][0]
    assert answered["to"]["deviceId"] == rosa.device(0)


def test_parked_call_that_ends_is_parked_no_more(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("31305550101", COMPANY)
    sandbox.act(call_id, "answer", COMPANY, extension="101")
    sandbox.act(call_id, "park", COMPANY, extension="101")
    hook.until("Parked", "2")
    sandbox.act(call_id, "hangup", COMPANY)
    hook.until("Disconnected", "2")
    assert sorted(hook.story()[-2:]) == [("1", "Disconnected", "CallFinished"), ("2", "Disconnected", "CallPark")]


def test_missed_call(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook)
    sandbox.act(sandbox.ring_in("101", COMPANY), "hangup", COMPANY)
    hook.until("Disconnected", "2")
    assert hook.story()[-1] == ("2", "Disconnected", "Cancelled")
    assert [each["missedCall"] for each in hook.parties()] == [False] * 5 + [True]


def test_ring_group_is_a_queue_call(sandbox: SandboxHandle, rosa: RingCentral, sem: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("31305550200", COMPANY)
    sandbox.act(call_id, "answer", COMPANY, extension="102")
    hook.until("Answered", "3")
    hook.until("Disconnected", "4")
    ends = {party: (code, reason) for party, code, reason in hook.story()}
    assert ends == {
        "1": ("Answered", None),
        "2": ("Disconnected", "AgentAnswered"),
        "3": ("Answered", None),
        "4": ("Disconnected", "AgentAnswered"),
    }
    taken = next(each for each in hook.parties() if each["status"]["code"] == "Answered" and each["queueCall"])
    assert (taken["extensionId"], taken["to"]["phoneNumber"]) == (sem.extension_id, "+31305550200")
    assert not any(each["missedCall"] for each in hook.parties())


def test_queue_has_a_party_of_its_own(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("31305550201", COMPANY)
    wait_for(lambda: len(rosa.session(call_id)["parties"]) == 3)
    agent = rosa.session(call_id)["parties"][2]["extensionId"]
    sandbox.act(call_id, "answer", COMPANY, extension=agent)
    hook.until("Answered", "3")
    assert hook.story() == [
        *RINGING,
        ("3", "Setup", None),
        ("3", "Proceeding", None),
        ("1", "Answered", None),
        ("2", "Disconnected", "AgentAnswered"),
        ("3", "Answered", None),
    ]
    assert hook.parties()[2]["extensionId"] == rosa.extension("201")


def test_blind_transfer_brings_a_third_party(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("101", COMPANY)
    sandbox.act(call_id, "answer", COMPANY, extension="101")
    sandbox.act(call_id, "transfer", COMPANY, to="102", extension="101")
    sandbox.act(call_id, "answer", COMPANY, extension="102")
    hook.until("Answered", "3")
    assert hook.story() == [
        *ANSWERED,
        ("2", "Disconnected", "BlindTransfer"),
        ("3", "Setup", None),
        ("3", "Proceeding", None),
        ("3", "Answered", None),
    ]


def test_transferred_party_may_be_gone(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    sandbox.set("dialect", COMPANY, transferred_code="Gone")
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("101", COMPANY)
    sandbox.act(call_id, "answer", COMPANY, extension="101")
    sandbox.act(call_id, "transfer", COMPANY, to="102", extension="101")
    hook.until("Gone", "2")
    assert ("2", "Gone", "BlindTransfer") in hook.story()


def test_attended_transfer_at_the_phone(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    call_id = sandbox.ring_in("101", COMPANY)
    sandbox.act(call_id, "answer", COMPANY, extension="101")
    second = sandbox.act(call_id, "transfer", COMPANY, to="103", mode="attended", extension="101")["id"]
    sandbox.act(second, "answer", COMPANY, extension="103")
    rosa.subscribe(hook)
    sandbox.act(call_id, "finish-transfer", COMPANY)
    wait_for(lambda: ("1", "Disconnected", "AttendedTransfer") in hook.story())
    gone = next(each for each in hook.parties() if each["status"]["code"] == "Gone")
    assert gone["id"] == f"p{second[1:]}-2"
    assert gone["status"]["reason"] == "AttendedTransfer"
    assert {name: gone["status"]["peerId"][name] for name in ("telephonySessionId", "partyId")} == {
        "telephonySessionId": call_id,
        "partyId": f"p{call_id[1:]}-3",
    }
    assert ("2", "Disconnected", "AttendedTransfer") in hook.story()
    assert ("3", "Answered", None) in hook.story()


def test_unanswered_call_goes_to_voicemail_in_the_same_party(
    sandbox: SandboxHandle, rosa: RingCentral, sem: RingCentral, hook: Hook
) -> None:
    rosa.subscribe(hook)
    sandbox.set("behaviour", COMPANY, ring_timeout_s=0.05)
    call_id = sandbox.ring_in("102", COMPANY)
    hook.until("VoiceMail", "2")
    sandbox.act(call_id, "hangup", COMPANY)
    hook.until("Disconnected", "2")
    assert hook.story() == [
        *RINGING,
        ("1", "Answered", None),
        ("2", "VoiceMail", None),
        ("1", "Disconnected", "CallFinished"),
        ("2", "Disconnected", "Voicemail"),
    ]
    assert [each["missedCall"] for each in hook.parties()[-3:]] == [True, False, True]


@pytest.mark.parametrize("word", ["VoiceMail", "Voicemail"])
def test_voicemail_has_two_spellings(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook, word: str) -> None:
    sandbox.set("dialect", COMPANY, voicemail_code=word)
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("101", COMPANY)
    rosa.act(call_id, "forward", {"voicemail": rosa.extension_id})
    hook.until(word, "2")


def test_each_extension_is_told_its_own_view(
    sandbox: SandboxHandle, rosa: RingCentral, sem: RingCentral, hook: Hook
) -> None:
    subscriptions = {user.subscribe(hook, OWN_SESSIONS)["id"]: user.extension_id for user in (rosa, sem)}
    call_id = sandbox.control("POST", f"/companies/{COMPANY}/calls", from_extension="101", to="102")["id"]
    sandbox.act(call_id, "answer", COMPANY, extension="102")
    hook.until("Answered", "1")
    hook.until("Answered", "2")
    for event in hook.events:
        owner = subscriptions[event["subscriptionId"]]
        assert event["body"]["extensionId"] == owner
        assert [each["extensionId"] for each in event["body"]["parties"]] == [owner]
    called = next(each for each in hook.parties() if each["id"].endswith("-2"))
    assert called["direction"] == "Inbound"
    assert called["from"] == {"phoneNumber": "101", "name": "Rosa Meijer", "extensionId": rosa.extension_id}
    assert {each["body"]["sequence"] for each in hook.events} == set(range(1, 7))


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


def test_somebody_anonymous(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook)
    sandbox.ring_in("101", COMPANY, anonymous=True)
    assert hook.wait(4)[3]["body"]["parties"][0]["from"] == {"phoneNumber": "anonymous"}


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


@pytest.mark.parametrize("status", [{"code": "FaxReceive"}, {"code": "Disconnected", "reason": "NotEnoughFunds"}])
def test_console_tells_what_the_engine_never_does(
    sandbox: SandboxHandle, rosa: RingCentral, hook: Hook, status: dict[str, str]
) -> None:
    rosa.subscribe(hook)
    call_id = sandbox.ring_in("101", COMPANY)
    told = sandbox.control("POST", f"/companies/{COMPANY}/vendor/tell-status", call_id=call_id, party=2, status=status)
    last = hook.wait(5)[-1]["body"]
    assert (last["sequence"], last["parties"][0]["status"]) == (told["sequence"], {"rcc": False, **status})
    path = f"/_control/companies/{COMPANY}/vendor/tell-status"
    for wrong in ({"party": 9}, {"call_id": "s-1"}, {"status": "FaxReceive"}):
        fields = {"call_id": call_id, "party": 2, "status": status, **wrong}
        assert sandbox.send_json("POST", path, fields).status == 400


def test_every_cause_has_a_reason() -> None:
    lacking: list[Any] = [each for each in Cause if each not in REASONS]
    assert lacking == []
