"""POST /hooks/kwebbl/{token} against a real web process: what is answered, and what is stored by then."""

import asyncio
import http.client
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from cti.ingest.hooks import MAX_BODY
from tests.connected import Connected, connect_account, kwebbl_event
from tests.servers import Server

pytestmark = pytest.mark.usefixtures("committed_db")


def post(server: Server, path: str, body: bytes | dict[str, Any], **headers: str) -> int:
    """The status that a vendor gets."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request("POST", path, body if isinstance(body, bytes) else json.dumps(body), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_event_is_stored_with_its_payload_before_the_answer(web_server: Server) -> None:
    connected = connect_account()
    event = kwebbl_event("ringing")
    assert post(web_server, connected.hook, event) == 200
    (delivery,) = connected.deliveries()
    assert json.loads(bytes(delivery.body)) == event
    assert delivery.status == "applied"
    assert [(each["type"], each["sequence"]) for each in connected.events()] == [
        ("call.originated", 1),
        ("call.delivered", 2),
    ]


def test_duplicate_is_answered_alike_and_changes_nothing(web_server: Server) -> None:
    connected = connect_account()
    for _ in range(3):
        assert post(web_server, connected.hook, kwebbl_event("ringing")) == 200
    assert connected.types() == ["call.originated", "call.delivered"]
    assert [delivery.status for delivery in connected.deliveries()] == ["applied", "duplicate", "duplicate"]


def test_answered_and_bridged_may_share_an_id_as_in_the_document(web_server: Server) -> None:
    connected = connect_account()
    post(web_server, connected.hook, kwebbl_event("ringing"))
    post(web_server, connected.hook, kwebbl_event("answered", number=1, id="a1b2c3d3"))
    calls = [
        {
            "call_id": "call-1",
            "from": {"number": "31612345678"},
            "to": {"extension_id": "a" * 32},
            "direction": "inbound",
        },
        {
            "call_id": "call-2",
            "from": {"number": "31612345678"},
            "to": {"extension_id": "b" * 32},
            "direction": "outbound",
        },
    ]
    bridged = {"id": "a1b2c3d3", "event_type": "bridged", "calls": calls, "time": "2026-01-31T09:00:02.000Z"}
    assert post(web_server, connected.hook, bridged) == 200
    assert connected.types()[-1] == "call.bridged"


def test_unknown_token_is_404_and_nothing_is_stored(web_server: Server) -> None:
    connected = connect_account()
    assert post(web_server, f"/hooks/kwebbl/{secrets.token_urlsafe(32)}", kwebbl_event("ringing")) == 404
    assert post(web_server, "/hooks/kwebbl/short", kwebbl_event("ringing")) == 404
    assert post(web_server, connected.hook.replace("kwebbl", "nobody"), kwebbl_event("ringing")) == 404
    assert connected.deliveries() == []


def test_oversized_body_is_refused_before_it_is_read(web_server: Server) -> None:
    connected = connect_account()
    assert post(web_server, connected.hook, b"{}", **{"Content-Length": str(MAX_BODY + 1)}) == 413
    assert connected.deliveries() == []


def test_oversized_chunked_body_is_refused_on_the_way(web_server: Server) -> None:
    connected = connect_account()
    address = urlsplit(web_server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.putrequest("POST", connected.hook)
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    for _ in range(MAX_BODY // 65536 + 1):
        connection.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
    assert connection.getresponse().status == 413
    connection.close()
    assert connected.deliveries() == []


def test_broken_json_is_kept_and_the_vendor_is_content(web_server: Server) -> None:
    connected = connect_account()
    assert post(web_server, connected.hook, b'{"event_type": "ringing", oops') == 200
    (delivery,) = connected.deliveries()
    assert (delivery.status, bytes(delivery.body)) == ("unparsed", b'{"event_type": "ringing", oops')
    assert "JSON" in delivery.note


def test_nul_in_a_callers_name_costs_the_nul_alone(web_server: Server) -> None:
    connected = connect_account()
    hostile = {"from": {"number": "31612345678", "caller_id": "Jan\x00sen \\u0000"}}
    assert post(web_server, connected.hook, kwebbl_event("ringing") | hostile) == 200
    assert connected.events()[0]["data"]["call"]["from"]["name"] == "Jansen \\u0000"


def test_created_without_call_id_joins_the_call_that_follows(web_server: Server) -> None:
    connected = connect_account()
    assert post(web_server, connected.hook, kwebbl_event("created", None)) == 200
    assert connected.types() == []
    assert connected.deliveries()[0].status == "waiting"
    post(web_server, connected.hook, kwebbl_event("ringing", number=2))
    assert connected.types() == ["call.originated", "call.delivered"]
    assert connected.events()[0]["data"]["call"]["started_at"] == "2026-01-31T09:00:00.000Z"
    assert [delivery.status for delivery in connected.deliveries()] == ["applied", "applied"]


def test_methods_other_than_post_are_refused(web_server: Server) -> None:
    connected = connect_account()
    address = urlsplit(web_server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.request("GET", connected.hook, headers={"X-Request-ID": "from-the-vendor"})
    response = connection.getresponse()
    assert (response.status, response.headers["Allow"], response.headers["X-Request-ID"]) == (
        405,
        "POST",
        "from-the-vendor",
    )
    connection.close()


async def _burst(server: Server, connected: list[Connected], calls: int) -> None:
    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(server.url, connector=connector) as session:

        async def send(hook: str, event: dict[str, Any]) -> None:
            async with session.post(hook, json=event) as response:
                assert response.status == 200

        await asyncio.gather(
            *(
                send(each.hook, kwebbl_event(kind, f"call-{call}", number=number))
                for call in range(calls)
                for number, kind in enumerate(("created", "ringing", "answered", "terminated"))
                for each in connected
            )
        )


def test_concurrent_bursts_leave_gapless_sequences_in_every_tenant(web_server: Server) -> None:
    connected = [connect_account() for _ in range(3)]
    asyncio.run(_burst(web_server, connected, calls=50))
    for each in connected:
        events = each.events()
        assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
        assert {event["tenant_id"] for event in events} == {each.company.tenant.public_id}
        ended = [event["data"]["call"] for event in events if event["type"] == "call.cleared"]
        assert len(ended) == 50
        versions: dict[str, int] = {}
        for event in events:
            call = event["data"]["call"]
            assert call["version"] >= versions.get(call["id"], 1)
            versions[call["id"]] = call["version"]
