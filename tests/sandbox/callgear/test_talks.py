"""Holding, consulting, transferring: the state diagram, and what "list.calls" shows meanwhile."""

from typing import Any

import pytest

from tests.sandbox.callgear.client import CUSTOMER, RECEPTION, TTS, CallGear
from tests.sandbox_server import wait_for

IRIS, JORIS, KIM = "Iris Hofman", "Joris Blom", "Kim Peters"
INVALID_STATE = (-32004, "invalid_state", None)


@pytest.fixture
def talk(callgear: CallGear) -> int:
    """Jan Jansen talks to Iris."""
    return callgear.talk()


def act(callgear: CallGear, method: str, session_id: int, **params: Any) -> Any:
    return callgear.do(method, call_session_id=session_id, **params)


def hold(callgear: CallGear, session_id: int) -> None:
    act(callgear, "hold.call", session_id, contact_message=TTS)


def consult(callgear: CallGear, session_id: int, to: str = "703") -> None:
    hold(callgear, session_id)
    act(callgear, "make.call", session_id, to=to)


def test_a_call_rings_and_is_answered(callgear: CallGear) -> None:
    session_id = callgear.ring_in()
    session = callgear.session()
    legs = session.pop("legs")
    assert session == {
        "call_session_id": session_id,
        "direction": "in",
        "start_time": session["start_time"],
        "virtual_phone_number": RECEPTION,
        "contact_phone_number": CUSTOMER,
        "external_id": None,
        "tags": [],
    }
    contact, iris, joris = legs
    assert contact == {
        "leg_id": contact["leg_id"],
        "calling_phone_number": CUSTOMER,
        "called_phone_number": RECEPTION,
        "is_operator": False,
        "employee_id": None,
        "employee_full_name": None,
        "record_call_enabled": False,
        "state": "Redial",
    }
    assert iris == contact | {
        "leg_id": iris["leg_id"],
        "called_phone_number": "0770701",
        "is_operator": True,
        "employee_id": callgear.employee("701"),
        "employee_full_name": IRIS,
    }
    callgear.act(session_id, "answer", extension="702")
    assert callgear.legs() == {None: "Talk", JORIS: "Talk"}
    assert callgear.leg(JORIS) == joris["leg_id"]


def test_hold_and_unhold(callgear: CallGear, talk: int) -> None:
    hold(callgear, talk)
    assert callgear.legs() == {None: "On hold", IRIS: "Talk"}
    assert act(callgear, "unhold.call", talk) == {"success": "true"}
    assert callgear.legs() == {None: "Talk", IRIS: "Talk"}


def test_consult_and_transfer(callgear: CallGear, talk: int) -> None:
    contact = callgear.leg(None)
    consult(callgear, talk)
    assert callgear.legs() == {None: "On hold", IRIS: "Redial", KIM: "Redial"}
    kim = callgear.leg(KIM)
    callgear.consulted("answer", "703")
    assert callgear.legs() == {
        None: "On hold",
        IRIS: "Operators' conversation",
        KIM: "Operators' conversation",
    }
    act(callgear, "transfer.talk", talk)
    assert callgear.legs() == {None: "Talk", KIM: "Talk"}
    assert (callgear.leg(None), callgear.leg(KIM)) == (contact, kim)


def test_transfer_before_the_other_answers(callgear: CallGear, talk: int) -> None:
    consult(callgear, talk)
    act(callgear, "transfer.talk", talk)
    assert callgear.legs() == {None: "Transferring call", KIM: "Redial"}
    callgear.act(talk, "answer", extension="703")
    assert callgear.legs() == {None: "Talk", KIM: "Talk"}


@pytest.mark.parametrize("answered", [False, True])
def test_restore(callgear: CallGear, talk: int, answered: bool) -> None:
    consult(callgear, talk)
    if answered:
        callgear.consulted("answer", "703")
    act(callgear, "restore.talk", talk)
    assert callgear.legs() == {None: "Talk", IRIS: "Talk"}


def test_a_consultation_that_is_refused_brings_the_talk_back(callgear: CallGear, talk: int) -> None:
    consult(callgear, talk)
    callgear.consulted("reject", "703")
    assert callgear.legs() == {None: "Talk", IRIS: "Talk"}


def test_a_customer_who_leaves_takes_the_consultation_along(callgear: CallGear, talk: int) -> None:
    consult(callgear, talk)
    callgear.consulted("answer", "703")
    callgear.act(talk, "hangup")
    assert callgear.sessions() == []
    assert callgear.sandbox.control("GET", "/companies/acme-callgear/calls") == []


@pytest.mark.parametrize(("to", "reached"), [("31612000703", KIM), ("0771703", KIM), ("31687654321", None)])
def test_numbers_that_can_be_consulted(callgear: CallGear, talk: int, to: str, reached: str | None) -> None:
    consult(callgear, talk, to)
    consulted = callgear.session()["legs"][-1]
    assert (consulted["is_operator"], consulted["employee_full_name"]) == (True, reached)


def test_nobody_can_be_consulted_by_a_number_that_nobody_has(callgear: CallGear, talk: int) -> None:
    hold(callgear, talk)
    expected = (-32602, "no_active_phone_number", "to")
    assert callgear.refusal("make.call", call_session_id=talk, to="999") == expected
    assert callgear.legs()[None] == "On hold"


