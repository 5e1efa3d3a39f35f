"""The "Call State API": snapshots, webhooks and streams, in every dialect that the document leaves open."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.dstny.client import COMPANY, DOMAIN, Dstny, parse_xml, ring_in
from tests.sandbox.receiver import Receiver
from tests.sandbox_server import SandboxHandle, wait_for

NAMESPACE = "{urn:ietf:params:xml:ns:dialog-info}"


def watch_user(user: Dstny, receiver: Receiver, **changes: Any) -> Any:
    body = {"targetUrl": receiver.url, "targetId": "434356", "publicTarget": True, **changes}
    return user.done("POST", "/cti/state/{me}/webhooks", body)


def statuses(event: dict[str, Any]) -> list[str]:
    return [each["status"] for each in event["calls"]]


def hang_up_all(sandbox: SandboxHandle) -> None:
    for call in sandbox.company(COMPANY)["calls"]:
        sandbox.act(call["id"], "hangup", COMPANY)


def test_a_user_without_calls_has_an_empty_state(wout: Dstny) -> None:
    assert wout.get("/cti/state/{me}") == {"fullState": True, "calls": []}
    assert wout.refusal("GET", "/cti/state/{me}/calls/none") == (404, "callId.does.not.exist")


def test_a_user_webhook_tells_of_new_and_deleted_calls(sandbox: SandboxHandle, wout: Dstny, receiver: Receiver) -> None:
    assert watch_user(wout, receiver) == {"expiresOn": 3600}
    ring_in(sandbox)
    (new,) = receiver.wait(1)
    assert new == wout.get("/cti/state/{me}")
    assert (new["fullState"], statuses(new)) == (True, ["RINGING"])
    wout.act(wout.answer(), "", "DELETE")
    deleted = receiver.wait(2)[1]
    assert (deleted["fullState"], statuses(deleted)) == (True, ["TERMINATED"])
    assert deleted["calls"][0]["callId"] == new["calls"][0]["callId"]
    assert len(receiver.events) == 2


def test_a_user_webhook_may_tell_of_every_change_and_only_that(
    sandbox: SandboxHandle, wout: Dstny, receiver: Receiver
) -> None:
    sandbox.set("dialect", COMPANY, user_webhooks="changes", user_webhooks_on="every_change")
    watch_user(wout, receiver)
    ring_in(sandbox)
    wout.act(wout.answer(), "/hold")
    ring_in(sandbox)
    events = receiver.wait(4)
    assert [(each["fullState"], statuses(each)) for each in events] == [
        (False, ["RINGING"]),
        (False, ["ACTIVE"]),
        (False, ["HELD"]),
        (False, ["RINGING"]),
    ]


def test_ended_calls_may_vanish(sandbox: SandboxHandle, wout: Dstny, receiver: Receiver) -> None:
    sandbox.set("dialect", COMPANY, ended_calls="vanish")
    watch_user(wout, receiver)
    ring_in(sandbox)
    state = wout.answer()
    wout.act(state, "", "DELETE")
    assert receiver.wait(2)[1] == {"fullState": True, "calls": []}
    assert wout.refusal("GET", f"/cti/state/{{me}}/calls/{state['callId']}") == (404, "callId.does.not.exist")


def test_a_user_webhook_is_renewed_and_removed(sandbox: SandboxHandle, wout: Dstny, receiver: Receiver) -> None:
    sandbox.set("connection", COMPANY, webhook_s=1)
    watch_user(wout, receiver)
    assert wait_for(lambda: sandbox.company(COMPANY)["subscriptions"] == [])
    ring_in(sandbox)
    sandbox.set("connection", COMPANY, webhook_s=3600)
    watch_user(wout, receiver)
    watch_user(wout, receiver)
    assert len(sandbox.company(COMPANY)["subscriptions"]) == 1
    hang_up_all(sandbox)
    assert statuses(receiver.wait(1)[0]) == ["TERMINATED"]
    wout.done("DELETE", "/cti/state/{me}/webhooks/434356")
    assert wout.refusal("DELETE", "/cti/state/{me}/webhooks/434356") == (404, "targetId.does.not.exist")


def test_the_end_of_a_webhook_may_be_a_time(sandbox: SandboxHandle, wout: Dstny, receiver: Receiver) -> None:
    sandbox.set("dialect", COMPANY, expires_on="time")
    expires = datetime.fromisoformat(watch_user(wout, receiver)["expiresOn"])
    assert 3590 < (expires - datetime.now(UTC)).total_seconds() < 3610


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"targetId": ""}, "targetId.required"),
        ({"targetUrl": ""}, "targetUrl.required"),
        ({"targetUrl": "mailto:x"}, "targetUrl.invalid"),
        ({"publicTarget": "maybe"}, "publicTarget.invalid"),
    ],
)
def test_a_webhook_needs_its_parameters(wout: Dstny, changes: dict[str, Any], code: str) -> None:
    body = {"targetUrl": "http://127.0.0.1:9/hook", "targetId": "1", **changes}
    assert wout.refusal("POST", "/cti/state/{me}/webhooks", body) == (400, code)


def test_a_call_webhook_carries_the_new_state_token(sandbox: SandboxHandle, wout: Dstny, receiver: Receiver) -> None:
    ring_in(sandbox)
    state = wout.call("RINGING")
    path = f"/cti/state/{{me}}/calls/{state['callId']}/webhooks"
    body = {"targetUrl": receiver.url, "targetId": "1"}
    assert wout.done("POST", path, body) == state
    answered = wout.answer()
    held = wout.act(answered, "/hold")
    assert receiver.wait(2) == [{"stateToken": answered["stateToken"]}, {"stateToken": held["stateToken"]}]
    wout.done("DELETE", f"{path}/1")
    wout.act(held, "/resume")
    wout.act(held, "", "DELETE")
    assert len(receiver.events) == 2


def test_a_call_webhook_ends_with_its_call(sandbox: SandboxHandle, wout: Dstny, receiver: Receiver) -> None:
    sandbox.set("dialect", COMPANY, call_webhooks="state")
    state = wout.dial("tel:+31612345678", targetUrl=receiver.url, targetId="mine")
    wout.act(state, "", "DELETE")
    assert [each["status"] for each in receiver.wait(2)] == ["RINGING", "TERMINATED"]
    assert sandbox.company(COMPANY)["subscriptions"] == []


def test_a_call_that_is_answered_can_be_watched_from_then_on(
    sandbox: SandboxHandle, wout: Dstny, receiver: Receiver
) -> None:
    ring_in(sandbox)
    path = f"/answer/{wout.device}"
    state = wout.act(wout.call("RINGING"), path, targetUrl=receiver.url, targetId="mine")
    muted = wout.act(state, "/mute")
    assert receiver.wait(1) == [{"stateToken": muted["stateToken"]}]


def test_lists_may_come_as_strings(sandbox: SandboxHandle, wout: Dstny) -> None:
    sandbox.set("dialect", COMPANY, lists="string")
    (mobile,) = wout.get("/user/device/{me}", type="MOBILE")
    ring_in(sandbox)
    state = wout.call("RINGING")
    devices = state["deviceIds"]
    assert devices.startswith("[")
    assert devices.endswith(f"{mobile['deviceId']}]")
    assert state["actions"] == f"[{{action: ANSWER, deviceIds: {devices}}}]"
    assert wout.answer()["actions"].startswith("[{action: MOVE}, {action: TRANSFER}")


def test_less_may_be_told(sandbox: SandboxHandle, wout: Dstny) -> None:
    sandbox.set("dialect", COMPANY, names=False, correlation_ids=False, outbound_ringing="INITIATED")
    ring_in(sandbox)
    state = wout.call("RINGING")
    assert "displayName" not in state["remoteParty"]
    assert "correlationId" not in state
    hang_up_all(sandbox)
    wout.dial("tel:+31612345678")
    assert wout.call("INITIATED")["inbound"] is False


def test_an_anonymous_caller_has_no_number(sandbox: SandboxHandle, wout: Dstny) -> None:
    sandbox.ring_in("302", COMPANY, anonymous=True)
    assert wout.call("RINGING")["remoteParty"] == {"type": "ANONYMOUS_ID", "displayName": "Anonymous"}


def test_a_call_to_a_group_tells_where_it_came_from(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    ring_in(sandbox, "31405550400")
    history = wout.call("RINGING")["historyInfo"]
    assert (history["previousRetargetReason"], history["subject"]) == ("DISTRIBUTED", "Reception")
    assert history["initialParty"] == {
        "type": "FUNCTION_NUMBER_ID",
        "telUri": "tel:+31405550400",
        "displayName": "Reception",
        "displayNumber": "400",
    }
    vera.answer()
    assert wout.calls() == []


def test_a_call_stream_tells_its_states_and_ends_with_it(sandbox: SandboxHandle, wout: Dstny) -> None:
    ring_in(sandbox)
    state = wout.call("RINGING")
    with wout.stream(f"/cti/state/{{me}}/calls/{state['callId']}/events") as stream:
        assert json.loads(stream.wait(1)[0]) == state
        assert stream.content_type.startswith("text/event-stream")
        wout.act(wout.answer(), "", "DELETE")
        told = [json.loads(each)["status"] for each in stream.wait(3)]
        assert told == ["RINGING", "ACTIVE", "TERMINATED"]
        assert wait_for(lambda: stream.ended)


def test_a_users_dialogs_are_streamed_as_rfc_4235_has_them(sandbox: SandboxHandle, wout: Dstny, vera: Dstny) -> None:
    with wout.stream("/cti/state/{me}/events") as stream:
        empty = parse_xml(stream.wait(1)[0])
        assert empty.tag == f"{NAMESPACE}dialog-info"
        assert empty.attrib == {"version": "0", "state": "full", "entity": f"sip:wout@{DOMAIN}"}
        ring_in(sandbox)
        early = parse_xml(stream.wait(2)[1])
        assert (early.get("version"), early.get("state")) == ("1", "partial")
        dialog = early.find(f"{NAMESPACE}dialog")
        assert dialog is not None
        assert (dialog.findtext(f"{NAMESPACE}state"), dialog.get("direction")) == ("early", "recipient")
        assert dialog.findtext(f"{NAMESPACE}remote/{NAMESPACE}identity") == "tel:+31612345678"
        tags = {"toTag": dialog.get("local-tag"), "fromTag": dialog.get("remote-tag"), "earlyOnly": True}
        body = {"callId": dialog.get("call-id"), **tags}
        pickup = f"/cti/control/{{me}}/device/{vera.device}/pickup"
        assert vera.refusal("POST", pickup, {**body, "toTag": "other"}) == (404, "callId.does.not.exist")
        assert vera.done("POST", pickup, body)["status"] == "ACTIVE"
        gone = parse_xml(stream.wait(3)[2])
        assert gone.findtext(f"{NAMESPACE}dialog/{NAMESPACE}state") == "terminated"


def test_an_idle_stream_is_kept_alive_by_comments(sandbox: SandboxHandle, wout: Dstny) -> None:
    sandbox.set("connection", COMPANY, heartbeat_s=0.05)
    with wout.stream("/cti/state/{me}/events") as stream:
        assert wait_for(lambda: len(stream.comments) > 2)
        assert len(stream.events) == 1


def test_streams_and_webhooks_can_be_dropped(sandbox: SandboxHandle, wout: Dstny, receiver: Receiver) -> None:
    watch_user(wout, receiver)
    with wout.stream("/cti/state/{me}/events") as stream:
        stream.wait(1)
        assert sandbox.company(COMPANY)["streams"] == {"dialogs wout": 1}
        assert sandbox.control("POST", f"/companies/{COMPANY}/subscriptions/drop") == {"dropped": 2}
        assert wait_for(lambda: stream.ended)
    assert sandbox.company(COMPANY)["subscriptions"] == []


def test_revoked_tickets_end_streams(sandbox: SandboxHandle, wout: Dstny) -> None:
    with wout.stream("/cti/state/{me}/events") as stream:
        stream.wait(1)
        sandbox.control("POST", f"/companies/{COMPANY}/tokens/revoke")
        assert wait_for(lambda: stream.ended)


def test_an_outage_loses_what_streams_would_tell(sandbox: SandboxHandle, wout: Dstny) -> None:
    with wout.stream("/cti/state/{me}/events") as stream:
        stream.wait(1)
        sandbox.control("POST", f"/companies/{COMPANY}/webhooks/lose", seconds=60)
        ring_in(sandbox)
        sandbox.control("POST", f"/companies/{COMPANY}/webhooks/lose", seconds=0)
        hang_up_all(sandbox)
        last = parse_xml(stream.wait(2)[1])
        assert last.findtext(f"{NAMESPACE}dialog/{NAMESPACE}state") == "terminated"
