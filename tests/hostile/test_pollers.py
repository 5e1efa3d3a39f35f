"""Pollers that are answered what no vendor should answer: they go on, or end in words and in time, and what comes later counts."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast

import pytest

from common import http
from integrations.contract.adapter import PbxAdapter, WebhookRequest
from integrations.contract.errors import VendorError
from integrations.contract.events import CtiEvent
from integrations.contract.streams import Received, StreamItem
from integrations.registry import adapter_class
from tests.hostile.misbehaviours import MISBEHAVIOURS
from tests.hostile.operations import adapter_at
from tests.hostile.server import Body, Good, HostileServer, Misbehaviour, answer, hostile_server
from tests.integrations.callgear import stories as callgear
from tests.integrations.eq import pictures as eq

IMPATIENCE_S = 0.5
IN_TIME_S = 20.0
AT_ONCE = 16


def of_eq(state: str) -> Good:
    """EQ whose only call is the customer's with Anna."""
    lists = (
        "active_agent_sessions",
        "queued_calls",
        "parked_calls",
        "call_queue_statistics",
        "call_queue_agent_status",
    )
    calls = json.dumps([eq.line("anna", state)]).encode()
    return {**{f"/{name}": b"[]" for name in lists}, "/active_calls": calls, "/supervisor_session": b'{"token": "t"}'}


def of_callgear(contact: str) -> Good:
    """CallGear, likewise with Iris."""
    calls = [callgear.session({None: contact, callgear.IRIS: "Talk"})]
    results = {"login.user": {"access_token": "key", "expire_at": 1}, "list.calls": calls}
    return {
        "/api": lambda asked: rpc(asked, result={"data": results[json.loads(asked)["method"]]}),
    }


