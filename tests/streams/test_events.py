"""What vendors stream is stored and told as what they deliver to hooks."""

import json

import pytest
import websockets.sync.client
from django.urls import reverse

from tests.connected import kwebbl_event
from tests.servers import Server, wait_until
from tests.streams.conftest import SOON, Stream_

pytestmark = pytest.mark.usefixtures("streams")
both = pytest.mark.parametrize("key", ["ssestreamer", "socketstreamer"])


@both
def test_streamed_events_are_stored_as_deliveries(connect: Stream_, key: str) -> None:
    streamed = connect(key)
    streamed.wait_until_connected()
    streamed.send(kwebbl_event("ringing"))
    streamed.wait_for("call.originated", "call.delivered")
    streamed.send(kwebbl_event("ringing"))
    streamed.send("{broken")
    streamed.send(kwebbl_event("terminated", number=1))
    streamed.wait_for("call.originated", "call.delivered", "call.cleared")
    assert [each.status for each in streamed.deliveries()] == ["applied", "duplicate", "unparsed", "applied"]
    assert {each.subscription_id for each in streamed.deliveries()} == {streamed.subscription().pk}
    assert len(streamed.line.connected_at) == 1


def test_streamed_events_reach_sockets_of_other_processes(connect: Stream_, web_server: Server) -> None:
    streamed = connect()
    streamed.wait_until_connected()
    with websockets.sync.client.connect(web_server.url.replace("http", "ws", 1) + "/ws/v1/events") as socket:
        socket.send(json.dumps({"type": "authenticate", "token": streamed.company.api_key}))
        assert json.loads(socket.recv(SOON))["type"] == "ready"
        streamed.send(kwebbl_event("ringing"))
        heard = [json.loads(socket.recv(SOON))["event"]["type"] for _ in range(2)]
    assert heard == ["call.originated", "call.delivered"]


@both
def test_an_idle_stream_stays_while_the_vendor_gives_signs_of_life(connect: Stream_, key: str) -> None:
    streamed = connect(key)
    streamed.wait_until_connected()
    since = streamed.stream().connected_at
    beats = streamed.line.beats
    wait_until(lambda: streamed.line.beats > beats + 8, SOON, "twice the silence that would have been too long")
    assert (len(streamed.line.connected_at), streamed.stream().connected_at) == (1, since)


@both
def test_a_silent_stream_is_dead(connect: Stream_, key: str) -> None:
    streamed = connect(key)
    streamed.wait_until_connected()
    streamed.line.silent = True
    wait_until(lambda: len(streamed.line.connected_at) == 2, SOON, "another connection")
    streamed.line.silent = False
    streamed.wait_until_connected()
    streamed.send(kwebbl_event("ringing"))
    streamed.wait_for("call.originated", "call.delivered")


def test_the_subscription_shows_the_stream(connect: Stream_) -> None:
    streamed = connect("socketstreamer")
    streamed.wait_until_connected()
    streamed.send(kwebbl_event("ringing"))
    streamed.wait_for("call.originated", "call.delivered")
    client = streamed.company.program()
    (shown,) = client.get(f"/api/v1/accounts/{streamed.account_id}/subscriptions").json()["results"]
    assert (shown["transport"], shown["status"], shown["last_error"], shown["callback_url"]) == (
        "websocket",
        "active",
        None,
        None,
    )
    assert shown["last_event_at"] is not None
    page = streamed.company.browser().get(reverse("account", args=[streamed.account_id])).content.decode()
    assert '<span class="pill good">Active</span>' in page
    assert client.get(f"/api/v1/accounts/{streamed.account_id}").json()["status"] == "active"
