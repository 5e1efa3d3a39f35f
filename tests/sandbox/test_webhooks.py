"""What subscribers receive: the envelopes of the ten event types, in every dialect."""

import re

import pytest

from tests.sandbox.kwebbl import Kwebbl
from tests.sandbox.receiver import Receiver
from tests.sandbox_server import SandboxHandle


def ids(sandbox: SandboxHandle, company: str = "acme") -> dict[str, str]:
    return {each["number"]: each["id"] for each in sandbox.company(company)["extensions"]}


def phone(sandbox: SandboxHandle, number: str) -> dict[str, str]:
    """A user as the detailed mode shows them."""
    return {"extension_id": ids(sandbox)[number], "number": number, "caller_id": "31205550100"}


def test_ring_group_is_one_call_that_rings_several(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    admin.subscribe(receiver)
    call = sandbox.ring_in("31205550110", caller="+31612345678", name="<b>Jan</b>")
    sandbox.act(call, "answer", extension="1002")
    sandbox.act(call, "hangup")
    events = receiver.wait(6)
    customer = {"number": "31612345678", "caller_id": "<b>Jan</b>"}
    sales = {"extension_id": ids(sandbox)["2001"], "number": "31205550110"}
    assert [(event["event_type"], event["to"].get("number")) for event in events] == [
        ("created", "31205550110"),
        ("ringing", "1001"),
        ("ringing", "1002"),
        ("ringing", "1003"),
        ("answered", "1002"),
        ("terminated", "1002"),
    ]
    assert {event["call_id"] for event in events} == {call}
    assert all(event["from"] == customer and event["direction"] == "inbound" for event in events)
    assert [event.get("via") for event in events] == [None, *[sales] * 5]
    assert events[4]["to"] == phone(sandbox, "1002")
    assert events[5]["reason"] == "hangup"
    assert len({event["id"] for event in events}) == 6
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"]) for event in events)


def test_presence_tells_little(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    admin.subscribe(receiver, mode="presence")
    call = sandbox.ring_in("31205550100", name="Jan")
    ringing = receiver.wait(2)[1]
    assert ringing == {
        "id": ringing["id"],
        "event_type": "ringing",
        "call_id": call,
        "from": {"caller_id": "anonymous"},
        "to": {"extension_id": ids(sandbox)["1001"]},
        "direction": "inbound",
        "time": ringing["time"],
    }


def test_anonymous_caller_has_no_number(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    admin.subscribe(receiver)
    sandbox.ring_in("1001", anonymous=True)
    assert receiver.wait(1)[0]["from"] == {"caller_id": "anonymous"}


def test_hold_resume_and_recording(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    admin.subscribe(receiver, event_types=["holding", "resume", "start_recording", "stop_recording"])
    words: dict[str, str]
    for words in ({}, {"resume_word": "resumed", "recording_words": "hyphen"}):
        sandbox.set("dialect", **words)
        call = sandbox.ring_in("1001")
        sandbox.act(call, "answer", extension="1001")
        for action in ("hold", "resume", "start-recording", "stop-recording"):
            sandbox.act(call, action)
    assert receiver.types(8) == [
        *("holding", "resume", "start_recording", "stop_recording"),
        *("holding", "resumed", "start-recording", "stop-recording"),
    ]


def test_blind_transfer(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    call = sandbox.ring_in("1001")
    sandbox.act(call, "answer", extension="1001")
    admin.subscribe(receiver)
    admin.send("POST", f"/calls/{call}/transfer", {"target": {"number": "1003"}})
    transferred, ringing = receiver.wait(2)
    customer = {"number": "31612345678", "caller_id": "31612345678"}
    assert transferred == {
        "id": transferred["id"],
        "event_type": "transferred",
        "call_id": call,
        "before": {"from": customer, "to": phone(sandbox, "1001")},
        "after": {"from": customer, "to": phone(sandbox, "1003")},
        "initiator": phone(sandbox, "1001"),
        "transfer_type": "blind",
        "time": transferred["time"],
    }
    assert (ringing["event_type"], ringing["to"]) == ("ringing", phone(sandbox, "1003"))


def attended(sandbox: SandboxHandle) -> tuple[str, str]:
    call = sandbox.ring_in("1001")
    sandbox.act(call, "answer", extension="1001")
    consultation = sandbox.act(call, "transfer", to="1002", mode="attended")["id"]
    sandbox.act(consultation, "answer", extension="1002")
    sandbox.act(call, "finish-transfer")
    return call, str(consultation)


def test_attended_transfer_has_a_consultation_leg(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    admin.subscribe(receiver)
    call, consultation = attended(sandbox)
    events = receiver.wait(10)
    assert [(event["event_type"], event.get("call_id")) for event in events] == [
        ("created", call),
        ("ringing", call),
        ("answered", call),
        ("holding", call),
        ("created", consultation),
        ("ringing", consultation),
        ("answered", consultation),
        ("bridged", None),
        ("transferred", call),
        ("terminated", consultation),
    ]
    assert [(leg["call_id"], leg["to"]["number"], leg["direction"]) for leg in events[7]["calls"]] == [
        (call, "1001", "inbound"),
        (consultation, "1002", "outbound"),
    ]
    assert events[8]["transfer_type"] == "attended"
    assert events[8]["after"]["to"] == phone(sandbox, "1002")


def test_attended_transfer_without_the_consultation_leg(
    sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver
) -> None:
    sandbox.set("dialect", consultation_leg=False)
    admin.subscribe(receiver)
    attended(sandbox)
    assert receiver.types(5) == ["created", "ringing", "answered", "holding", "transferred"]


@pytest.mark.parametrize(("prefix", "number"), [("", "31612345678"), ("+", "+31612345678"), ("00", "0031612345678")])
def test_prefix_of_external_numbers(
    sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver, prefix: str, number: str
) -> None:
    sandbox.set("dialect", external_prefix=prefix)
    admin.subscribe(receiver)
    sandbox.ring_in("31205550100")
    created, ringing = receiver.wait(2)
    assert (created["from"]["number"], created["to"]["number"]) == (number, f"{prefix}31205550100")
    assert ringing["to"]["number"] == "1001"


def test_other_readings(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    sandbox.set("dialect", created_call_id=False, json_numbers=True, internal_direction="inbound", reasons="hangup")
    admin.subscribe(receiver)
    sandbox.control("POST", "/companies/acme/calls", from_extension="1001", to="1002")
    call = receiver.wait(2)[1]["call_id"]
    sandbox.act(call, "reject", extension="1002")
    created, ringing, terminated = receiver.wait(3)
    assert "call_id" not in created
    assert (ringing["from"]["number"], ringing["direction"]) == (1001, "inbound")
    assert terminated["reason"] == "hangup"


@pytest.mark.parametrize(
    ("action", "fields", "reason"),
    [("reject", {"extension": "1001"}, "rejected"), ("hangup", {}, "cancelled")],
)
def test_reason_of_an_unanswered_call(
    sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver, action: str, fields: dict[str, str], reason: str
) -> None:
    admin.subscribe(receiver, event_types=["terminated"])
    sandbox.act(sandbox.ring_in("1001"), action, **fields)
    assert receiver.wait(1)[0]["reason"] == reason


def test_nobody_answers_in_time(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    sandbox.set("behaviour", ring_timeout_s=0.05)
    admin.subscribe(receiver, event_types=["terminated"])
    sandbox.ring_in("31205550110")
    assert receiver.wait(1)[0]["reason"] == "no_answer"


def test_customer_answers_by_themselves(sandbox: SandboxHandle, admin: Kwebbl, receiver: Receiver) -> None:
    sandbox.set("behaviour", customer_answers_after_s=0.05)
    admin.subscribe(receiver)
    admin.send("POST", "/calls", {"to": {"number": "+31612345678"}})
    assert receiver.types(3) == ["created", "ringing", "answered"]