ALLOWED = {
    "hold.call": {"talk"},
    "unhold.call": {"hold"},
    "make.call": {"hold"},
    "transfer.talk": {"dialing", "operator talk"},
    "restore.talk": {"dialing", "operator talk"},
}
PARAMS: dict[str, dict[str, Any]] = {"hold.call": {"contact_message": TTS}, "make.call": {"to": "702"}}


def bring(callgear: CallGear, state: str) -> int:
    """A session in that state."""
    if state == "ringing":
        return callgear.ring_in()
    session_id = callgear.talk()
    if state == "hold":
        hold(callgear, session_id)
    elif state != "talk":
        consult(callgear, session_id)
        if state == "operator talk":
            callgear.consulted("answer", "703")
    return session_id


@pytest.mark.parametrize("state", ["ringing", "talk", "hold", "dialing", "operator talk"])
def test_what_cannot_be_done_in_a_state(callgear: CallGear, state: str) -> None:
    session_id = bring(callgear, state)
    for method in [each for each, states in ALLOWED.items() if state not in states]:
        params = PARAMS.get(method, {})
        assert callgear.refusal(method, call_session_id=session_id, **params) == INVALID_STATE


def test_disconnecting_the_contact_or_the_last_operator_ends_the_session(callgear: CallGear) -> None:
    for who in (None, IRIS):
        session_id = callgear.talk()
        act(callgear, "disconnect.leg", session_id, leg_id=callgear.leg(who))
        assert callgear.sessions() == []


def test_disconnecting_whoever_is_consulted_brings_the_talk_back(callgear: CallGear, talk: int) -> None:
    consult(callgear, talk)
    act(callgear, "disconnect.leg", talk, leg_id=callgear.leg(KIM))
    assert callgear.legs() == {None: "Talk", IRIS: "Talk"}
    expected = (-32602, "leg_not_found", "leg_id")
    assert callgear.refusal("disconnect.leg", call_session_id=talk, leg_id=1) == expected


def test_release(callgear: CallGear, talk: int) -> None:
    consult(callgear, talk)
    assert act(callgear, "release.call", talk) == {"success": "true"}
    assert callgear.sessions() == []
    expected = (-32602, "call_session_not_found", "call_session_id")
    assert callgear.refusal("release.call", call_session_id=talk) == expected


def test_messages_while_holding(callgear: CallGear, talk: int) -> None:
    for message, expected in (
        (None, ("required_parameter_missed", "contact_message")),
        ("hello", ("data_type_error", "contact_message")),
        ({"type": "song", "value": "x"}, ("invalid_parameter_value", "contact_message.type")),
        ({"type": "tts"}, ("required_parameter_missed", "contact_message.value")),
        ({"type": "media", "value": "9"}, ("media_file_not_found", "contact_message.value")),
        ({"type": "tts", "value": "x" * 501}, ("tts_text_exceeded", "contact_message.value")),
    ):
        assert callgear.refusal("hold.call", call_session_id=talk, contact_message=message) == (-32602, *expected)
    assert callgear.do("hold.call", call_session_id=talk, contact_message={"type": "media", "value": "2702"})


def test_a_queue(callgear: CallGear) -> None:
    for extension in ("702", "703"):
        path = f"/companies/acme-callgear/queues/902/agents/{extension}/pause"
        callgear.sandbox.control("POST", path)
    callgear.ring_in("31705550702")
    assert callgear.legs() == {None: "Next in line"}
    callgear.sandbox.control("POST", "/companies/acme-callgear/queues/902/agents/703/resume")
    assert wait_for(lambda: KIM in callgear.legs())


def test_other_readings_of_the_document(callgear: CallGear, talk: int) -> None:
    callgear.set("dialect", success="boolean", talk_state="Conversation", held_legs="both", start_time="table")
    assert callgear.do("hold.call", call_session_id=talk, contact_message=TTS) == {"success": True}
    assert callgear.legs() == {None: "On hold", IRIS: "On hold"}
    callgear.do("unhold.call", call_session_id=talk)
    assert callgear.legs() == {None: "Conversation", IRIS: "Conversation"}
    assert "T" not in callgear.session()["start_time"]
    callgear.set("dialect", ended_legs=True, start_time="agreement", utc_offset_h=3)
    assert callgear.legs()[JORIS] == "Disconnect"
    assert callgear.session()["start_time"].endswith("Z")


def test_lists_are_filtered(callgear: CallGear, talk: int) -> None:
    assert callgear.do("list.calls", direction="out") == []
    assert callgear.do("list.calls", virtual_phone_number="31705550701") == []
    assert len(callgear.do("list.calls", direction="in", virtual_phone_number=RECEPTION)) == 1
    assert callgear.refusal("list.calls", direction="up") == (-32602, "invalid_parameter_value", "direction")


def test_calls_of_phones(callgear: CallGear) -> None:
    callgear.sandbox.control("POST", "/companies/acme-callgear/calls", from_extension="701", to="31687654321")
    session = callgear.session()
    assert (session["direction"], session["contact_phone_number"]) == ("out", "31687654321")
    assert session["virtual_phone_number"] == RECEPTION
    assert callgear.legs() == {IRIS: "Redial", None: "Redial"}
    callgear.do("release.call", call_session_id=session["call_session_id"])
    callgear.sandbox.control("POST", "/companies/acme-callgear/calls", from_extension="701", to="702")
    assert callgear.session()["virtual_phone_number"] is None
    assert callgear.legs() == {IRIS: "Redial", JORIS: "Redial"}
