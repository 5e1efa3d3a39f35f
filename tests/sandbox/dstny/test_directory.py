"""Devices, lines, presence, contacts, diversions and what else a user has besides calls."""

import base64
from typing import Any

import pytest

from tests.sandbox.dstny.client import COMPANY, DOMAIN, Dstny, ring_in
from tests.sandbox.receiver import Receiver
from tests.sandbox_server import SandboxHandle

DONE = {"field": [], "warning": [], "generated-id": ""}


def test_devices_are_listed_by_type(wout: Dstny) -> None:
    devices = wout.get("/user/device/{me}")
    assert [(each["deviceType"], each["deviceName"], each["deviceStatus"]) for each in devices] == [
        ("DESKPHONE", "Desk phone", "ACTIVE"),
        ("SOFTPHONE", "Softphone", "ACTIVE"),
        ("MOBILE", "Mobile", "ACTIVE"),
    ]
    assert {each["deviceIcon"] for each in devices} == {"DEFAULT"}
    assert wout.get("/user/device/{me}", type="SOFTPHONE") == [devices[1]]
    assert wout.get("/user/device/{me}", type="DECT") == []
    brief = {"deviceId", "deviceType", "deviceName", "deviceIcon"}
    assert wout.get("/user/device/{me}/active") == [{name: each[name] for name in brief} for each in devices]
    assert wout.refusal("GET", "/user/device/{me}", None, type="FAX") == (400, "type.invalid")


def test_a_device_has_attributes_a_name_and_an_icon(wout: Dstny, receiver: Receiver) -> None:
    path = f"/user/device/{{me}}/{wout.device}"
    assert wout.get(path) == [{"name": "USER_AGENT", "value": "Desk phone/1.0"}]
    hook = {"targetUrl": receiver.url, "targetId": "1"}
    assert wout.done("POST", "/user/device/{me}/webhooks", hook) == {"expiresOn": 3600}
    wout.done("PUT", f"{path}/name", None, name="My desk")
    wout.done("PUT", f"{path}/icon", None, name="TYPE_2")
    assert (wout.get(f"{path}/name"), wout.get(f"{path}/icon")) == ("My desk", "DESKPHONE_TYPE_2")
    assert [each["changedField"] for each in receiver.wait(2)] == ["DEVICE_INFO", "DEVICE_INFO"]
    wout.done("DELETE", "/user/device/{me}/webhooks/1")
    assert wout.refusal("PUT", f"{path}/name", None, name="x" * 33) == (400, "name.invalid")
    assert wout.refusal("GET", "/user/device/{me}/none") == (404, "deviceId.does.not.exist")
    assert len(receiver.events) == 2


def test_changes_of_devices_are_streamed(wout: Dstny) -> None:
    with wout.stream("/user/device/{me}/events") as stream:
        assert stream.status == 200
        wout.done("PUT", f"/user/device/{{me}}/{wout.device}/name", None, name="My desk")
        assert '"changedField": "DEVICE_INFO"' in stream.wait(1)[0]


def test_lines_are_the_users_own_the_groups_and_none(wout: Dstny) -> None:
    lines = wout.get("/user/line/{me}")["line"]
    assert [(each["type"], each["groupId"], each["number"], each["active"]) for each in lines] == [
        ("OFFICE_FIXED", 0, "+31405550302", True),
        ("ATTENDANT", 400, "+31405550400", False),
        ("ACD", 401, "+31405550401", False),
        ("ANONYMOUS", 0, "", False),
    ]


def test_the_active_line_is_set(wout: Dstny) -> None:
    wout.done("PUT", "/user/line/{me}/active", {"type": "ACD", "groupId": 401})
    expected = {"type": "ACD", "groupId": 401, "number": "+31405550401", "name": "Service"}
    assert wout.get("/user/line/{me}/active") == expected
    wout.done("PUT", "/user/line/{me}/active", {"type": "ANONYMOUS", "groupId": 0})
    assert wout.get("/user/line/{me}/active")["number"] == ""
    assert wout.refusal("PUT", "/user/line/{me}/active", {"type": "ACD", "groupId": 5}) == (400, "groupId.invalid")


