"""What others tell of a polled account's calls: heard from the hints of its tenant, as long as it is connected."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from common.http import HttpClient
from common.times import utc_now
from cti.calls.store import confirm_originated, expect_outbound
from cti.events.entries import LogEntry
from cti.events.hints import channel_of, encode_hint
from cti.streams import news as streams_news
from cti.streams.leases import Held
from cti.streams.news import News, open_news
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.events import Party
from tests.servers import Server, wait_until
from tests.streams.adapters import HookedPollStreamer, PollStreamer, SseStreamer
from tests.streams.conftest import SOON, Stream_

TENANT = uuid4()


def adapter_of(kind: type[PbxAdapter]) -> PbxAdapter:
    return kind(Account("acc", "http://pbx.example"), HttpClient(allowed_networks=()))


def held(tenant_id: UUID = TENANT) -> Held:
    return Held(tenant_id, uuid4(), version=1)


def hint(account: Held, *types: str) -> bytes:
    told = [LogEntry(1 + n, kind, account.account_id, [], "{}", utc_now()) for n, kind in enumerate(types)]
    return encode_hint(told)


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    async with Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture
async def news(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[News]:
    monkeypatch.setattr(streams_news, "ROUND_SECONDS", 0.01)
    async with open_news() as opened:
        yield opened


async def listeners(redis: Redis, tenant_id: UUID = TENANT) -> int:
    [(_, count)] = await redis.pubsub_numsub(channel_of(tenant_id))
    return int(count)


async def until_listeners(redis: Redis, count: int, tenant_id: UUID = TENANT) -> None:
    async with asyncio.timeout(SOON):
        while await listeners(redis, tenant_id) != count:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)


async def publish(redis: Redis, *hints: bytes) -> None:
    for each in hints:
        await redis.publish(channel_of(TENANT), each)


async def heard(adapter: PbxAdapter) -> bool:
    async with asyncio.timeout(SOON):
        return await adapter.news.wait()


Polled = tuple[Held, PbxAdapter]


@pytest.fixture
async def two(news: News, redis: Redis) -> AsyncIterator[tuple[Polled, Polled]]:
    """Accounts of one tenant that are told of their calls."""
    one, other = ((held(), adapter_of(HookedPollStreamer)) for _ in range(2))
    with news.told_to(*one), news.told_to(*other):
        await until_listeners(redis, 1)
        yield one, other


async def test_a_call_that_is_told_of_is_news_to_its_own_account_alone(
    two: tuple[Polled, Polled], redis: Redis
) -> None:
    (one, polling), (_, neighbour) = two
    await publish(redis, hint(held(), "call.originated"), hint(one, "call.originated", "call.delivered"))
    assert await heard(polling)
    assert not neighbour.news.is_set()


async def test_neither_ends_of_calls_nor_anything_else_are_news(two: tuple[Polled, Polled], redis: Redis) -> None:
    (one, polling), (other, last) = two
    await publish(redis, hint(one, "call.party_left", "call.cleared"), hint(one, "call.recording_changed"))
    await publish(redis, hint(one, "presence.changed"), encode_hint([]), hint(other, "call.established"))
    assert await heard(last)
    assert not polling.news.is_set()


async def test_nobody_listens_for_vendors_that_only_stream_or_are_only_asked(news: News, redis: Redis) -> None:
    only_asked, only_streams = held(uuid4()), held(uuid4())
    with contextlib.ExitStack() as connected:
        connected.enter_context(news.told_to(only_asked, adapter_of(PollStreamer)))
        connected.enter_context(news.told_to(only_streams, adapter_of(SseStreamer)))
        connected.enter_context(news.told_to(held(), adapter_of(HookedPollStreamer)))
        await until_listeners(redis, 1)
        assert await listeners(redis, only_asked.tenant_id) == await listeners(redis, only_streams.tenant_id) == 0


async def test_a_tenant_is_listened_to_as_long_as_an_account_of_it_is_connected(news: News, redis: Redis) -> None:
    first, second = held(), held()
    polling = adapter_of(HookedPollStreamer)
    with news.told_to(first, polling):
        with news.told_to(second, adapter_of(HookedPollStreamer)):
            await until_listeners(redis, 1)
        await publish(redis, hint(first, "call.originated"))
        assert await heard(polling)
        assert await listeners(redis) == 1
    await until_listeners(redis, 0)


async def test_an_account_that_is_connected_anew_is_told_whenever_the_old_connection_goes(
    news: News, redis: Redis
) -> None:
    account, polling = held(), adapter_of(HookedPollStreamer)
    hanging = contextlib.ExitStack()
    hanging.enter_context(news.told_to(account, adapter_of(HookedPollStreamer)))
    with news.told_to(account, polling):
        hanging.close()
        await until_listeners(redis, 1)
        await publish(redis, hint(account, "call.originated"))
        assert await heard(polling)
    await until_listeners(redis, 0)


async def test_a_connection_to_redis_that_breaks_is_made_again(news: News, redis: Redis) -> None:
    account, polling = held(), adapter_of(HookedPollStreamer)
    with news.told_to(account, polling):
        await until_listeners(redis, 1)
        broken = news._pubsub.connection
        assert broken is not None
        await broken.disconnect()
        async with asyncio.timeout(SOON):
            while not polling.news.is_set():
                await publish(redis, hint(account, "call.originated"))
                await asyncio.sleep(0.01)
        assert await listeners(redis) == 1


def test_a_quiet_poller_asks_when_others_tell_of_a_call(connect: Stream_, streams: Server) -> None:
    """By itself it would ask every 15 seconds."""
    polled = connect("hookedpollstreamer")
    wait_until(lambda: polled.subscription_status() == "active", SOON, "the poller is connected")
    call = expect_outbound(
        polled.tenant_id, polled.account.pk, from_=Party(number="1001"), to=Party(number="31612345678")
    )
    polls = len(polled.line.connected_at)
    wait_until(lambda: _is_listened_to(polled.tenant_id), SOON, "its tenant is listened to")
    confirm_originated(polled.tenant_id, call.pk, "call-1")
    wait_until(lambda: len(polled.line.connected_at) > polls + 5, SOON, "it asks again and again")
    assert polled.call_events() == ["call.originated"]


def _is_listened_to(tenant_id: UUID) -> bool:
    with SyncRedis.from_url(settings.REDIS_URL) as client:
        [(_, count)] = client.pubsub_numsub(channel_of(tenant_id))
    return bool(count)
