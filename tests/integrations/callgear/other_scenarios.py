"""What else there is besides commands, against the sandbox: events, lists, history, and CallGear's own API."""

import json
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.contract.adapter import WebhookRequest
from integrations.contract.commands import CallRef, Destination, RawRequest
from integrations.contract.events import CtiEvent, EventType, Ignored
from integrations.contract.streams import Alive, Connected, Received
from integrations.contract.things import VendorCallerId
from integrations.vendors.callgear.adapter import CallGearAdapter
from integrations.vendors.callgear.templates import TEMPLATES
from tests.integrations.callgear.live import COMPANY, CUSTOMER, IRIS, NOON, employee, parsed, ring_in, shown, the_call
from tests.integrations.callgear.receiver import receiving
from tests.sandbox_server import SandboxHandle

Scenario = Callable[[CallGearAdapter, SandboxHandle], Coroutine[Any, Any, None]]
_TALKS = CallRef("1", "connected")


async def pass_on(adapter: CallGearAdapter, method: str, path: str = "/", **params: Any) -> Any:
    """The vendor's own answer to somebody's own request."""
    body = json.dumps({"method": method, "params": params}).encode()
    answer = await adapter.passthrough(RawRequest("POST", path, body=body))
    assert answer.status == 200
    return json.loads(answer.body)


def passed_through(method: str, path: str = "/") -> Scenario:
    async def scenario(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
        assert "data" in (await pass_on(adapter, method, path))["result"]

    return scenario


async def log_in(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    answer = await pass_on(adapter, "login.user", login="iris@acme.example", password="demo-iris")
    assert answer["result"]["data"]["access_token"]


async def talk_option(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    call_id = int(ring_in(sandbox))
    sandbox.act(str(call_id), "answer", COMPANY, extension=IRIS)
    await pass_on(adapter, "call.talk_option", call_session_id=call_id, button="1")
    assert (await the_call(adapter)).tags == ("Relevant",)
    refused = await pass_on(adapter, "call.talk_option", call_session_id=call_id, button="9")
    assert refused["error"]["data"]["mnemonic"] == "talk_option_not_found"


# Events.


async def snapshot(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    call_id = ring_in(sandbox)
    event = await the_call(adapter)
    assert (event.vendor_call_id, event.complete, event.hands_over) == (call_id, True, True)
    assert {(leg.party.number or leg.party.name, leg.role) for leg in event.legs} == {
        (CUSTOMER, "caller"),
        ("Iris Hofman", "callee"),
    }


async def polls(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    stream = adapter.stream()
    assert await anext(stream) == Connected(gap=True)
    assert await anext(stream) == Alive()
    call_id = ring_in(sandbox)
    told = await _received(stream)
    assert {event.vendor_call_id for event in told} == {call_id}
    sandbox.act(call_id, "hangup", COMPANY)
    assert [event.type for event in await _received(stream)] == [EventType.CLEARED]
    await stream.aclose()  # type: ignore[attr-defined]  # a generator


async def _received(stream: Any) -> list[CtiEvent]:
    async for item in stream:
        if isinstance(item, Received):
            return parsed(item.body)
    return []


def notified(event: str) -> Scenario:
    """The template as it is shown, pasted: what comes is understood as that event."""

    async def scenario(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
        async with receiving() as receiver:
            for template in TEMPLATES:
                fields = {"event": template.event, "method": "POST", "url": receiver.url, "template": template.body}
                sandbox.control("POST", f"/companies/{COMPANY}/vendor/paste-notification", **fields)
            await (_outbound if event == "Outbound call" else _inbound)(adapter, sandbox, event)
            body = await receiver.wait_for(event)
        understood = CallGearAdapter.parse(WebhookRequest({}, body, received_at=NOON))
        if event == "Talk finished":
            assert isinstance(understood, Ignored)
        else:
            assert isinstance(understood, list)
            assert EXPECTED[event] in {each.type for each in understood}

    return scenario


EXPECTED = {
    "Inbound call on a virtual phone number": EventType.ORIGINATED,
    "Outbound call": EventType.ORIGINATED,
    "Waiting for the answer": EventType.OBSERVED,
    "Talk started": EventType.OBSERVED,
    "Call finished": EventType.CLEARED,
    "Lost call": EventType.CLEARED,
    "Call recording completed": EventType.OBSERVED,
}


async def _inbound(adapter: CallGearAdapter, sandbox: SandboxHandle, event: str) -> None:
    call_id = ring_in(sandbox)
    if event != "Lost call":
        sandbox.act(call_id, "answer", COMPANY, extension=IRIS)
        sandbox.act(call_id, "start-recording", COMPANY, extension=IRIS)
    sandbox.act(call_id, "hangup", COMPANY)


async def _outbound(adapter: CallGearAdapter, sandbox: SandboxHandle, event: str) -> None:
    sandbox.control("POST", f"/companies/{COMPANY}/calls", from_extension=IRIS, to=CUSTOMER)


# Lists and history.


async def employees(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    listed = {each.number: each for each in await adapter.list_extensions()}
    assert {number: each.name for number, each in listed.items()} == {
        "701": "Iris Hofman",
        "702": "Joris Blom",
        "703": "Kim Peters",
    }
    assert await adapter.get_extension(employee(sandbox, IRIS)) == listed[IRIS]


async def virtual_numbers(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    numbers = await adapter.list_caller_ids(employee(sandbox, IRIS))
    assert VendorCallerId("31705550700", "31705550700") in numbers


async def tags(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    assert {"Relevant", "Complaint"} <= set(await adapter.list_tags())


async def _recorded_call(adapter: CallGearAdapter, sandbox: SandboxHandle) -> str:
    call_id = ring_in(sandbox)
    sandbox.act(call_id, "answer", COMPANY, extension=IRIS)
    sandbox.act(call_id, "start-recording", COMPANY, extension=IRIS)
    sandbox.act(call_id, "hangup", COMPANY)
    assert shown(await adapter.snapshot()) == []
    return call_id


async def call_log(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    call_id = await _recorded_call(adapter, sandbox)
    [item] = (await adapter.read_call_log(None, None, None, 10)).items
    assert (item.vendor_call_id, item.direction, item.from_number) == (call_id, "inbound", CUSTOMER)
    assert (item.missed, item.vendor_extension_id) == (False, employee(sandbox, IRIS))
    async with adapter.open_recording(item.vendor_recording_id or "") as media:
        sound = b"".join([chunk async for chunk in media.chunks])
    assert (media.content_type, sound[:4]) == ("audio/wav", b"RIFF")
    ring_in(sandbox)
    assert (await adapter.read_call_log(None, None, "1", 1)).items == ()


async def legs_report(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    await _recorded_call(adapter, sandbox)
    now = datetime.now(UTC)
    times = {
        name: (now + timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")
        for name, days in (("date_from", -1), ("date_till", 1))
    }
    answer = await pass_on(adapter, "get.call_legs_report", "/data", **times)
    assert len(answer["result"]["data"]) >= 2


# What there is not.


def not_in_the_document(adapter: CallGearAdapter) -> Iterator[Awaitable[Any]]:
    yield adapter.answer(_TALKS, None)
    yield adapter.reject(_TALKS)
    yield adapter.mute(_TALKS)
    yield adapter.park(_TALKS)
    yield adapter.pickup(_TALKS, "1", None)
    yield adapter.conference(_TALKS, _TALKS)


def only_whispering(adapter: CallGearAdapter) -> Iterator[Awaitable[Any]]:
    yield adapter.supervise(_TALKS, "listen", Destination(number="703"))
    yield adapter.supervise(_TALKS, "barge", Destination(number="703"))
