"""A dead or slow vendor's accounts, and the accounts of others in the same process: these don't notice."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from aiohttp import web

from cti.streams.connection import CONNECT_SECONDS, CONNECTING_AT_ONCE
from tests.connected import kwebbl_event
from tests.servers import wait_until
from tests.streams.conftest import SOON, Stream_, Streamed
from tests.streams.vendor import Answer, Vendor

pytestmark = pytest.mark.usefixtures("streams")
UNDELAYED = CONNECT_SECONDS - 5
"""Whoever waited for one of the bad accounts would be later."""
FEW = 4
DRIP_SECONDS = 0.2


async def _never(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def _drip(request: web.Request) -> web.StreamResponse:
    """Bytes that never become an event, or an answer."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Content-Length": "100000"})
    await response.prepare(request)
    while True:
        await response.write(b"d")
        await asyncio.sleep(DRIP_SECONDS)


async def _busy(_: web.Request) -> web.StreamResponse:
    return web.Response(status=503, text="too many connections")


@pytest.fixture
def bad_vendor() -> Iterator[Vendor]:
    with Vendor().running() as vendor:
        yield vendor


def tried(vendor: Vendor) -> int:
    return sum(bool(line.connected_at) for line in vendor.lines.values())


def take_part(*accounts: Streamed) -> None:
    """Their calls are told, however the others fare."""
    for each in accounts:
        each.send(kwebbl_event("ringing"))
    for each in accounts:
        each.wait_for("call.originated", "call.delivered", seconds=UNDELAYED)


@pytest.mark.parametrize(
    ("key", "answer", "count"),
    [
        ("ssestreamer", _never, CONNECTING_AT_ONCE + 2),
        ("pollstreamer", _never, CONNECTING_AT_ONCE + 2),
        ("ssestreamer", _drip, FEW),
        ("pollstreamer", _drip, FEW),
        ("socketstreamer", _busy, FEW),
    ],
    ids=["never answers", "never answers polls", "drips events", "drips answers", "is busy"],
)
def test_vendor_that(connect: Stream_, bad_vendor: Vendor, key: str, answer: Answer, count: int) -> None:
    connected = connect("socketstreamer")
    connected.wait_until_connected()
    bad_vendor.answer = answer
    for _ in range(count):
        connect(key, vendor=bad_vendor)
    wait_until(lambda: tried(bad_vendor) >= min(count, CONNECTING_AT_ONCE), SOON, "they are tried")
    late = connect()
    late.wait_until_connected(UNDELAYED)
    take_part(connected, late)
    assert len(connected.line.connected_at) == 1


def test_vendor_that_refuses_connections(connect: Stream_) -> None:
    gone = Vendor()  # nobody listens
    refused = [connect(vendor=gone) for _ in range(FEW)]
    wait_until(lambda: all("no connection" in each.stream().last_error for each in refused), SOON, "they are refused")
    late = connect()
    late.wait_until_connected(UNDELAYED)
    take_part(late)
    assert not any(each.line.open for each in refused)


def test_polled_events_are_stored_as_deliveries(connect: Stream_) -> None:
    polled = connect("pollstreamer")
    wait_until(lambda: polled.subscription_status() == "active", SOON, "it is connected")
    polled.line.untold = [json.dumps(kwebbl_event("ringing")), "{broken"]
    polled.wait_for("call.originated", "call.delivered")
    wait_until(lambda: len(polled.deliveries()) == 2, SOON, "both are stored")
    assert [each.status for each in polled.deliveries()] == ["applied", "unparsed"]
    assert polled.subscription().transport == "poll"
    asked = len(polled.line.connected_at)
    wait_until(lambda: len(polled.line.connected_at) > asked, SOON, "it is asked again")
