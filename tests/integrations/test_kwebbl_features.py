"""Walks the feature table of Kwebbl's README: each row has a scenario that proves it against the sandbox."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from integrations.contract.capabilities import Capability
from integrations.contract.commands import AgentFilter, CallRef, Destination, Originate, RawRequest, SubscriptionFilter
from integrations.contract.errors import Unsupported, VendorRejected
from integrations.contract.events import CtiEvent, EventType
from integrations.vendors import kwebbl
from integrations.vendors.kwebbl.adapter import KwebblAdapter
from integrations.vendors.kwebbl.client import ROUTES
from integrations.vendors.kwebbl.events import EVENT_TYPES, parse_notification
from tests.integrations.http_server import serving
from tests.integrations.kwebbl_live import kwebbl_of
from tests.integrations.readme import features_of
from tests.sandbox_server import SandboxHandle

FEATURES = features_of(kwebbl)
CALLBACK = "http://127.0.0.1:9/hooks/kwebbl/token"
ALL = SubscriptionFilter(event_types=("*",), mode="detailed")
Scenario = Callable[[KwebblAdapter, SandboxHandle], Coroutine[Any, Any, None]]


async def list_extensions(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    listed = {(each.vendor_extension_id, each.number, each.type) for each in await adapter.list_extensions()}
    assert listed == {(each["id"], each["number"], each["type"]) for each in sandbox.company()["extensions"]}


async def get_extension(adapter: KwebblAdapter, _: SandboxHandle) -> None:
    first = (await adapter.list_extensions())[0]
    assert await adapter.get_extension(first.vendor_extension_id) == first


async def caller_ids(adapter: KwebblAdapter, _: SandboxHandle) -> None:
    extension = (await adapter.list_extensions())[0].vendor_extension_id
    numbers = await adapter.list_caller_ids(extension)
    assert numbers
    assert all(re.fullmatch(r"\d{3,15}", each.number) for each in numbers)
    await adapter.set_caller_id(extension, numbers[-1].caller_id)


async def subscriptions(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    made = await adapter.create_subscription(CALLBACK, ALL)
    assert (made.callback_url, made.event_types, made.mode) == (CALLBACK, ("*",), "detailed")
    assert await adapter.list_subscriptions() == [made]
    assert await adapter.get_subscription(made.vendor_subscription_id) == made
    await adapter.delete_subscription(made.vendor_subscription_id)
    await adapter.delete_subscription(made.vendor_subscription_id)
    assert sandbox.company()["subscriptions"] == []


async def originate(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    answer = await adapter.originate(Originate(from_=Destination(number="1000"), to=Destination(number="+31612345678")))
    assert answer is None
    assert len(calls(sandbox)) == 1


async def hangup(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    call = talking(sandbox)
    await adapter.hangup(call)
    assert calls(sandbox) == []


async def transfer_blind(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    call = talking(sandbox)
    await adapter.transfer(call, Destination(number="1002"), "blind")
    assert "1002" in {leg["number"] for leg in look(sandbox, call)["legs"]}


async def transfer_attended(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    await adapter.transfer(talking(sandbox), Destination(number="1002"), "attended")
    assert len(calls(sandbox)) == 2


async def hold_and_resume(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    call = talking(sandbox)
    await adapter.hold(call)
    assert look(sandbox, call)["state"] == "held"
    await adapter.resume(call)
    assert look(sandbox, call)["state"] == "connected"


async def recording(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    call = talking(sandbox)
    await adapter.start_recording(call)
    assert look(sandbox, call)["recording"] is True
    await adapter.stop_recording(call)
    assert look(sandbox, call)["recording"] is False


async def every_event(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    """Plays calls that raise every type of event, in both spellings, and reads what a hook receives."""
    async with hook() as (url, events):
        await adapter.create_subscription(url, ALL)
        for words in ({"resume_word": "resume"}, {"resume_word": "resumed", "recording_words": "hyphen"}):
            sandbox.set("dialect", created_call_id="recording_words" not in words, **words)
            call = talking(sandbox)
            for act in (adapter.hold, adapter.resume, adapter.start_recording, adapter.stop_recording):
                await act(call)
            await adapter.transfer(call, Destination(number="1002"), "attended")
            [consultation] = [each for each in calls(sandbox) if each["consultation_for"]]
            sandbox.act(consultation["id"], "answer", extension="1002")
            sandbox.act(call.vendor_call_id, "finish-transfer")
            await adapter.hangup(call)
            await every_type_of(events)
            events.clear()


@asynccontextmanager
async def hook() -> AsyncIterator[tuple[str, list[CtiEvent]]]:
    """An address for notifications, and what they said so far."""
    events: list[CtiEvent] = []

    async def receive(request: web.Request) -> web.Response:
        events.append(parse_notification(await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    async with serving(app) as url:
        yield f"{url}/hook", events


async def every_type_of(events: list[CtiEvent]) -> None:
    """Waits until there is one of each."""
    async with asyncio.timeout(10):
        # The sandbox is another process: nothing here could set an asyncio.Event.
        while {event.type for event in events} != set(EVENT_TYPES.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def calls(sandbox: SandboxHandle) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.control("GET", "/companies/acme/calls")
    return found


def look(sandbox: SandboxHandle, call: CallRef) -> dict[str, Any]:
    return next(each for each in calls(sandbox) if each["id"] == call.vendor_call_id)


def talking(sandbox: SandboxHandle) -> CallRef:
    """A customer's call that Bram has answered."""
    call_id = sandbox.ring_in("1001")
    sandbox.act(call_id, "answer", extension="1001")
    return CallRef(call_id, "connected")