def rpc(asked: bytes, **fields: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": json.loads(asked)["id"], **fields}).encode()


TALKING = {"eq": of_eq("talking"), "callgear": of_callgear("Talk")}
ON_HOLD = {"eq": of_eq("onHold"), "callgear": of_callgear("On hold")}
ON_HOLD_NOW = {
    "eq": {"anna": "hold", eq.CUSTOMER: "connected"},
    "callgear": {"701": "hold", callgear.CONTACT: "connected"},
}
# JSON-RPC that is none, by what it is made of: the request.
_DATA: Mapping[str, Any] = {"data": []}
_ERROR = {"code": -32603, "message": "no", "data": {"mnemonic": "internal_error"}}
NO_RPC: Mapping[str, Body] = {
    "another id": lambda asked: rpc(asked, id="another", result=_DATA),
    "an id that is a number": lambda asked: rpc(asked, id=1, result=_DATA),
    "no id": lambda asked: rpc(asked, id=None, result=_DATA),
    "result and error": lambda asked: rpc(asked, result=_DATA, error=_ERROR),
    "neither": rpc,
    "both null": lambda asked: rpc(asked, result=None, error=None),
    "another version": lambda asked: rpc(asked, jsonrpc="1.0", result=_DATA),
    "several at once": lambda asked: b"[%s]" % rpc(asked, result=_DATA),
    "a result that is a text": lambda asked: rpc(asked, result="ok"),
    "data that is none": lambda asked: rpc(asked, result={"data": "none"}),
    "no data": lambda asked: rpc(asked, result={}),
    "an error that is a text": lambda asked: rpc(asked, error="no"),
    "an error of nothing": lambda asked: rpc(asked, error={}),
    "an error of another's": lambda asked: rpc(asked, id="another", error=_ERROR),
    "an unknown error": lambda asked: rpc(asked, error={"code": 0, "message": "\0" * 5000, "data": {"mnemonic": []}}),
    "metadata of nothing": lambda asked: rpc(asked, result={"data": None, "metadata": {"limits": "NaN"}}),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", IMPATIENCE_S)


def told(vendor: str, body: bytes) -> dict[str, str]:
    """How those stand who are on calls."""
    events = adapter_class(vendor).parse(WebhookRequest({}, body))
    shown = [each for each in cast("list[object]", events) if isinstance(each, CtiEvent)]
    legs = [leg for each in shown for leg in each.legs]
    return {leg.party.extension_id or leg.party.number or "nobody": leg.state.value for leg in legs}


async def followed(adapter: PbxAdapter, vendor: str) -> AsyncGenerator[dict[str, str]]:
    """Each time that something is told of calls, what. Where a poller gives up, in words, another begins."""
    while True:
        async with aclosing(cast("AsyncGenerator[StreamItem]", adapter.stream())) as items:
            try:
                async for item in items:
                    if isinstance(item, Received) and (states := told(vendor, item.body)):
                        yield states
            except VendorError as error:
                assert str(error)  # noqa: PT017 - of a stream that may go on, too


async def answered_well_again(server: HostileServer, path: str, good: Good) -> None:
    """Once it has been asked for that."""
    before = len(server.asked)
    while not any(f"{path} " in f"{line.partition('?')[0]} " for line in server.asked[before:]):
        server.is_asked.clear()
        await server.is_asked.wait()
    server.good = good


async def survives(vendor: str, server: HostileServer, adapter: PbxAdapter, path: str, bad: Body) -> dict[str, str]:
    """What is told of Anna, who is known to talk, when `path` is once answered badly, and all that follows well."""
    async with aclosing(followed(adapter, vendor)) as states:
        assert set((await anext(states)).values()) == {"connected"}
        server.good = {**TALKING[vendor], path: bad}
        recovery = asyncio.create_task(answered_well_again(server, path, ON_HOLD[vendor]))
        try:
            return await anext(states)
        finally:
            recovery.cancel()


async def outcome(vendor: str, path: str, bad: Body) -> object:
    """What is told afterwards, or what went wrong."""
    async with (
        hostile_server(good=TALKING[vendor]) as server,
        adapter_at(vendor, server.url, poll_interval_ms=10) as adapter,
    ):
        try:
            async with asyncio.timeout(IN_TIME_S):
                return await survives(vendor, server, adapter, path, bad)
        except Exception as error:
            return error


async def wrong(vendor: str, path: str, bad: Mapping[str, Body]) -> dict[str, object]:
    """Those after which something else is told than what a good answer says."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(body: Body) -> object:
        async with gate:
            return await outcome(vendor, path, body)

    found = await asyncio.gather(*map(one, bad.values()))
    return {name: each for name, each in zip(bad, found, strict=True) if each != ON_HOLD_NOW[vendor]}


@pytest.mark.parametrize(
    ("vendor", "path"),
    [("eq", "/active_agent_sessions"), ("eq", "/queued_calls"), ("eq", "/active_calls"), ("callgear", "/api")],
)
async def test_a_poll_that_is_answered_badly_loses_nothing(vendor: str, path: str) -> None:
    assert await wrong(vendor, path, MISBEHAVIOURS) == {}


async def test_json_rpc_that_is_none_loses_nothing() -> None:
    assert await wrong("callgear", "/api", NO_RPC) == {}


@pytest.mark.parametrize("vendor", ["eq", "callgear"])
async def test_a_vendor_that_never_answers_well_is_told_of(vendor: str) -> None:
    """In time, and in words."""
    bad: Good = {"/api": NO_RPC["neither"]} if vendor == "callgear" else {}
    page = Misbehaviour((answer(b"<html><h1>Down</h1></html>", 200, "text/html"),))
    async with hostile_server(page, bad) as server, adapter_at(vendor, server.url, poll_interval_ms=10) as adapter:
        items = cast("AsyncGenerator[StreamItem]", adapter.stream())
        async with asyncio.timeout(IN_TIME_S), aclosing(items):
            with pytest.raises(VendorError, match=r"neither a result nor an error|Down"):
                await anext(items)
