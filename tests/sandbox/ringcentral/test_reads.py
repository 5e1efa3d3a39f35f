"""Reads and settings: directory, devices, numbers, presence, queues, active calls, call log, recordings, messages."""

from typing import Any

import pytest

from tests.sandbox.ringcentral.client import COMPANY, RingCentral
from tests.sandbox_server import SandboxHandle, wait_for

OWN = "/account/~/extension/~"


@pytest.fixture(autouse=True)
def unlimited(sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, rate_limits=False)


def test_account(rosa: RingCentral) -> None:
    account = rosa.get("/account/~")
    assert (account["id"], account["mainNumber"], account["companyName"]) == (
        rosa.account_id,
        "+31305550200",
        "Acme Utrecht",
    )


def test_extensions_come_in_pages(rosa: RingCentral) -> None:
    first = rosa.get("/account/~/extension?perPage=2")
    assert [each["extensionNumber"] for each in first["records"]] == ["101", "102"]
    assert first["paging"] == {
        "page": 1,
        "perPage": 2,
        "totalPages": 3,
        "totalElements": 5,
        "pageStart": 0,
        "pageEnd": 1,
    }
    assert set(first["navigation"]) == {"firstPage", "lastPage", "nextPage"}
    last = rosa.get("/account/~/extension?page=3&perPage=2")
    assert [(each["extensionNumber"], each["type"]) for each in last["records"]] == [("201", "Department")]
    assert set(last["navigation"]) == {"firstPage", "lastPage", "previousPage"}
    assert rosa.get("/account/~/extension?page=9")["records"] == []
    assert rosa.refusal("GET", "/account/~/extension?page=0") == (400, "CMN-101")
    assert rosa.refusal("GET", "/account/~/extension?perPage=many") == (400, "CMN-101")


def test_extension(rosa: RingCentral, sem: RingCentral) -> None:
    own = rosa.get(OWN)
    assert (own["id"], own["name"], own["contact"]["email"]) == (rosa.extension_id, "Rosa Meijer", "rosa@acme.example")
    assert own["permissions"]["admin"] == {"enabled": True}
    other = rosa.get(f"/account/~/extension/{sem.extension_id}")
    assert (other["extensionNumber"], other["status"]) == ("102", "Enabled")


def test_devices(rosa: RingCentral) -> None:
    devices = rosa.get(f"{OWN}/device")["records"]
    assert [(each["type"], each["status"]) for each in devices] == [
        ("HardPhone", "Online"),
        ("SoftPhone", "Online"),
        ("OtherPhone", "Online"),
    ]
    assert rosa.get(f"/account/~/device/{devices[0]['id']}") == devices[0]
    assert rosa.get("/account/~/device")["paging"]["totalElements"] == 9
    assert rosa.refusal("GET", "/account/~/device/1") == (404, "CMN-102")


def test_phone_numbers_say_what_may_be_shown(rosa: RingCentral) -> None:
    numbers = {each["phoneNumber"]: each["features"] for each in rosa.get(f"{OWN}/phone-number")["records"]}
    assert "SmsSender" in numbers["+31305550101"]
    assert all("CallerId" in features for features in numbers.values())
    assert "+31305550200" in numbers
    company = rosa.get("/account/~/phone-number")["records"]
    assert {each["phoneNumber"]: each["extension"]["extensionNumber"] for each in company}["+31305550201"] == "201"


def test_caller_id_can_be_chosen(rosa: RingCentral, sem: RingCentral) -> None:
    number = next(each for each in rosa.get(f"{OWN}/phone-number")["records"] if each["phoneNumber"] == "+31305550200")
    change = {
        "byFeature": [{"feature": "RingOut", "callerId": {"type": "PhoneNumber", "phoneInfo": {"id": number["id"]}}}]
    }
    changed = rosa.expect(200, "PUT", f"{OWN}/caller-id", change)
    shown = {each["feature"]: each["callerId"]["phoneInfo"]["phoneNumber"] for each in changed["byFeature"]}
    assert shown["RingOut"] == "+31305550200"
    assert rosa.get(f"{OWN}/caller-id") == changed
    call = {"from": {"deviceId": rosa.device()}, "to": {"phoneNumber": "+31612345678"}}
    assert (
        rosa.post("/account/~/telephony/call-out", call)["session"]["parties"][0]["from"]["phoneNumber"]
        == "+31305550200"
    )
    assert sem.refusal("PUT", f"/account/~/extension/{rosa.extension_id}/caller-id", change) == (403, "CMN-408")
    assert rosa.refusal("PUT", f"{OWN}/caller-id", {"byFeature": []}) == (400, "CMN-101")


