""" "Group of methods to make calls": whom each rings first, and what is refused."""

from typing import Any

import pytest

from tests.sandbox.callgear.client import COMPANY, CUSTOMER, NOWHERE, RECEPTION, SERVICE, TTS, CallGear

IRIS, JORIS, KIM = "Iris Hofman", "Joris Blom", "Kim Peters"
BASE = {"virtual_phone_number": RECEPTION, "contact": CUSTOMER}


def scenario(callgear: CallGear, number: str) -> int:
    extensions = callgear.sandbox.company(COMPANY)["extensions"]
    return int(next(each["id"] for each in extensions if each["number"] == number))


def params(callgear: CallGear, method: str, first_call: str, /, **more: Any) -> dict[str, Any]:
    """What the method needs at least, and more."""
    own: dict[str, Any] = {"first_call": first_call}
    if method == "start.employee_call":
        own["employee"] = {"id": callgear.employee("702")}
    elif method == "start.scenario_call":
        own["scenario_id"] = scenario(callgear, "902")
    elif method == "start.simple_call":
        own["operator"] = "31687654321"
    elif method == "start.informer_call":
        own = {"contact_message": TTS}
    return {**BASE, **own, **more}


def first_of(method: str) -> str:
    """What `first_call` names the side that isn't the contact's."""
    return "operator" if method == "start.simple_call" else "employee"


def start(callgear: CallGear, method: str, first_call: str = "employee", **more: Any) -> int:
    data = callgear.do(method, **params(callgear, method, first_call, **more))
    assert data.keys() == {"call_session_id"}
    return int(data["call_session_id"])


def answer(callgear: CallGear, session_id: int, number: str) -> None:
    """Whoever has that number outside."""
    call = next(each for each in callgear.sandbox.company(COMPANY)["calls"] if each["id"] == str(session_id))
    leg = next(each["id"] for each in call["legs"] if each["number"] == number)
    callgear.act(session_id, "answer", leg=leg)


def test_an_employee_is_called_first(callgear: CallGear) -> None:
    more: dict[str, Any] = {
        "direction": "out",
        "external_id": "crm-1",
        "dtmf_string": ".1.2",
        "show_virtual_phone_number": False,
    }
    session_id = start(callgear, "start.employee_call", **more)
    session = callgear.session()
    assert session["call_session_id"] == session_id
    assert (session["direction"], session["external_id"]) == ("out", "crm-1")
    assert session["contact_phone_number"] == CUSTOMER
    employee, contact = session["legs"]
    assert (employee["employee_full_name"], employee["is_operator"], employee["state"]) == (JORIS, True, "Redial")
    assert (contact["calling_phone_number"], contact["called_phone_number"]) == (RECEPTION, f"{CUSTOMER}.1.2")
    answer(callgear, session_id, CUSTOMER)
    assert callgear.legs() == {JORIS: "Talk", None: "Talk"}


@pytest.mark.parametrize(("shown", "number"), [({}, RECEPTION), ({"show_virtual_phone_number": False}, CUSTOMER)])
def test_what_the_employees_phone_shows(callgear: CallGear, shown: dict[str, Any], number: str) -> None:
    start(callgear, "start.employee_call", **shown)
    assert callgear.session()["legs"][0]["calling_phone_number"] == number


def test_the_employees_phone_may_have_to_be_picked_up(callgear: CallGear) -> None:
    callgear.set("behaviour", auto_pickup=False)
    session_id = start(callgear, "start.employee_call")
    assert callgear.legs() == {JORIS: "Redial"}
    callgear.act(session_id, "answer", extension="702")
    assert callgear.legs() == {JORIS: "Redial", None: "Redial"}


@pytest.mark.parametrize(
    ("number", "device"), [("702", "Desk phone"), ("0771702", "Softphone"), ("31612000702", "Mobile")]
)
def test_one_of_the_employees_phones(callgear: CallGear, number: str, device: str) -> None:
    session_id = start(
        callgear, "start.employee_call", employee={"id": callgear.employee("702"), "phone_number": number}
    )
    shown = callgear.act(session_id, "answer")
    assert shown["legs"][0]["devices"] == [device]


