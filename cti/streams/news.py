"""What others tell of the calls of a polled account, such as its vendor's hook: its poller needn't wait to ask for the rest.

It is heard from the hints of the tenants' logs, of those tenants alone that have such an account here. A hint that is lost
makes nothing wrong: the poller asks when it would have asked anyway.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cti.events.hints import channel_of, decode_hint
from cti.streams.leases import Held
from integrations.contract.adapter import PbxAdapter

log = structlog.get_logger(__name__)
TELLING = frozenset({"call.originated", "call.delivered", "call.established"})
"""That a call is going on. Not its end: a poller that has just told it would be woken to look for what is no more."""
ROUND_SECONDS = 1.0
"""How late tenants begin to be listened to, and cease to be."""


class News:
    """Hands on what is told of accounts whose vendors are asked and call a hook as well. One a process."""

    def __init__(self, redis: "Redis") -> None:
        self._pubsub = redis.pubsub(ignore_subscribe_messages=True)
        self._accounts: dict[UUID, asyncio.Event] = {}
        self._tenants = Counter[UUID]()
        """How many of the accounts each has."""
        self._followed: set[UUID] = set()
        self._has_moved = False
        """Whether other tenants are wanted than are followed."""

    @contextmanager
    def told_to(self, held: Held, adapter: PbxAdapter) -> Iterator[None]:
        """Meanwhile, news of the account are the adapter's. For pollers with a hook alone: others learn of calls first."""
        if adapter.stream_transport != "poll" or not adapter.wants_subscription():
            yield
            return
        self._tenants[held.tenant_id] += 1
        self._accounts[held.account_id] = adapter.news
        self._has_moved = True
        try:
            yield
        finally:
            self._forget(held, adapter)

    def _forget(self, held: Held, adapter: PbxAdapter) -> None:
        if self._accounts.get(held.account_id) is adapter.news:  # else the account was connected anew meanwhile
            del self._accounts[held.account_id]
        self._tenants[held.tenant_id] -= 1
        if not self._tenants[held.tenant_id]:
            del self._tenants[held.tenant_id]
        self._has_moved = True

    async def listen(self) -> None:
        """Until it is cancelled. Redis being away delays it, and costs what is told meanwhile."""
        while True:
            try:
                await self._follow()
                if self._pubsub.subscribed:
                    message = await self._pubsub.get_message(timeout=ROUND_SECONDS)
                    if message is not None:
                        self._heed(message["data"])
                else:
                    await asyncio.sleep(ROUND_SECONDS)
            except (RedisError, OSError) as error:
                log.warning("hints_interrupted", error=type(error).__name__)
                await asyncio.sleep(ROUND_SECONDS)

    async def aclose(self) -> None:
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _follow(self) -> None:
        if not self._has_moved:
            return
        wanted = set(self._tenants)
        if begun := wanted - self._followed:
            await self._pubsub.subscribe(*map(channel_of, begun))
        if ended := self._followed - wanted:
            await self._pubsub.unsubscribe(*map(channel_of, ended))
        self._followed = wanted
        self._has_moved = wanted != set(self._tenants)  # others have come while Redis was told

    def _heed(self, hint: bytes) -> None:
        for entry in decode_hint(hint):
            if entry.type in TELLING and entry.account_id in self._accounts:
                self._accounts[entry.account_id].set()


@asynccontextmanager
async def open_news() -> AsyncIterator[News]:
    """Listens as long as the context lasts."""
    redis: Redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
    news = News(redis)
    listening = asyncio.create_task(news.listen())
    try:
        yield news
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        await news.aclose()
        await redis.aclose()