def test_forwarding_numbers_count_flips(rosa: RingCentral) -> None:
    records = rosa.get(f"{OWN}/forwarding-number")["records"]
    assert [each["flipNumber"] for each in records] == ["1", "2", "3"]
    assert (records[2]["type"], records[2]["phoneNumber"]) == ("Mobile", "+31612000101")


def test_presence_is_read_and_set(rosa: RingCentral, sem: RingCentral) -> None:
    path = f"{OWN}/presence"
    before = sem.get(path)
    assert (before["presenceStatus"], before["dndStatus"], before["telephonyStatus"]) == (
        "Available",
        "TakeAllCalls",
        "NoCall",
    )
    change = {"userStatus": "Busy", "message": "In a meeting", "ringOnMonitoredCall": True}
    after = sem.expect(200, "PUT", path, change)
    assert {name: after[name] for name in change} == change
    assert sem.get(path) == after
    assert sem.refusal("PUT", path, {"userStatus": "Asleep"}) == (400, "CMN-101")
    assert sem.refusal("PUT", path, {"ringOnMonitoredCall": "yes"}) == (400, "CMN-101")
    assert sem.refusal("PUT", f"/account/~/extension/{rosa.extension_id}/presence", change) == (403, "CMN-408")
    assert rosa.get("/account/~/presence")["records"][1]["userStatus"] == "Busy"


@pytest.mark.parametrize(
    ("status", "takes_queue"),
    [
        ("DoNotAcceptAnyCalls", True),
        ("DoNotAcceptDepartmentCalls", False),
        ("TakeDepartmentCallsOnly", True),
        ("TakeAllCalls", True),
    ],
)
def test_do_not_disturb(sem: RingCentral, status: str, takes_queue: bool) -> None:
    assert sem.expect(200, "PUT", f"{OWN}/presence", {"dndStatus": status})["dndStatus"] == status
    queues = sem.get(f"{OWN}/call-queue-presence")["records"]
    assert {each["callQueue"]["extensionNumber"]: each["acceptCalls"] for each in queues}["201"] is takes_queue


