"""The WebSocket transport: tokens, frames, subscriptions, timeouts, recovery."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.sandbox.ringcentral.client import COMPANY, SESSIONS, RingCentral
from tests.sandbox_server import SandboxHandle, wait_for

FILTERS = [f"/restapi/v1.0{SESSIONS}"]


@contextmanager
def connected(user: RingCentral, wsc: str | None = None) -> Iterator[tuple[ClientConnection, list[Any]]]:
    """An open socket, and the ConnectionDetails frame that came first."""
    with connect(address(user) + (f"&wsc={wsc}" if wsc else "")) as socket:
        yield socket, receive(socket)


def address(user: RingCentral) -> str:
    parts = urlsplit(user.sandbox.url)
    answer = user.sandbox.send_json(
        "POST", f"{user.base}/restapi/oauth/wstoken", {}, {"Authorization": f"bearer {user.tokens['access_token']}"}
    ).json()
    assert (answer["uri"], answer["expires_in"]) == (f"ws://{parts.netloc}{user.base}/ws", 30)
    return f"{answer['uri']}?access_token={answer['ws_access_token']}"


def receive(socket: ClientConnection) -> list[Any]:
    frame = json.loads(socket.recv(timeout=5))
    assert isinstance(frame, list)
    return frame


def ask(socket: ClientConnection, method: str, path: str, body: Any = None) -> list[Any]:
    header = {"type": "ClientRequest", "messageId": "m1", "method": method, "path": f"/restapi/v1.0{path}"}
    socket.send(json.dumps([header] if body is None else [header, body]))
    answer = receive(socket)
    assert (answer[0]["type"], answer[0]["messageId"]) == ("ClientRequest", "m1")
    return answer


def subscribe(socket: ClientConnection, filters: list[str] = FILTERS) -> list[Any]:
    mode = {"transportType": "WebSocket"}
    return ask(socket, "POST", "/subscription/", {"eventFilters": filters, "deliveryMode": mode})


def test_connection_begins_with_its_details(rosa: RingCentral) -> None:
    with connected(rosa) as (_, [header, details]):
        assert (header["type"], header["wsc"]["sequence"], bool(header["wsc"]["token"])) == (
            "ConnectionDetails",
            1,
            True,
        )
        assert (details["idleTimeout"], details["absoluteTimeout"]) == (1800, 86400)
        assert (details["recoveryTimeout"], details["recoveryBufferSize"]) == (180, 100)
        assert "recoveryState" not in details


def test_token_works_once(rosa: RingCentral) -> None:
    url = address(rosa)
    with connect(url) as socket:
        receive(socket)
    with pytest.raises(InvalidStatus) as refused:
        connect(url)
    assert refused.value.response.status_code == 401


def test_token_expires(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    url = address(rosa)
    sandbox.set("connection", COMPANY, ws_token_s=0)
    with connect(url) as socket:  # it was given for 30 s
        receive(socket)
    body = sandbox.send_json(
        "POST", f"{rosa.base}/restapi/oauth/wstoken", {}, {"Authorization": f"bearer {rosa.tokens['access_token']}"}
    ).json()
    with pytest.raises(InvalidStatus):
        connect(f"{body['uri']}?access_token={body['ws_access_token']}")


def test_heartbeat_is_answered(rosa: RingCentral) -> None:
    with connected(rosa) as (socket, _):
        socket.send(json.dumps([{"type": "Heartbeat", "messageId": "beat"}]))
        (header,) = receive(socket)
        assert (header["type"], header["messageId"], header["wsc"]["sequence"]) == ("Heartbeat", "beat", 2)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '[{"type": "ClientRequest"}]', "[[]]", "7"])
def test_what_can_not_be_read_is_an_error(rosa: RingCentral, text: str) -> None:
    with connected(rosa) as (socket, _):
        socket.send(text)
        header, body = receive(socket)
        assert (header["type"], header["status"], body["errorCode"]) == ("Error", 400, "CMN-104")


def test_events_come_to_the_subscription(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    with connected(rosa) as (socket, _):
        header, created = subscribe(socket)
        assert (header["status"], header["headers"]["WSG-SubscriptionId"]) == (200, created["id"])
        assert created["deliveryMode"] == {"transportType": "WebSocket", "encryption": False}
        call_id = sandbox.ring_in("101", COMPANY)
        header, event = receive(socket)
        assert (header["type"], header["messageId"]) == ("ServerNotification", event["uuid"])
        assert (event["subscriptionId"], event["body"]["telephonySessionId"]) == (created["id"], call_id)


def test_second_subscription_replaces_the_first(rosa: RingCentral) -> None:
    with connected(rosa) as (socket, _):
        first, second = subscribe(socket)[1]["id"], subscribe(socket)[1]["id"]
        assert [each["id"] for each in rosa.get("/subscription")["records"]] == [second]
        assert ask(socket, "GET", f"/subscription/{first}")[0]["status"] == 404


def test_subscription_is_managed_over_the_socket(rosa: RingCentral) -> None:
    with connected(rosa) as (socket, _):
        path = f"/subscription/{subscribe(socket)[1]['id']}"
        presence = {"eventFilters": ["/restapi/v1.0/account/~/extension/~/presence"]}
        assert "presence" in ask(socket, "PUT", path, presence)[1]["eventFilters"][0]
        assert ask(socket, "GET", path)[1]["status"] == "Active"
        assert ask(socket, "POST", path + "/renew")[0]["status"] == 200
        assert ask(socket, "DELETE", path)[0]["status"] == 204
        assert ask(socket, "GET", path)[0]["status"] == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/account/~", None, 404, "CMN-120"),
        ("PATCH", "/subscription", None, 405, "CMN-111"),
        ("POST", "/subscription", [], 400, "CMN-101"),
        ("POST", "/subscription", {"eventFilters": ["/restapi/v1.0/x"]}, 400, "SUB-508"),
        (
            "POST",
            "/subscription",
            {"eventFilters": FILTERS, "deliveryMode": {"transportType": "WebHook", "address": "http://127.0.0.1:9/"}},
            400,
            "CMN-101",
        ),
    ],
)
def test_refusals_are_answers(rosa: RingCentral, method: str, path: str, body: Any, status: int, code: str) -> None:
    with connected(rosa) as (socket, _):
        header, problem = ask(socket, method, path, body)
        assert (header["status"], problem["errorCode"]) == (status, code)


@pytest.mark.parametrize(("setting", "code"), [("idle_timeout_s", "WSG-902"), ("absolute_timeout_s", "WSG-903")])
def test_timeouts_end_the_connection(sandbox: SandboxHandle, rosa: RingCentral, setting: str, code: str) -> None:
    sandbox.set("connection", COMPANY, **{setting: 0.1})
    with connected(rosa) as (socket, _):
        header, problem = receive(socket)
        assert (header["type"], problem["errorCode"]) == ("Error", code)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)


def test_recovery_brings_what_was_missed(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    with connected(rosa) as (socket, _):
        created = subscribe(socket)
        token = created[0]["wsc"]["token"]
    call_id = ring_until_missed(sandbox)
    with connected(rosa, token) as (socket, [header, details]):
        assert (details["recoveryState"], header["wsc"]["token"] != token) == ("Successful", True)
        notification, event = receive(socket)
        assert (notification["type"], event["body"]["telephonySessionId"]) == ("ServerNotification", call_id)
        assert rosa.get("/subscription")["records"][0]["id"] == created[1]["id"]


def ring_until_missed(sandbox: SandboxHandle) -> str:
    """Rings once the server has seen that the socket is gone: the console counts no open one."""
    drop = f"/companies/{COMPANY}/vendor/drop-websockets"
    wait_for(lambda: sandbox.control("POST", drop) == {"dropped": 0})
    return sandbox.ring_in("101", COMPANY)


def test_only_the_newest_are_kept(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.set("connection", COMPANY, recovery_buffer_size=2)
    with connected(rosa) as (socket, _):
        token = subscribe(socket)[0]["wsc"]["token"]
    call_id = ring_until_missed(sandbox)
    sandbox.act(call_id, "hangup", COMPANY)
    with connected(rosa, token) as (socket, _):
        ended = [receive(socket)[1]["body"]["parties"][0]["status"]["code"] for _ in range(2)]
        assert ended == ["Disconnected", "Disconnected"]
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.1)


def test_recovery_too_late_fails_and_the_subscription_is_gone(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    with connected(rosa) as (socket, _):
        token = subscribe(socket)[0]["wsc"]["token"]
    ring_until_missed(sandbox)
    sandbox.set("connection", COMPANY, recovery_timeout_s=0)
    with connected(rosa, token) as (socket, [_, details]):
        assert details["recoveryState"] == "Failed"
        assert rosa.get("/subscription")["records"] == []
        assert subscribe(socket)[0]["status"] == 200


def test_lost_connection_is_forgotten_in_time(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.set("connection", COMPANY, recovery_timeout_s=0.1, rate_limits=False)
    with connected(rosa) as (socket, _):
        subscribe(socket)
        assert len(rosa.get("/subscription")["records"]) == 1
    wait_for(lambda: rosa.get("/subscription")["records"] == [])


def test_recovery_of_an_open_connection_closes_the_old_socket(rosa: RingCentral) -> None:
    with connected(rosa) as (old, [header, _]), connected(rosa, header["wsc"]["token"]) as (_, [_, details]):
        assert details["recoveryState"] == "Successful"
        with pytest.raises(ConnectionClosed):
            old.recv(timeout=5)


def test_nobody_else_recovers_a_connection(rosa: RingCentral, sem: RingCentral) -> None:
    with connected(rosa) as (_, [header, _details]):
        token = header["wsc"]["token"]
    with connected(sem, token) as (_, [_, details]):
        assert details["recoveryState"] == "Failed"


def test_console_drops_sockets(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    with connected(rosa) as (socket, _):
        assert sandbox.control("POST", f"/companies/{COMPANY}/vendor/drop-websockets") == {"dropped": 1}
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)


def test_revoked_session_loses_its_socket(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    with connected(rosa) as (socket, _):
        sandbox.control("POST", f"/companies/{COMPANY}/tokens/revoke")
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)


def test_lost_and_doubled_notifications(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    with connected(rosa) as (socket, _):
        subscribe(socket)
        sandbox.control("POST", f"/companies/{COMPANY}/webhooks/lose", seconds=60)
        sandbox.ring_in("101", COMPANY)
        sandbox.control("POST", f"/companies/{COMPANY}/webhooks/lose", seconds=0)
        sandbox.set("faults", COMPANY, duplicate=1)
        call_id = sandbox.ring_in("102", COMPANY)
        first, again = receive(socket)[1], receive(socket)[1]
        assert (first["uuid"], first["body"]["telephonySessionId"]) == (again["uuid"], call_id)
