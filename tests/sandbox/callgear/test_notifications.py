"""HTTP notifications: templates as customers write them, and what is told of which call."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.sandbox.callgear.client import COMPANY, CUSTOMER, RECEPTION, SALES, TTS, CallGear
from tests.sandbox.receiver import Receiver
from tests.sandbox_server import SandboxHandle, wait_for

INBOUND, OUTBOUND, WAITING = "Inbound call on a virtual phone number", "Outbound call", "Waiting for the answer"
STARTED, FINISHED, LOST = "Talk started", "Talk finished", "Lost call"
ENDED, RECORDED = "Call finished", "Call recording completed"
IRIS, JORIS, KIM = "Iris Hofman", "Joris Blom", "Kim Peters"


def template(*names: str) -> str:
    """As published ones are: without quotes of their own."""
    fields = ("notification_name", "call_session_id", "employee_full_name", *names)
    return "{" + ", ".join(f'"{name}": {{{{{name}}}}}' for name in fields) + "}"


def paste(sandbox: SandboxHandle, url: str, text: str = template(), **fields: Any) -> list[str]:
    path = f"/companies/{COMPANY}/vendor/paste-notification"
    return list(sandbox.control("POST", path, url=url, template=text, **fields)["pasted"])


def told(receiver: Receiver, count: int) -> list[tuple[str, str | None]]:
    """What of whom, in order."""
    return [(each["notification_name"], each["employee_full_name"]) for each in receiver.wait(count)]


def test_an_answered_call(callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver) -> None:
    paste(sandbox, receiver.url)
    session_id = callgear.talk()
    callgear.act(session_id, "hangup")
    assert told(receiver, 6) == [
        (INBOUND, None),
        (WAITING, IRIS),
        (WAITING, JORIS),
        (STARTED, IRIS),
        (FINISHED, IRIS),
        (ENDED, IRIS),
    ]
    assert {each["call_session_id"] for each in receiver.events} == {session_id}


def test_holding_tells_nothing_and_a_transfer_tells_who_talks(
    callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver
) -> None:
    paste(sandbox, receiver.url)
    session_id = callgear.talk()
    callgear.do("hold.call", call_session_id=session_id, contact_message=TTS)
    callgear.do("make.call", call_session_id=session_id, to="703")
    callgear.consulted("answer", "703")
    callgear.do("transfer.talk", call_session_id=session_id)
    callgear.do("release.call", call_session_id=session_id)
    assert told(receiver, 9)[3:] == [
        (STARTED, IRIS),
        (WAITING, KIM),
        (FINISHED, IRIS),
        (STARTED, KIM),
        (FINISHED, KIM),
        (ENDED, KIM),
    ]


@pytest.mark.parametrize(("dialect", "ends"), [("both", [LOST, ENDED]), ("lost", [LOST])])
def test_a_lost_call(
    callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver, dialect: str, ends: list[str]
) -> None:
    callgear.set("dialect", lost_calls=dialect)
    paste(sandbox, receiver.url, template("employee_ids", "wait_time_duration"))
    callgear.act(callgear.ring_in(SALES), "hangup")
    events = receiver.wait(3 + len(ends))
    assert [each["notification_name"] for each in events[3:]] == ends
    assert events[3]["employee_ids"] == [callgear.employee("702"), callgear.employee("703")]
    assert events[3]["wait_time_duration"] == 0


def test_an_outbound_call(callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver) -> None:
    paste(sandbox, receiver.url, template("direction", "call_source", "external_id", "employee_phone_number"))
    callgear.set("behaviour", auto_pickup=False, customer_answers_after_s=0)
    session_id = callgear.do(
        "start.employee_call",
        virtual_phone_number=RECEPTION,
        contact=CUSTOMER,
        first_call="employee",
        direction="out",
        external_id="crm-1",
        employee={"id": callgear.employee("702"), "phone_number": "0771702"},
    )["call_session_id"]
    callgear.act(session_id, "answer", extension="702")
    assert wait_for(lambda: len(receiver.events) == 3)
    callgear.do("release.call", call_session_id=session_id)
    assert told(receiver, 5) == [
        (OUTBOUND, JORIS),
        (WAITING, JORIS),
        (STARTED, JORIS),
        (FINISHED, JORIS),
        (ENDED, JORIS),
    ]
    assert receiver.events[0] == receiver.events[0] | {
        "direction": "out",
        "call_source": "callapi",
        "external_id": "crm-1",
        "employee_phone_number": "0771702",
    }


def test_a_recording_is_told_and_can_be_heard(callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver) -> None:
    paste(sandbox, receiver.url, template("file_link", "file_duration", "tag_ids", "tag_names"), event=RECORDED)
    session_id = callgear.talk()
    callgear.do("record.call", call_session_id=session_id, action="on")
    callgear.do("tag.call", call_session_id=session_id, tag_id=256)
    callgear.do("release.call", call_session_id=session_id)
    (event,) = receiver.wait(1)
    assert (event["tag_ids"], event["tag_names"], event["file_duration"]) == ([256], ["Call back"], 0)
    link = event["file_link"]
    assert link.startswith(f"{sandbox.url}/callgear/{COMPANY}/media/{session_id}/")
    answer = sandbox.request("GET", link.removeprefix(sandbox.url))
    assert (answer.status, answer.headers["content-type"], answer.body[:4]) == (200, "audio/wav", b"RIFF")
    assert sandbox.request("GET", f"/callgear/{COMPANY}/media/{session_id}/none").status == 404


def test_common_parameters(callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver) -> None:
    names = (
        "virtual_phone_number",
        "contact_phone_number",
        "contact_full_name",
        "scenario_name",
        "direction",
        "is_internal",
        "communication_number",
        "communication_type",
        "leg_ids",
        "no_such_parameter",
    )
    paste(sandbox, receiver.url, template(*names, "notification_time"), event=STARTED)
    session_id = callgear.talk()
    (event,) = receiver.wait(1)
    assert {name: event[name] for name in names} == {
        "virtual_phone_number": RECEPTION,
        "contact_phone_number": CUSTOMER,
        "contact_full_name": "Jan Jansen",
        "scenario_name": "Reception",
        "direction": "in",
        "is_internal": False,
        "communication_number": 1,
        "communication_type": "call",
        "leg_ids": [callgear.leg(None), callgear.leg(IRIS)],
        "no_such_parameter": None,
    }
    assert "." in event["notification_time"]
    callgear.do("release.call", call_session_id=session_id)
    callgear.set("dialect", notification_time="seconds", id_values="string")
    session_id = callgear.talk()
    event = receiver.wait(2)[1]
    assert (event["call_session_id"], event["communication_number"]) == (str(session_id), 2)
    assert "." not in event["notification_time"]


def test_values_may_be_plain_text(callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver) -> None:
    callgear.set("dialect", template_values="text")
    text = '{"name": "{{notification_name}}", "who": "{{employee_full_name}}", "legs": "{{ leg_ids }}"}'
    paste(sandbox, receiver.url, text)
    callgear.ring_in()
    leg = callgear.leg(IRIS)
    assert receiver.wait(2)[:2] == [
        {"name": INBOUND, "who": "", "legs": ""},
        {"name": WAITING, "who": IRIS, "legs": str(leg)},
    ]


def test_get(callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver) -> None:
    paste(sandbox, receiver.url, "event={{notification_name}}&who={{contact_full_name}}", method="GET", event=INBOUND)
    callgear.ring_in(name="Zoë & Co")
    assert receiver.wait(1) == [{"event": INBOUND, "who": "Zoë & Co"}]


def test_whatever_was_pasted_is_sent(callgear: CallGear, sandbox: SandboxHandle) -> None:
    """No JSON, and nobody listens there: the ledger has it."""
    paste(sandbox, "http://127.0.0.1:9/hook", 'call "{{call_session_id}}', event=INBOUND)
    session_id = callgear.ring_in()
    (delivery,) = sandbox.control("GET", f"/companies/{COMPANY}/ledger")["deliveries"]
    assert delivery["body"] == f'call "{session_id}'


def test_setting_up_and_taking_down(callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver) -> None:
    assert len(paste(sandbox, receiver.url)) == 8
    assert paste(sandbox, "", event=INBOUND) == [INBOUND]
    shown = sandbox.company(COMPANY)["subscriptions"]
    assert [each["id"] for each in shown] == [OUTBOUND, WAITING, STARTED, FINISHED, LOST, ENDED, RECORDED]
    assert shown[0] == {
        "id": OUTBOUND,
        "method": "POST",
        "callback_url": receiver.url.removesuffix("/hook"),
        "template": template(),
    }
    assert sandbox.control("POST", f"/companies/{COMPANY}/subscriptions/drop") == {"dropped": 7}
    callgear.talk()
    assert sandbox.control("GET", f"/companies/{COMPANY}/ledger")["deliveries"] == []


@pytest.mark.parametrize(
    "fields",
    [{"url": "ftp://x"}, {"url": "https://x", "method": "PUT"}, {"url": "https://x", "event": "Lunch"}, {"url": 7}],
)
def test_what_cannot_be_set_up(sandbox: SandboxHandle, fields: dict[str, Any]) -> None:
    path = f"/_control/companies/{COMPANY}/vendor/paste-notification"
    answer = sandbox.send_json("POST", path, fields)
    assert (answer.status, list(json.loads(answer.body))) == (400, ["error"])


def test_a_busy_day_is_told_to_its_end(callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver) -> None:
    paste(sandbox, receiver.url)
    fields = {"calls_per_minute": 6000, "seconds": 0.16, "pace": 0.002}
    sandbox.control("POST", f"/companies/{COMPANY}/busy-day", **fields)
    assert wait_for(lambda: not sandbox.company(COMPANY)["traffic"]["running"])
    assert wait_for(lambda: sandbox.company(COMPANY)["deliveries"]["pending"] == 0)
    counts = Counter(each["notification_name"] for each in receiver.events)
    assert counts[INBOUND] + counts[OUTBOUND] == counts[ENDED] == 16
    assert counts[STARTED] == counts[FINISHED] > 0
    assert callgear.sessions() == []


def test_faults_reach_notifications(callgear: CallGear, sandbox: SandboxHandle, receiver: Receiver) -> None:
    callgear.set("faults", duplicate=1)
    paste(sandbox, receiver.url, event=INBOUND)
    callgear.ring_in()
    first, second = receiver.wait(2)
    assert first == second