def test_detailed_presence_names_the_calls(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    call_id = sandbox.ring_in("101", COMPANY)
    plain, detailed = rosa.get(f"{OWN}/presence"), rosa.get(f"{OWN}/presence?detailedTelephonyState=true&sipData=true")
    assert (plain["telephonyStatus"], "activeCalls" in plain) == ("Ringing", False)
    assert [each["telephonySessionId"] for each in detailed["activeCalls"]] == [call_id]
    assert detailed["activeCalls"][0]["sipData"]["toTag"]


def test_queues_and_their_members(rosa: RingCentral, sem: RingCentral, tess: RingCentral) -> None:
    queues = rosa.get("/account/~/call-queues")["records"]
    assert [each["extensionNumber"] for each in queues] == ["200", "201"]
    path = f"/account/~/call-queues/{queues[1]['id']}"
    assert rosa.get(path)["name"] == "Orders"
    assert [each["id"] for each in rosa.get(f"{path}/members")["records"]] == [sem.extension_id, tess.extension_id]
    off = {"records": [{"member": {"id": sem.extension_id}, "acceptCurrentQueueCalls": False}]}
    presence = sem.expect(200, "PUT", f"{path}/presence", off)["records"]
    assert [each["acceptCurrentQueueCalls"] for each in presence] == [False, True]
    assert tess.refusal("PUT", f"{path}/presence", off) == (403, "CMN-408")
    on = {"records": [{"callQueue": {"id": queues[1]["id"]}, "acceptCalls": True}]}
    accepted = sem.expect(200, "PUT", f"{OWN}/call-queue-presence", on)["records"]
    assert all(each["acceptCalls"] for each in accepted)
    assert rosa.refusal("GET", f"/account/~/call-queues/{sem.extension_id}") == (404, "CMN-102")
    assert sem.refusal("PUT", f"{path}/presence", {"records": [{}]}) == (400, "CMN-101")


def test_active_calls_lag(sandbox: SandboxHandle, rosa: RingCentral, sem: RingCentral) -> None:
    sandbox.set("connection", COMPANY, active_calls_lag_s=0.3, rate_limits=False)
    call_id = sandbox.ring_in("101", COMPANY)
    assert rosa.get(f"{OWN}/active-calls")["records"] == []
    record = wait_for(lambda: rosa.get(f"{OWN}/active-calls")["records"])[0]
    assert (record["telephonySessionId"], record["direction"], record["result"]) == (call_id, "Inbound", "In Progress")
    assert record["from"] == {"phoneNumber": "+31612345678"}
    sandbox.act(call_id, "hangup", COMPANY)
    assert rosa.get("/account/~/active-calls")["records"][0]["telephonySessionId"] == call_id
    wait_for(lambda: rosa.get("/account/~/active-calls")["records"] == [])
    assert sem.refusal("GET", "/account/~/active-calls") == (403, "CMN-408")


def test_call_log(sandbox: SandboxHandle, rosa: RingCentral, sem: RingCentral) -> None:
    answered = sandbox.ring_in("101", COMPANY, name="Jan")
    sandbox.act(answered, "answer", COMPANY, extension="101")
    recording = rosa.act(answered, "recordings")["id"]
    sandbox.act(answered, "hangup", COMPANY)
    missed = sandbox.ring_in("101", COMPANY, caller="31699999999")
    sandbox.act(missed, "hangup", COMPANY)
    log = rosa.get(f"{OWN}/call-log")["records"]
    assert [(each["telephonySessionId"], each["direction"], each["result"]) for each in log] == [
        (missed, "Inbound", "Missed"),
        (answered, "Inbound", "Accepted"),
    ]
    assert log[1]["from"] == {"name": "Jan", "phoneNumber": "+31612345678"}
    assert log[1]["recording"]["id"] == recording
    assert rosa.get(f"{OWN}/call-log/{log[1]['id']}") == log[1]
    assert [each["id"] for each in rosa.get(f"{OWN}/call-log?phoneNumber=%2B31699999999")["records"]] == [log[0]["id"]]
    assert rosa.get(f"{OWN}/call-log?direction=Outbound")["records"] == []
    assert rosa.get(f"{OWN}/call-log?dateTo=2020-01-01T00:00:00.000Z")["records"] == []
    assert rosa.refusal("GET", f"{OWN}/call-log?dateFrom=yesterday") == (400, "CMN-101")
    assert len(rosa.get("/account/~/call-log")["records"]) == 2
    detailed = rosa.get(f"{OWN}/call-log?view=Detailed")["records"][0]
    assert [(each["result"], each["master"]) for each in detailed["legs"]] == [("Missed", True)]
    assert sem.refusal("GET", "/account/~/call-log") == (403, "CMN-408")
    facts = rosa.get(f"/account/~/recording/{recording}")
    sound = rosa.send("GET", f"/account/~/recording/{recording}/content")
    assert (facts["contentType"], sound.headers["content-type"], sound.body[:4]) == (
        "audio/x-wav",
        "audio/x-wav",
        b"RIFF",
    )
    assert rosa.refusal("GET", "/account/~/recording/none/content") == (404, "CMN-102")


def test_voicemail_is_in_the_message_store(sandbox: SandboxHandle, rosa: RingCentral, sem: RingCentral) -> None:
    call_id = sandbox.ring_in("102", COMPANY)
    sem.act(call_id, "forward", {"voicemail": sem.extension_id})
    sandbox.act(call_id, "hangup", COMPANY)
    message = sem.get(f"{OWN}/message-store?messageType=VoiceMail")["records"][0]
    path = f"{OWN}/message-store/{message['id']}"
    assert sem.get(path) == message
    assert sem.expect(200, "PUT", path, {"readStatus": "Read"})["readStatus"] == "Read"
    assert sem.get(f"{OWN}/message-store?readStatus=Unread")["records"] == []
    assert sem.refusal("PUT", path, {"readStatus": "Eaten"}) == (400, "CMN-101")
    sound = sem.send("GET", f"{path}/content/{message['attachments'][0]['id']}")
    assert sound.body[:4] == b"RIFF"
    assert sem.get(f"{OWN}/call-log")["records"][0]["result"] == "Voicemail"
    assert rosa.get(f"/account/~/extension/{sem.extension_id}/message-store/{message['id']}")["id"] == message["id"]
    assert sem.refusal("GET", f"/account/~/extension/{rosa.extension_id}/message-store") == (403, "CMN-408")
    sem.expect(204, "DELETE", path)
    assert sem.refusal("GET", path) == (404, "CMN-102")


def test_sms(rosa: RingCentral) -> None:
    body = {"from": {"phoneNumber": "+31305550101"}, "to": [{"phoneNumber": "+31612345678"}], "text": "On my way"}
    message = rosa.post(f"{OWN}/sms", body)
    assert (message["type"], message["subject"], message["direction"], message["messageStatus"]) == (
        "SMS",
        "On my way",
        "Outbound",
        "Sent",
    )
    assert rosa.get(f"{OWN}/message-store?messageType=SMS")["records"] == [message]
    assert rosa.get(f"{OWN}/message-store?dateFrom=2100-01-01T00:00:00Z")["records"] == []
    assert rosa.send("GET", f"{OWN}/message-store/{message['id']}/content/1").body == b"On my way"
    wrongs: list[dict[str, Any]] = [
        {"from": {"phoneNumber": "+31699999999"}},
        {"to": []},
        {"to": [{"phoneNumber": "102"}]},
        {"text": ""},
    ]
    for wrong in wrongs:
        assert rosa.refusal("POST", f"{OWN}/sms", {**body, **wrong}) == (400, "CMN-101")