EVENT_WORDS = sorted({word for word in EVENT_TYPES if word != "resumed"})


async def passthrough(adapter: KwebblAdapter, sandbox: SandboxHandle) -> None:
    answer = await adapter.passthrough(RawRequest("GET", "/extensions/unknown", headers={"Accept": "application/json"}))
    assert (answer.status, json.loads(answer.body)["error_code"]) == (400, "validation")
    call = talking(sandbox)
    body = b'{"target": {"number": "1002"}, "transfer_type": "blind"}'
    headers = {"Content-Type": "application/json"}
    sent = RawRequest("POST", f"/calls/{call.vendor_call_id}/transfer", headers=headers, body=body)
    assert (await adapter.passthrough(sent)).status == 202
    assert look(sandbox, call)["to"]["number"] == "1002"


SCENARIOS: dict[str, Scenario] = {
    "GET /extensions": list_extensions,
    "GET /extensions/{id}": get_extension,
    "GET /extensions/{id}/multiple_caller_ids": caller_ids,
    "PUT /extensions/{id}/caller_id": caller_ids,
    "GET /subscriptions": subscriptions,
    "GET /subscriptions/{id}": subscriptions,
    "POST /subscriptions": subscriptions,
    "DELETE /subscriptions/{id}": subscriptions,
    "modify a subscription": subscriptions,
    "POST /calls": originate,
    "POST /calls/{id}/hangup": hangup,
    "POST /calls/{id}/terminate": hangup,
    "POST /calls/{id}/transfer (blind)": transfer_blind,
    "POST /calls/{id}/transfer (attended)": transfer_attended,
    "POST /calls/{id}/hold": hold_and_resume,
    "POST /calls/{id}/resume": hold_and_resume,
    "POST /calls/{id}/start-recording": recording,
    "POST /calls/{id}/stop-recording": recording,
    "any other request": passthrough,
    **{f"event {word}": every_event for word in EVENT_WORDS},
}
PROVED_ELSEWHERE = {"GET /authorize", "POST /token (code)", "POST /token (refresh)"}
"""test_oauth.py and test_tokens.py."""


@pytest.mark.parametrize("scenario", dict.fromkeys(SCENARIOS.values()))
async def test_feature(sandbox: SandboxHandle, scenario: Scenario) -> None:
    async with kwebbl_of(sandbox) as adapter:
        await scenario(adapter, sandbox)


def test_every_documented_operation_has_a_scenario() -> None:
    assert set(FEATURES) == SCENARIOS.keys() | PROVED_ELSEWHERE


