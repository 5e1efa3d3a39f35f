"""Users' calls by webhooks: one for each user, and one for each of their calls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from common.times import utc_now
from integrations.contract.adapter import WebhookRequest
from integrations.contract.commands import AgentFilter, SubscriptionFilter
from integrations.contract.errors import VendorRejected
from integrations.contract.events import CtiEvent, Reconcile
from integrations.vendors.dstny.adapter import DstnyAdapter
from integrations.vendors.dstny.watching import Registered
from tests.integrations.dstny.live import COMPANY, call_of, dstny_of, ring_in
from tests.integrations.http_server import serving
from tests.sandbox_server import SandboxHandle

CALLBACK = "http://127.0.0.1:9/hooks/dstny/secret-token"
EVERYBODY = SubscriptionFilter()


def registered(sandbox: SandboxHandle) -> list[str]:
    """The webhooks that the PBX has: kind, user, maybe call, and name."""
    return sorted(each["id"] for each in sandbox.company(COMPANY)["subscriptions"])


@asynccontextmanager
async def hook() -> AsyncIterator[tuple[str, list[WebhookRequest]]]:
    """An address for deliveries, and what came to it so far."""
    deliveries: list[WebhookRequest] = []

    async def receive(request: web.Request) -> web.Response:
        deliveries.append(WebhookRequest({}, await request.read(), dict(request.query)))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    async with serving(app) as url:
        yield f"{url}/hook", deliveries


def parsed(deliveries: list[WebhookRequest]) -> list[Any]:
    return [item for each in deliveries for item in DstnyAdapter.parse(each)]  # type: ignore[union-attr]


def states(deliveries: list[WebhookRequest]) -> list[str]:
    return [each.legs[0].state.value for each in parsed(deliveries) if isinstance(each, CtiEvent) and each.legs]


async def come(deliveries: list[WebhookRequest], count: int) -> None:
    """Waits until there are so many."""
    async with asyncio.timeout(10):
        # The sandbox is another process: nothing here could set an asyncio.Event.
        while len(deliveries) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_every_watched_user_gets_a_webhook(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox) as adapter:
        assert adapter.wanted_subscription() == EVERYBODY
        made = await adapter.create_subscription(CALLBACK, EVERYBODY)
        name = made.vendor_subscription_id
        assert registered(sandbox) == [f"user {each} {name}.{each}" for each in ("vera", "wout", "xander")]
        assert made.expires_at is not None
        assert timedelta(seconds=3500) < made.expires_at - utc_now() <= timedelta(seconds=3600)
        assert "secret" not in name
        await adapter.delete_subscription(name)
        await adapter.delete_subscription(name)
    assert registered(sandbox) == []


async def test_only_those_who_are_named(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, users=["wout"]) as adapter:
        assert adapter.wanted_subscription() == SubscriptionFilter(agents=(AgentFilter(extension_id="wout"),))
        await adapter.create_subscription(CALLBACK, adapter.wanted_subscription())
    assert [each.split()[1] for each in registered(sandbox)] == ["wout"]


@pytest.mark.parametrize("dialect", ["seconds", "time"])
async def test_renewal_prolongs_and_takes_in_who_is_new(sandbox: SandboxHandle, dialect: str) -> None:
    sandbox.set("dialect", COMPANY, expires_on=dialect)
    sandbox.set("connection", COMPANY, webhook_s=100)
    async with dstny_of(sandbox, users=["wout"]) as adapter:
        made = await adapter.create_subscription(CALLBACK, EVERYBODY)
    sandbox.set("connection", COMPANY, webhook_s=3600)
    async with dstny_of(sandbox, account={"hook_url": CALLBACK}) as adapter:
        renewed = await adapter.renew_subscription(made.vendor_subscription_id, EVERYBODY)
    assert renewed.vendor_subscription_id == made.vendor_subscription_id
    assert made.expires_at is not None
    assert renewed.expires_at is not None
    assert renewed.expires_at - made.expires_at > timedelta(minutes=50)
    assert len(registered(sandbox)) == 3


async def test_a_user_who_cannot_be_watched_is_named_and_the_others_are_watched(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, users=["wout", "nobody"]) as adapter:
        with pytest.raises(VendorRejected, match=r"1 of 2 users can't be watched\. nobody: .*no user") as raised:
            await adapter.create_subscription(CALLBACK, EVERYBODY)
    assert raised.value.status == 404
    assert [each.split()[1] for each in registered(sandbox)] == ["wout"]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (3600, 3600),
        ("1800", 1800),
        ("2026-01-31T09:10:00+01:00", -3000),
        ("2026-01-31T09:10:00", 600),
        ("soon", 3600),
        (None, 3600),
    ],
)
def test_when_a_registration_ends(told: int | str | None, seconds: int) -> None:
    now = datetime(2026, 1, 31, 9, tzinfo=UTC)
    assert Registered(told).expires_at(now) == now + timedelta(seconds=seconds)


@pytest.mark.parametrize("content", ["full", "changes"])
async def test_new_and_ended_calls_are_told_by_the_users_webhook(sandbox: SandboxHandle, content: str) -> None:
    sandbox.set("dialect", COMPANY, user_webhooks=content)
    async with hook() as (url, deliveries), dstny_of(sandbox, users=["wout"]) as adapter:
        await adapter.create_subscription(url, EVERYBODY)
        ring_in(sandbox)
        await come(deliveries, 1)
        await adapter.answer(await call_of(adapter, "wout"), None)
        await adapter.hangup(await call_of(adapter, "wout"))
        await come(deliveries, 2)
    assert states(deliveries) == ["alerting"]
    call_id = next(each.vendor_call_id for each in parsed(deliveries) if isinstance(each, CtiEvent))
    told = [each for each in parsed(deliveries) if isinstance(each, Reconcile)]
    assert told == [Reconcile("wout"), Reconcile("wout", over=(str(call_id),))]


@pytest.mark.parametrize("content", ["token", "state"])
async def test_a_call_that_was_read_is_watched_from_then_on(sandbox: SandboxHandle, content: str) -> None:
    """What a Reconcile asks for: the call is read, and gets a webhook of its own."""
    sandbox.set("dialect", COMPANY, call_webhooks=content)
    async with hook() as (url, deliveries), dstny_of(sandbox, account={"hook_url": url}, users=["wout"]) as adapter:
        ring_in(sandbox)
        [ringing] = (await adapter.read_calls("wout")).calls
        assert [each.split()[:3] for each in registered(sandbox)] == [["call", "wout", ringing.vendor_call_id]]
        await adapter.answer(await call_of(adapter, "wout"), None)
        await come(deliveries, 1)
        told = parsed(deliveries)
        [now] = [
            event
            for each in (await adapter.read_calls("wout")).calls
            for event in parsed([WebhookRequest({}, each.payload)])
        ]
    assert now.legs[0].state.value == "connected"
    assert told == [Reconcile("wout")] if content == "token" else told[0].identity == now.identity


async def test_what_vanishes_leaves_a_full_state_without_it(sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", COMPANY, ended_calls="vanish")
    async with hook() as (url, deliveries), dstny_of(sandbox, users=["wout"]) as adapter:
        await adapter.create_subscription(url, EVERYBODY)
        ring_in(sandbox)
        await come(deliveries, 1)
        await adapter.reject(await call_of(adapter, "wout"))
        await come(deliveries, 2)
    assert parsed(deliveries)[-1] == Reconcile("wout")
    assert states(deliveries) == ["alerting"]


async def test_calls_from_before_are_watched_too(sandbox: SandboxHandle) -> None:
    ring_in(sandbox)
    async with dstny_of(sandbox, users=["wout"]) as adapter:
        await adapter.create_subscription(CALLBACK, EVERYBODY)
    assert [each.split()[0] for each in registered(sandbox)] == ["call", "user"]


async def test_each_state_is_told_on_servers_that_do_so(sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", COMPANY, user_webhooks_on="every_change")
    async with hook() as (url, deliveries), dstny_of(sandbox, users=["wout"]) as adapter:
        await adapter.create_subscription(url, EVERYBODY)
        ring_in(sandbox)
        await come(deliveries, 1)
        call = await call_of(adapter, "wout")
        await adapter.answer(call, None)
        await come(deliveries, 2)
        await adapter.hold(call)
        await come(deliveries, 3)
        await adapter.hangup(call)
        await come(deliveries, 4)
    assert states(deliveries) == ["alerting", "connected", "hold"]
    assert [each.over for each in parsed(deliveries) if isinstance(each, Reconcile)][-1] == (call.vendor_call_id,)