def test_presence_is_read_and_set(wout: Dstny) -> None:
    presence = wout.get("/user/info/{me}/presence")
    assert presence["activity"] == {"id": "available", "expiration": "NEVER", "available": True}
    assert (presence["role"], presence["note"], presence["available"]) == ("business", "", True)
    activity = {"id": "meeting", "expiration": "2090-10-11T05:30:00Z"}
    changed = wout.done("PUT", "/user/info/{me}/presence", {"note": "Discuss UX with Dan", "activity": activity})
    assert changed["activity"] == {**activity, "available": False}
    assert (changed["note"], changed["available"]) == ("Discuss UX with Dan", False)
    assert wout.text("GET", "/user/info/{me}/activity/expires") == "2090-10-11T05:30:00Z"
    assert wout.text("GET", "/user/info/{me}/available") == "false"


def test_an_activity_is_set_with_its_end(wout: Dstny) -> None:
    assert wout.text("PUT", "/user/info/{me}/activity/lunch") == "lunch"
    assert wout.text("GET", "/user/info/{me}/available") == "false"
    assert wout.text("PUT", "/user/info/{me}/activity/lunch", available="true") == "lunch"
    assert wout.text("GET", "/user/info/{me}/available") == "true"
    end = "2090-05-09T08:45:00Z"
    assert wout.text("PUT", f"/user/info/{{me}}/activity/expires/{end}") == end
    assert wout.text("PUT", "/user/info/{me}/activity/expires/never") == "never"
    assert wout.refusal("PUT", "/user/info/{me}/activity/expires/later") == (400, "expires.invalid")
    assert wout.refusal("PUT", "/user/info/{me}/activity/skiing") == (400, "activity.invalid")
    assert wout.refusal("PUT", "/user/info/{me}/presence", {"role": "spy"}) == (400, "role.invalid")


def test_a_photo_is_kept(sandbox: SandboxHandle, wout: Dstny) -> None:
    headers = {"Authorization": f"Bearer {wout.token}", "Content-Type": "image/png"}
    address = wout.address("/user/info/{me}/photo")
    assert sandbox.request("GET", address, headers=headers).headers["content-type"] == "image/gif"
    assert sandbox.request("POST", address, b"\x89PNG-like", headers).status == 204
    answer = sandbox.request("GET", address, headers=headers)
    assert (answer.body, answer.headers["content-type"]) == (b"\x89PNG-like", "image/png")
    assert wout.refusal("PUT", "/user/info/{me}/photo", {"photo": "words"}) == (415, "photo.invalid")


def names(answer: dict[str, Any]) -> list[str]:
    return [f"{each['firstname']} {each['lastname']}".strip() for each in answer["contact"]]


def test_contacts_are_found_by_the_beginnings_of_words(sandbox: SandboxHandle, wout: Dstny) -> None:
    found = wout.get("/contacts/{me}", query="ver")
    assert (found["query"], names(found)) == ("ver", ["Vera Prins"])
    (vera,) = found["contact"]
    assert (vera["email"], vera["preferredNumber"], vera["incall"]) == ("vera@acme.example", "+31405550301", False)
    assert (vera["type"], vera["inlist"], vera["presence"]["available"]) == ("DIRECTORY", False, True)
    assert base64.b64decode(vera["contactEntryId"] + "==") == f"vera@{DOMAIN}@directory".encode()
    assert names(wout.get("/contacts/{me}", query="vera pri")) == ["Vera Prins"]
    assert names(wout.get("/contacts/{me}", query="era")) == []
    assert names(wout.get("/contacts/{me}", query="recep")) == ["Reception"]
    assert names(wout.get("/contacts/{me}", query="recep", dontIncludeFnrs="true")) == []
    assert len(wout.get("/contacts/{me}", query="31", maxResults=2)["contact"]) == 2
    ring_in(sandbox, "301")
    Dstny.of(sandbox, "vera").answer()
    assert wout.get("/contacts/{me}", query="vera")["contact"][0]["incall"] is True