def test_every_route_is_documented() -> None:
    operations = {operation.partition(" (")[0] for operation in FEATURES}
    assert {f"{route.method} {route.path}" for route in ROUTES.values()} <= operations


def test_the_table_names_capabilities_and_events() -> None:
    names = {*Capability, *EventType, "account"}
    assert set(FEATURES.values()) <= names
    assert {here for here in FEATURES.values() if here in set(Capability)} | {
        "calls.transfer"
    } == KwebblAdapter.declared


async def test_place_a_call_for_the_user_who_authorized(sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", originate_body="call_id")
    async with kwebbl_of(sandbox, scope="calls.create.personal", email="bram@acme.example") as adapter:
        call_id = await adapter.originate(Originate(from_=None, to=Destination(number="31612345678")))
    assert [call["id"] for call in calls(sandbox)] == [call_id]


async def test_anti_fraud_is_explained(sandbox: SandboxHandle) -> None:
    between_strangers = Originate(from_=Destination(number="31612345678"), to=Destination(number="31687654321"))
    async with kwebbl_of(sandbox) as adapter:
        with pytest.raises(VendorRejected, match="one side must be an extension") as raised:
            await adapter.originate(between_strangers)
    assert (raised.value.status, raised.value.code) == (400, "validation")


@pytest.mark.parametrize("command", [{"caller_id": "31205550100"}, {"options": {"auto": True}}])
async def test_what_kwebbl_cannot_do_with_a_call(sandbox: SandboxHandle, command: dict[str, Any]) -> None:
    async with kwebbl_of(sandbox) as adapter:
        with pytest.raises(Unsupported):
            await adapter.originate(Originate(from_=None, to=Destination(number="1000"), **command))


async def test_only_blind_and_attended_transfers(sandbox: SandboxHandle) -> None:
    async with kwebbl_of(sandbox) as adapter:
        with pytest.raises(Unsupported, match="voicemail"):
            await adapter.transfer(CallRef("x", "connected"), Destination(number="1000"), "voicemail")


async def test_numbers_as_json_numbers(sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", json_numbers=True)
    async with kwebbl_of(sandbox) as adapter:
        assert "1001" in {each.number for each in await adapter.list_extensions()}


@pytest.mark.parametrize("status", [403, 503])
async def test_missing_scope_is_told_before_and_after_asking(sandbox: SandboxHandle, status: int) -> None:
    sandbox.set("dialect", missing_scope=status)
    async with kwebbl_of(sandbox, scope="calls.manage") as adapter:
        with pytest.raises(Unsupported, match=r"company\.dialplans or company\.users"):
            await adapter.list_extensions()
    bram = "bram@acme.example"  # no admin: Kwebbl quietly leaves out company-wide scopes
    async with kwebbl_of(sandbox, scope="user.info calls.events", email=bram) as adapter:
        with pytest.raises(VendorRejected, match=r"calls\.events") as raised:
            await adapter.create_subscription(CALLBACK, ALL)
    assert (raised.value.status, raised.value.code) == (status, "access_denied")


@pytest.mark.parametrize(
    ("scope", "options", "expected"),
    [
        ("calls.events", {}, ALL),
        ("calls.events.personal", {}, ALL),
        (
            "calls.events.personal",
            {"own_extension": "1001"},
            SubscriptionFilter(("*",), "detailed", (AgentFilter(number="1001"),)),
        ),
        (
            "calls.events.presence",
            {},
            SubscriptionFilter(("created", "ringing", "answered", "terminated"), "presence"),
        ),
    ],
)
async def test_subscription_is_all_that_the_scopes_allow(
    sandbox: SandboxHandle, scope: str, options: dict[str, Any], expected: SubscriptionFilter
) -> None:
    bram = "bram@acme.example" if "personal" in scope else None
    async with kwebbl_of(sandbox, scope=scope, email=bram, **options) as adapter:
        assert adapter.wanted_subscription() == expected
        made = await adapter.create_subscription(CALLBACK, expected)
    assert (made.event_types, made.mode) == (expected.event_types, expected.mode)
