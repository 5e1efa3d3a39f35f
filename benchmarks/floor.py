"""The floor: the least that stores an event and shows it. One INSERT, one PUBLISH, one frame, and nothing else: no
accounts, no tenants' walls, no calls, no duplicates. What it takes is what PostgreSQL, Redis, uvicorn and Python take.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from typing import Any

from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CHANNEL = "floor"
SCHEMA = """
CREATE TABLE floor_event (
    id bigserial PRIMARY KEY, received_at timestamptz NOT NULL DEFAULT now(), body bytea NOT NULL
)"""


class Floor:
    """`POST /hooks/<room>` goes to the sockets at `/ws/<room>`."""

    def __init__(self) -> None:
        self.rooms: dict[str, set[Send]] = defaultdict(set)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "websocket":
            await self.show(scope["path"].rpartition("/")[2], receive, send)
        else:
            await self.take(scope["path"].rpartition("/")[2], receive, send)

    async def live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            self.pool = await stack.enter_async_context(
                AsyncConnectionPool(os.environ["DATABASE_URL"], kwargs={"autocommit": True}, min_size=8, max_size=8)
            )
            self.redis = await stack.enter_async_context(Redis.from_url(os.environ["REDIS_URL"]))
            fan_out = asyncio.create_task(self.fan_out())
            stack.callback(fan_out.cancel)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def fan_out(self) -> None:
        async with self.redis.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            async for message in pubsub.listen():
                if message["type"] == "message":
                    room, _, body = message["data"].partition(b" ")
                    for send in tuple(self.rooms[room.decode()]):
                        await send({"type": "websocket.send", "text": body.decode()})

    async def show(self, room: str, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": '{"type": "ready"}'})
        self.rooms[room].add(send)
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            self.rooms[room].discard(send)

    async def take(self, room: str, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        async with self.pool.connection() as connection:
            await connection.execute("INSERT INTO floor_event (body) VALUES (%s)", [body])
        await self.redis.publish(CHANNEL, room.encode() + b" " + body)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})


application = Floor()