def test_contacts_are_favourites_or_blocked(wout: Dstny) -> None:
    assert names(wout.get("/contacts/{me}")) == []
    (added,) = wout.done("PUT", f"/contacts/{{me}}/vera@{DOMAIN}")["contact"]
    assert (added["inlist"], added["contactStatus"]) == (True, "FAVORITE")
    wout.done("POST", "/contacts/{me}", {"contact": [{"email": f"xander@{DOMAIN}", "contactStatus": "VIP"}]})
    assert names(wout.get("/contacts/{me}")) == ["Vera Prins"]
    assert wout.done("PUT", "/contacts/{me}/xander/BLOCKED") == {"contactStatus": "BLOCKED"}
    assert names(wout.get("/contacts/{me}", query="xander")) == []
    assert names(wout.get("/contacts/{me}", query="xander", includeBlocked="true")) == ["Xander Vos"]
    assert wout.done("DELETE", f"/contacts/{{me}}/{added['contactEntryId']}") == DONE
    assert wout.refusal("DELETE", "/contacts/{me}/vera") == (404, "contact.does.not.exist")
    assert wout.refusal("PUT", "/contacts/{me}/nobody") == (404, "contact.does.not.exist")
    assert wout.refusal("PUT", "/contacts/{me}/vera/ADORED") == (400, "status.invalid")


