"""What one does during a call: tags, coach, recording, keys, talk options."""

from typing import Any

import pytest

from tests.sandbox.callgear.client import COMPANY, CallGear

IRIS, KIM = "Iris Hofman", "Kim Peters"


@pytest.fixture
def talk(callgear: CallGear) -> int:
    """Jan Jansen talks to Iris."""
    return callgear.talk()


def shown(callgear: CallGear) -> Any:
    """The call as the console has it."""
    (call,) = callgear.sandbox.company(COMPANY)["calls"]
    return call


def test_tags(callgear: CallGear, talk: int) -> None:
    assert callgear.do("tag.call", call_session_id=talk, tag_id=254) == {"success": "true"}
    assert callgear.session()["tags"] == [{"tag_id": 254, "tag_name": "Relevant"}]
    assert callgear.refusal("tag.call", call_session_id=talk, tag_id=254) == (-32602, "duplicate_tag", "tag_id")
    assert callgear.refusal("tag.call", call_session_id=talk, tag_id=1) == (-32602, "tag_not_found", "tag_id")
    assert callgear.refusal("tag.call", call_session_id=1, tag_id=254)[1] == "call_session_not_found"
    assert callgear.refusal("tag.call", call_session_id=str(talk), tag_id=254)[1] == "data_type_error"


def test_a_coach(callgear: CallGear, talk: int) -> None:
    assert callgear.refusal("add.coach", call_session_id=talk) == (-32602, "coach_not_found", None)
    expected = (-32602, "no_active_phone_number", "phone_number")
    for number in ("31687654321", "999", "900"):
        assert callgear.refusal("add.coach", call_session_id=talk, phone_number=number) == expected
    callgear.do("add.coach", call_session_id=talk, phone_number="0770703")
    legs = {each["employee_full_name"]: each for each in callgear.session()["legs"]}
    assert (legs[KIM]["state"], legs[KIM]["is_operator"]) == ("Talk", False)
    assert shown(callgear)["legs"][-1]["supervises"] == "whisper"
    callgear.do("disconnect.leg", call_session_id=talk, leg_id=legs[KIM]["leg_id"])
    assert callgear.legs() == {None: "Talk", IRIS: "Talk"}


def test_the_coach_of_the_client_area(callgear: CallGear, talk: int) -> None:
    callgear.set("connection", coach="703")
    callgear.set("behaviour", auto_pickup=False)
    callgear.do("add.coach", call_session_id=talk)
    assert callgear.legs()[KIM] == "Redial"
    callgear.act(talk, "answer", extension="703")
    assert callgear.legs()[KIM] == "Talk"


def test_recording(callgear: CallGear, talk: int) -> None:
    def record(action: str) -> str:
        answer = callgear.ask("record.call", call_session_id=talk, action=action)
        return str(answer["error"]["data"]["mnemonic"] if "error" in answer else answer["result"]["data"]["success"])

    assert record("off") == "record_already_stopped"
    assert record("on") == "true"
    assert [each["record_call_enabled"] for each in callgear.session()["legs"]] == [True, True]
    assert record("on") == "record_already_started"
    assert record("off") == "true"
    assert record("pause") == "invalid_parameter_value"


def test_recording_that_cannot_be_switched_off(callgear: CallGear) -> None:
    callgear.set("connection", record_everything=True)
    talk = callgear.talk()
    assert callgear.session()["legs"][0]["record_call_enabled"] is True
    assert callgear.refusal("record.call", call_session_id=talk, action="off") == (-32003, "forbidden", None)


def test_somebody_anonymous_cannot_be_blocked(callgear: CallGear) -> None:
    session_id = callgear.ring_in(anonymous=True)
    assert callgear.session()["contact_phone_number"] is None
    assert callgear.refusal("block.contact", call_session_id=session_id) == (-32004, "invalid_state", None)


def test_keys(callgear: CallGear, talk: int) -> None:
    assert callgear.do("send.dtmf", call_session_id=talk, dtmf_string="#") == {"success": "true"}
    assert shown(callgear)["digits"] == ["#"]
    expected = (-32602, "invalid_parameter_value", "dtmf_string")
    assert callgear.refusal("send.dtmf", call_session_id=talk, dtmf_string="12") == expected
    ringing = callgear.ring_in("31705550701")
    assert callgear.refusal("send.dtmf", call_session_id=ringing, dtmf_string="1") == (-32004, "invalid_state", None)


def test_talk_options_are_listed(callgear: CallGear) -> None:
    options = callgear.do("list.talk_options")
    assert options[0] == {
        "button": "1",
        "mnemonic": "tag_call",
        "name": "Tag",
        "button_value": {"id": 254, "value": "Relevant"},
    }
    assert [each["mnemonic"] for each in options[1:]] == [
        "record_talk",
        "call_coach",
        "run_scenario",
        "finish_conversation",
    ]


def test_talk_options(callgear: CallGear, talk: int) -> None:
    def press(button: str) -> None:
        callgear.do("call.talk_option", call_session_id=talk, button=button)

    callgear.set("connection", coach="703")
    press("1")
    assert callgear.session()["tags"] == [{"tag_id": 254, "tag_name": "Relevant"}]
    press("2")
    assert callgear.session()["legs"][0]["record_call_enabled"] is True
    press("2")
    assert callgear.session()["legs"][0]["record_call_enabled"] is False
    press("3")
    assert callgear.legs()[KIM] == "Talk"
    press("3")
    assert KIM not in callgear.legs()
    expected = (-32602, "talk_option_not_found", "button")
    assert callgear.refusal("call.talk_option", call_session_id=talk, button="9") == expected
    press("0")
    assert callgear.sessions() == []


def test_a_talk_option_runs_a_scenario(callgear: CallGear) -> None:
    talk = callgear.talk("31705550701", "703")
    callgear.do("call.talk_option", call_session_id=talk, button="4")
    assert callgear.legs() == {None: "Transferring call", IRIS: "Redial", "Joris Blom": "Redial"}
