"""What notifications and list.calls are read as: our templates, others', wrong ones, and every spelling of the document."""

import json
from typing import Any

import pytest

from integrations.contract.adapter import WebhookRequest
from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, Direction, EventType, Ignored, LegState, Party, Recording
from integrations.vendors.callgear.adapter import CallGearAdapter
from integrations.vendors.callgear.events import over, shown
from integrations.vendors.callgear.templates import TEMPLATES
from tests.integrations.callgear.live import NOON, parsed, states
from tests.integrations.callgear.stories import CALL, CONTACT, IRIS, JORIS, VIRTUAL, body, hint, leg, session

# The example of the document, "Receiving a list of active calls".
DOCUMENTED = {
    "call_session_id": 206597836,
    "direction": "in",
    "start_time": "2016-10-19T12:26:48.418",
    "virtual_phone_number": "74951045771",
    "contact_phone_number": "74959268686",
    "external_id": None,
    "tags": [{"tag_id": 456, "tag_name": "Relevant"}],
    "legs": [
        {
            "leg_id": 287866245,
            "calling_phone_number": "74951045771",
            "called_phone_number": "74959268686...9.2.3.3",
            "is_operator": False,
            "employee_id": None,
            "employee_full_name": None,
            "record_call_enabled": True,
            "state": "Talk",
        },
        {
            "leg_id": 287866221,
            "calling_phone_number": "74959268686",
            "called_phone_number": "79262444393",
            "is_operator": True,
            "employee_id": 2345,
            "employee_full_name": "Test",
            "record_call_enabled": True,
            "state": "Talk",
        },
    ],
}
VALUES: dict[str, Any] = {
    "notification_name": "Talk started",
    "notification_time": "2026-01-31 12:00:00",
    "call_session_id": CALL,
    "direction": "in",
    "virtual_phone_number": VIRTUAL,
    "contact_phone_number": CONTACT,
    "employee_id": IRIS,
    "employee_full_name": 'Iris "O\'Brien" Hofman, BV',
    "employee_phone_number": "0770701",
    "leg_id": 7,
    "file_link": "https://app.callgear.com/system/media/talk/1/2",
    "tag_names": ["Relevant", "VIP"],
}


def filled(template: str, *, quoted: bool = True, **values: Any) -> bytes:
    """A template as CallGear fills it: with JSON, or with plain texts."""
    for name, value in (VALUES | values).items():
        plain = ",".join(value) if isinstance(value, list) else value
        template = template.replace(f"{{{{{name}}}}}", json.dumps(value) if quoted else str(plain))
    return template.encode()


def seen(call: Any) -> CtiEvent:
    """How a session stands that list.calls shows."""
    return parsed(shown(call, NOON))[1]


def read(content: bytes) -> list[CtiEvent]:
    return parsed(content)


# list.calls.


def test_the_documents_example() -> None:
    began, stands = parsed(shown(DOCUMENTED, NOON))
    assert (began.type, began.from_, began.to) == (
        EventType.ORIGINATED,
        Party(number="74959268686"),
        Party(number="74951045771"),
    )
    assert (stands.direction, stands.recording, stands.tags) == (Direction.INBOUND, Recording.ON, ("Relevant",))
    assert [(leg.vendor_leg_id, leg.party, leg.role, leg.state) for leg in stands.legs] == [
        ("287866221", Party(extension_id="2345", name="Test"), "callee", LegState.CONNECTED),
        ("287866245", Party(number="74959268686"), "caller", LegState.CONNECTED),
    ]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Redial", LegState.ALERTING),
        ("Conversation", LegState.CONNECTED),
        ("Talk", LegState.CONNECTED),
        ("TALK", LegState.CONNECTED),
        ("Operators' conversation", LegState.CONNECTED),
        ("operator_talk", LegState.CONNECTED),
        ("dialing", LegState.ALERTING),
        ("Transferring call", LegState.ALERTING),
        ("Disconnect", LegState.NULL),
        ("Sending dtmf", LegState.CONNECTED),
        ("Receiving fax", LegState.CONNECTED),
        ("Fax sent", LegState.CONNECTED),
        ("On the moon", LegState.INITIATED),
        (None, LegState.INITIATED),
    ],
)
def test_each_word_for_a_state(word: Any, state: LegState) -> None:
    [_, iris] = seen(session({None: "Talk", IRIS: word})).legs
    assert (iris.party.extension_id, iris.state) == (str(IRIS), state)


@pytest.mark.parametrize("operator", ["On hold", "Talk", "Redial"])
def test_whoever_has_the_contact_on_hold_holds(operator: str) -> None:
    assert states(seen(session({None: "On hold", IRIS: operator}))) == {CONTACT: "connected", "Iris Hofman": "hold"}


def test_numbers_as_numbers_and_truth_as_text() -> None:
    call = session(
        {None: "Talk", IRIS: "Talk"}, call_session_id=str(CALL), contact_phone_number=int(CONTACT), tags=None
    )
    for each in call["legs"]:
        each.update(
            is_operator=str(each["is_operator"]).lower(), leg_id=str(each["leg_id"]), record_call_enabled="true"
        )
    event = seen(call)
    assert (event.vendor_call_id, event.recording, event.tags) == (str(CALL), Recording.ON, ())
    assert states(event) == {CONTACT: "connected", "Iris Hofman": "connected"}


