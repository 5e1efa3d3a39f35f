"""Telephony-session and presence events: what is told of calls as they go, to whom, and in which form."""

from typing import Any

import pytest

from sandbox.engine.model import Cause
from sandbox.faces.ringcentral.parties import REASONS
from tests.sandbox.ringcentral.client import COMPANY, RingCentral
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
    assert {code for _, code, _ in hook.story()} & {"VoiceMail", "Voicemail"} == {word}


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


def test_somebody_anonymous(sandbox: SandboxHandle, rosa: RingCentral, hook: Hook) -> None:
    rosa.subscribe(hook)
    sandbox.ring_in("101", COMPANY, anonymous=True)
    assert hook.wait(4)[3]["body"]["parties"][0]["from"] == {"phoneNumber": "anonymous"}


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