def test_the_diversion_number_diverts(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    assert wout.get("/user/diversion/{me}/number") == {"diversion-number": ""}
    body = {"phoneNumber": "+31405550301"}
    assert wout.done("PUT", "/user/diversion/{me}/number", body) == {"diversion-number": "+31405550301"}
    ring_in(sandbox)
    assert vera.call("RINGING")["historyInfo"]["previousRetargetReason"] == "DIVERTED"
    assert wout.done("POST", "/user/diversion/{me}/number/303") == {"diversion-number": "303"}
    assert wout.done("PUT", "/user/diversion/{me}/number", {"phoneNumber": ""}) == {"diversion-number": ""}
    assert wout.refusal("PUT", "/user/diversion/{me}/number", {}) == (400, "phoneNumber.required")
    assert wout.refusal("PUT", "/user/diversion/{me}/number", {"phoneNumber": "x"}) == (400, "phoneNumber.invalid")


def test_a_diversion_may_end_with_the_activity(wout: Dstny) -> None:
    body = {"phoneNumber": "+31612345670", "activityScoped": True}
    wout.done("PUT", "/user/diversion/{me}/number", body)
    wout.text("PUT", "/user/info/{me}/activity/lunch")
    assert wout.get("/user/diversion/{me}/number") == {"diversion-number": ""}


def test_diversion_rules_are_set_one_by_one_or_together(wout: Dstny) -> None:
    path = "/user/diversion/{me}"
    rule = {"phoneNumber": "+31612345679", "diversionRoutingRulesType": "CFWD_ON_BUSY"}
    assert wout.done("PUT", f"{path}/PRIMARY", {"userDiversionLineRules": [{"userDiversionRules": [rule]}]}) == DONE
    assert wout.get(f"{path}/PRIMARY/CFWD_ON_BUSY") == {"lineOrderType": "PRIMARY", **rule}
    assert wout.done("POST", f"{path}/SECONDARY/CFWD_UNREACHABLE", {"phoneNumber": "+31612345678"}) == DONE
    rules = wout.get(path)
    assert rules["user"] == {"domain": DOMAIN, "userid": "wout"}
    primary, secondary = rules["userDiversionLineRules"]
    assert (primary["lineNumber"], primary["lineType"]) == ("+31405550302", "OFFICE_FIXED")
    assert rule in primary["userDiversionRules"]
    assert {"diversionRoutingRulesType": "CFWD_ALL"} in primary["userDiversionRules"]
    assert secondary["userDiversionRules"][-1]["phoneNumber"] == "+31612345678"
    assert wout.get(f"{path}/PRIMARY")["userDiversionLineRules"] == [primary]
    assert wout.done("DELETE", f"{path}/PRIMARY/CFWD_ON_BUSY") == DONE
    assert "phoneNumber" not in wout.get(f"{path}/PRIMARY/CFWD_ON_BUSY")
    assert wout.done("DELETE", path) == DONE
    assert "phoneNumber" not in wout.get(f"{path}/SECONDARY/CFWD_UNREACHABLE")
    assert wout.refusal("GET", f"{path}/TERTIARY") == (400, "line.invalid")
    assert wout.refusal("PUT", f"{path}/PRIMARY/CFWD_SOMETIMES", {"phoneNumber": "301"}) == (400, "rule.invalid")


def test_voicemail_settings_are_changed(wout: Dstny) -> None:
    settings = wout.get("/user/voicemail/{me}")
    assert (settings["playActivity"], settings["humanAssistanceNumber"]) == (True, "+4676767676")
    changed = wout.done("PUT", "/user/voicemail/{me}", {"playActivity": False})
    assert changed == {**settings, "playActivity": False} == wout.get("/user/voicemail/{me}")
    assert wout.refusal("PUT", "/user/voicemail/{me}", {"playActivity": "maybe"}) == (400, "playActivity.invalid")


def test_the_configuration_lists_what_can_be_chosen(wout: Dstny) -> None:
    everything = wout.get("/user/config/{me}", language="sv")
    assert everything["sms-allowed"] is True
    for name in ("activities", "roles", "answerplaces"):
        assert wout.get(f"/user/config/{{me}}/{name}") == everything[name]
    available = {"id": "available", "name": "Available", "available": True, "default": True, "stateName": "Available"}
    assert everything["activities"]["activity"][0] == available
    assert [each["id"] for each in everything["answerplaces"]["answerplace"]] == ["mobile", "softphone", "deskphone"]


def test_a_line_state_is_kept_until_its_end(wout: Dstny) -> None:
    path = "/linestate/{me}/crm-1"
    assert wout.refusal("GET", path) == (404, "externalId.does.not.exist")
    body = {"expiresOn": "2090-03-10T11:05:00+01"}
    assert wout.done("PUT", path, body) == {"expiresOn": "2090-03-10T11:05:00+01:00"} == wout.get(path)
    wout.done("POST", path, {"expiresOn": "2090-03-10T11:06:00Z"})
    wout.done("DELETE", path)
    assert wout.refusal("DELETE", path) == (404, "externalId.does.not.exist")
    assert wout.refusal("PUT", path, {"expiresOn": "tomorrow"}) == (400, "expiresOn.invalid")


def test_an_sms_is_sent(sandbox: SandboxHandle, wout: Dstny, service: Dstny) -> None:
    answer = wout.done("POST", "/sms/+31612345678", {"smsText": "Everything's going to be amazing"})
    (message,) = sandbox.control("GET", f"/companies/{COMPANY}/messages")
    assert (message["to"], message["text"]) == ("31612345678", "Everything's going to be amazing")
    assert message["id"] == answer["generated-id"]
    assert wout.refusal("POST", "/sms/+31612345678", {}) == (400, "smsText.required")
    assert wout.refusal("POST", "/sms/301", {"smsText": "Hi"})[0] == 400
    assert service.refusal("POST", "/sms/+31612345678", {"smsText": "Hi"}) == (404, "user.does.not.exist")


@pytest.mark.parametrize("contact", [f"vera@{DOMAIN}", "%2B31405550301"])
def test_a_callback_rings_the_users_own_phone_first(
    sandbox: SandboxHandle, wout: Dstny, vera: Dstny, contact: str
) -> None:
    answer = wout.done("POST", f"/calls/current/{{me}}/mobile/{contact}", None, role="PRIVATE")
    assert vera.calls() == []
    state = wout.call("INITIATED")
    assert state["callId"] == answer["generated-id"]
    sandbox.act(sandbox.company(COMPANY)["calls"][0]["id"], "answer", COMPANY, extension="302")
    assert vera.call("RINGING")["remoteParty"]["displayNumber"] == "302"
    assert wout.refusal("POST", f"/calls/current/{{me}}/pager/{contact}") == (400, "aptype.invalid")


def test_a_call_on_a_mobile_phone_is_transferred(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    path = "/calls/current/{me}/transfer"
    assert wout.refusal("POST", f"{path}/BLIND_TRANSFER/301") == (409, "call.wrong.state")
    (mobile,) = wout.get("/user/device/{me}", type="MOBILE")
    ring_in(sandbox)
    wout.act(wout.call("RINGING"), f"/answer/{mobile['deviceId']}")
    started = wout.done("POST", f"{path}/ATTENDED_TRANSFER/301")["transferId"]
    transfer = wout.get(path)["transferId"]
    assert transfer == {**started, "type": "ATTENDED_TRANSFER", "destination": "301"}
    vera.call("RINGING")
    wout.done("DELETE", f"{path}/{started['id']}")
    assert wout.call("ACTIVE")["deviceIds"] == [mobile["deviceId"]]
    assert wout.refusal("GET", path) == (404, "transferId.does.not.exist")
    wout.done("POST", f"{path}/BLIND_TRANSFER/301")
    assert wout.calls() == []
    assert vera.call("RINGING")["inbound"] is True