def test_the_contact_is_called_first(callgear: CallGear) -> None:
    session_id = start(callgear, "start.employee_call", "contact")
    assert callgear.session()["direction"] == "in"
    assert callgear.legs() == {None: "Redial"}
    answer(callgear, session_id, CUSTOMER)
    assert callgear.legs() == {None: "Redial", JORIS: "Redial"}
    callgear.act(session_id, "answer", extension="702")
    assert callgear.legs() == {None: "Talk", JORIS: "Talk"}


@pytest.mark.parametrize(
    ("method", "number", "first"),
    [("start.vnumber_call", "701", IRIS), ("start.scenario_call", "702", JORIS)],
)
def test_a_scenario_calls_its_employees(callgear: CallGear, method: str, number: str, first: str) -> None:
    start(callgear, method)
    assert callgear.legs() == {first: "Redial", None: "Redial"}
    callgear.do("release.call", call_session_id=callgear.session()["call_session_id"])
    session_id = start(callgear, method, "contact")
    answer(callgear, session_id, CUSTOMER)
    callgear.act(session_id, "answer", extension=number)
    assert callgear.legs() == {None: "Talk", first: "Talk"}


def test_who_is_busy_is_not_called_first(callgear: CallGear) -> None:
    busy = callgear.talk(extension="701")
    start(callgear, "start.vnumber_call", contact="31687654321")
    session = next(each for each in callgear.sessions() if each["call_session_id"] != busy)
    assert session["legs"][0]["employee_full_name"] == JORIS


def test_an_operator_is_anybody_and_no_employee(callgear: CallGear) -> None:
    session_id = start(callgear, "start.simple_call", "operator", operator_confirmation="any")
    assert [each["is_operator"] for each in callgear.session()["legs"]] == [True]
    answer(callgear, session_id, "31687654321")
    answer(callgear, session_id, CUSTOMER)
    operator, contact = callgear.session()["legs"]
    assert (operator["called_phone_number"], operator["state"]) == ("31687654321", "Talk")
    assert (contact["called_phone_number"], contact["state"]) == (CUSTOMER, "Talk")
    assert callgear.do("hold.call", call_session_id=session_id, contact_message=TTS)
    assert [each["state"] for each in callgear.session()["legs"]] == ["Talk", "On hold"]
    callgear.do("release.call", call_session_id=session_id)
    start(callgear, "start.simple_call", "operator", operator="702")
    assert [each["employee_id"] for each in callgear.session()["legs"]] == [None, None]


def test_an_informer_plays_and_ends(callgear: CallGear) -> None:
    callgear.set("connection", message_s=0.05)
    session_id = start(callgear, "start.informer_call", dialing_timeout=25)
    assert callgear.legs() == {None: "Redial"}
    answer(callgear, session_id, CUSTOMER)
    callgear.wait_until_gone()


def test_customers_answer_by_themselves(callgear: CallGear) -> None:
    callgear.set("behaviour", customer_answers_after_s=0)
    callgear.set("connection", message_s=0)
    for first_call in ("employee", "contact"):
        session_id = start(callgear, "start.employee_call", first_call)
        if first_call == "contact":
            callgear.act(session_id, "answer", extension="702")
        assert set(callgear.legs().values()) == {"Talk"}
        callgear.do("release.call", call_session_id=session_id)
    start(callgear, "start.informer_call")
    callgear.wait_until_gone()


METHODS = (
    "start.employee_call",
    "start.scenario_call",
    "start.vnumber_call",
    "start.simple_call",
    "start.informer_call",
)