def test_a_contact_who_shows_no_number_is_anonymous() -> None:
    call = session({None: "Redial", IRIS: "Redial"}, contact_phone_number=None)
    call["legs"][0]["calling_phone_number"] = None
    began, stands = parsed(shown(call, NOON))
    assert began.from_ == stands.legs[0].party == Party(anonymous=True)


def test_a_coach_supervises() -> None:
    call = session({None: "Talk", IRIS: "Talk"})
    call["legs"].append(leg(JORIS, "Redial", "in", is_operator=False))
    assert [(each.party.name, each.role) for each in seen(call).legs][1:] == [
        ("Iris Hofman", "callee"),
        ("Joris Blom", "supervisor"),
    ]


@pytest.mark.parametrize(
    "call",
    [
        None,
        7,
        [],
        {},
        {"call_session_id": None},
        {"call_session_id": True},
        {"call_session_id": "\0"},
        {"call_session_id": "1" * 300},
        {"call_session_id": 1, "legs": 7},
        {"call_session_id": 1, "legs": [{}]},
    ],
)
def test_a_session_that_cannot_be_read_says_so(call: Any) -> None:
    with pytest.raises(MalformedPayload, match=r"not a call as list\.calls shows it"):
        parsed(shown(call, NOON))


def test_a_session_that_is_over() -> None:
    [event] = parsed(over("1", NOON))
    assert (event.type, event.vendor_call_id, event.occurred_at) == (EventType.CLEARED, "1", NOON)


# Notifications.


@pytest.mark.parametrize("quoted", [True, False], ids=["as JSON", "as text"])
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.event)
def test_our_templates(template: Any, quoted: bool) -> None:
    content = filled(template.body, quoted=quoted, notification_name=template.event)
    if template.event == "Talk finished":
        assert isinstance(CallGearAdapter.parse(WebhookRequest({}, content)), Ignored)
        return
    events = read(content)
    assert {event.vendor_call_id for event in events} == {str(CALL)}
    legs = [leg for event in events for leg in event.legs if leg.party.extension_id]
    assert {leg.party for leg in legs} <= {Party(extension_id=str(IRIS), name=VALUES["employee_full_name"])}
    assert {leg.vendor_leg_id for leg in legs} <= {"7"}
    tagged = [event.tags for event in events if event.tags]
    assert tagged == ([("Relevant", "VIP")] if template.event in {"Call finished", "Lost call"} else [])


def test_foreign_names_and_another_order() -> None:
    content = body(
        {
            "operator_id": "25",
            "callid": "99",
            "phone": "+79260000000",
            "Type": 1,
            "notification_name": "Talk started on our line",
            "employee_name": "Test",
        }
    )
    began, hinted = read(content)
    assert (began.vendor_call_id, began.from_) == ("99", Party(number="+79260000000"))
    assert hinted.legs[0].party == Party(extension_id="25", name="Test")
    assert hinted.legs[0].inferred  # list.calls, which names the leg, outweighs it


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("IN_CALL_INCOMING", EventType.ORIGINATED),
        ("CALL_SESSION_FINISHED", EventType.CLEARED),
        ("Missed call", EventType.CLEARED),
        ("CALL_CONNECTED", EventType.OBSERVED),
        ("waiting", EventType.OBSERVED),
    ],
)
def test_other_names_of_events(name: str, kind: EventType) -> None:
    assert read(body({"notification_mnemonic": name, "call_session_id": 1}))[-1].type is kind


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is no JSON object"),
        (b"Hello", "it is no JSON object"),
        (b"[]", "it is no JSON object"),
        (b"<html>", "it is no JSON object"),
        (body({"call_session_id": 1}), "which event it is, .* is missing. What came: call_session_id"),
        (body(hint("talk_started") | {"call_session_id": None}), "call_session_id is missing. What came: .*direction"),
        (body(hint("talk_started") | {"call_session_id": "{{call_session_id}}"}), "call_session_id is missing"),
        (body({"event": "lunch", "call_session_id": 1}), "which event it is"),
        (body(hint("recording_completed")), "an address as file_link is missing"),
        (body(hint("recording_completed", file_link="javascript:alert(1)")), "an address as file_link is missing"),
    ],
)
def test_a_template_pasted_wrong_says_what_is_missing(content: bytes, words: str) -> None:
    with pytest.raises(MalformedPayload, match=words):
        CallGearAdapter.parse(WebhookRequest({}, content))


def test_a_lost_call_told_twice_ends_once() -> None:
    lost, finished = (read(body(hint(each))) for each in ("lost_call", "call_finished"))
    assert lost[0] == finished[0] == read(body(hint("inbound_call")))[0]
    assert lost[-1].type is finished[-1].type is EventType.CLEARED
    assert lost[-1].reason is finished[-1].reason is None


def test_a_recordings_link_is_its_id() -> None:
    [event] = read(body(hint("recording_completed", file_link="https://media.uiscom.ru/1/abc")))
    assert event.recording_id == "https://media.uiscom.ru/1/abc"