REFUSED_BY_ALL: list[tuple[dict[str, Any], int, str, str]] = [
    ({"contact": None}, -32602, "required_parameter_missed", "contact"),
    ({"contact": 31612345678}, -32602, "data_type_error", "contact"),
    ({"contact": "+31612345678"}, -32602, "invalid_parameter_value", "contact"),
    ({"contact": NOWHERE}, -32602, "own_virtual_phone_number_not_allowed", "contact"),
    ({"virtual_phone_number": None}, -32602, "required_parameter_missed", "virtual_phone_number"),
    ({"virtual_phone_number": "31201112222"}, -32007, "virtual_phone_number_not_found", "virtual_phone_number"),
    ({"direction": "both"}, -32602, "invalid_parameter_value", "direction"),
    ({"dtmf_string": "1a"}, -32602, "invalid_parameter_value", "dtmf_string"),
    ({"external_id": 7}, -32602, "data_type_error", "external_id"),
    ({"contact_message": {"type": "tts", "value": "x" * 501}}, -32602, "tts_text_exceeded", "contact_message.value"),
    ({"contact_message": {"type": "media", "value": "1"}}, -32602, "media_file_not_found", "contact_message.value"),
]
REFUSED: dict[str, list[tuple[dict[str, Any], int, str, str]]] = {
    "start.employee_call": [
        ({"employee": {"id": 1}}, -32602, "employee_not_found", "employee.id"),
        ({"employee": {}}, -32602, "required_parameter_missed", "employee.id"),
        ({"employee": 7}, -32602, "data_type_error", "employee"),
        ({"first_call": "operator"}, -32602, "invalid_parameter_value", "first_call"),
        ({"early_switching": True}, -32602, "invalid_parameters_combination", "early_switching"),
        ({"media_file_id": 1}, -32602, "media_file_not_found", "media_file_id"),
        ({"switch_at_once": "true"}, -32602, "data_type_error", "switch_at_once"),
    ],
    "start.scenario_call": [
        ({"scenario_id": 1}, -32602, "scenario_not_found", "scenario_id"),
        ({"scenario_id": 1.5}, -32602, "invalid_parameter_value", "scenario_id"),
        ({"scenario_id": True}, -32602, "data_type_error", "scenario_id"),
    ],
    "start.vnumber_call": [
        ({"virtual_phone_number": NOWHERE}, -32007, "scenario_not_found", "virtual_phone_number"),
    ],
    "start.simple_call": [
        ({"first_call": "employee"}, -32602, "invalid_parameter_value", "first_call"),
        ({"operator": None}, -32602, "required_parameter_missed", "operator"),
        ({"operator_confirmation": "yes"}, -32602, "invalid_parameter_value", "operator_confirmation"),
    ],
    "start.informer_call": [
        ({"contact_message": None}, -32602, "required_parameter_missed", "contact_message"),
        ({"dialing_timeout": 121}, -32602, "invalid_parameter_value", "dialing_timeout"),
    ],
}


@pytest.mark.parametrize("method", METHODS)
def test_what_is_refused(callgear: CallGear, method: str) -> None:
    right = params(callgear, method, first_of(method))
    for change, *expected in REFUSED_BY_ALL + REFUSED[method]:
        assert callgear.refusal(method, **right | change) == tuple(expected)
    assert callgear.sessions() == []


def test_somebody_elses_phone(callgear: CallGear) -> None:
    wrong = {"id": callgear.employee("702"), "phone_number": "703"}
    refused = callgear.refusal(
        "start.employee_call", **params(callgear, "start.employee_call", "employee", employee=wrong)
    )
    assert refused == (-32602, "no_active_phone_number", "employee.phone_number")


def test_early_switching_where_it_is_allowed(callgear: CallGear) -> None:
    assert start(callgear, "start.employee_call", early_switching=True, switch_at_once=True, media_file_id=2701)


def test_blocked_contacts_are_not_called(callgear: CallGear) -> None:
    session_id = callgear.talk(SERVICE, "702")
    assert callgear.do("block.contact", call_session_id=session_id) == {"success": "true"}
    assert callgear.refusal("block.contact", call_session_id=session_id)[1] == "duplicate_contact"
    callgear.do("release.call", call_session_id=session_id)
    codes = dict.fromkeys(METHODS, -32602) | {"start.employee_call": -32002, "start.simple_call": -32002}
    for method, code in codes.items():
        refused = callgear.refusal(method, **params(callgear, method, first_of(method)))
        assert refused == (code, "contact_in_blacklist", "contact")
