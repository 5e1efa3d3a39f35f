"""Calls that begin at random accounts, and how long each takes until its event is told of."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import orjson
from redis.asyncio import Redis

from benchmarks.streams.vendor import Vendor
from cti.events.hints import CHANNEL, decode_hint

LATEST_SECONDS = 5.0


@dataclass
class Sent:
    """When each call's event was due, and how long each took until its hint was there: after its commit."""

    due: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    async def all_came(self) -> None:
        while self.due:  # noqa: ASYNC110 - polling costs less here than an event that is set for each hint
            await asyncio.sleep(0.02)

    def percentile(self, share: float) -> float:
        """In milliseconds; an event that never came counts as infinitely late."""
        ranked = sorted(self.took) + [float("inf")] * len(self.due)
        return ranked[int(share * (len(ranked) - 1))] * 1000


async def listen(redis: Redis, sent: Sent) -> None:
    """Times each call's first hint."""
    async with redis.pubsub(ignore_subscribe_messages=True) as pubsub:
        await pubsub.psubscribe(f"{CHANNEL}*")
        async for message in pubsub.listen():
            now = time.perf_counter()
            for entry in decode_hint(message["data"]):
                call = orjson.loads(entry.body)["data"].get("call", {}).get("vendor_call_id")
                if (due := sent.due.pop(call, None)) is not None:
                    sent.took.append(now - due)


async def load(redis: Redis, vendor: Vendor, rate: float, seconds: float) -> Sent:
    """Open-loop: events are sent when they are due (Poisson), each a new call at a random account that streams."""
    sent, rng = Sent(), random.Random(1)
    listening = asyncio.create_task(listen(redis, sent))
    await asyncio.sleep(0.5)  # until it has subscribed
    accounts = list(vendor.lines)
    due = time.perf_counter()
    until = due + seconds
    while (due := due + rng.expovariate(rate)) < until:
        await asyncio.sleep(due - time.perf_counter())
        call_id = uuid4().hex
        sent.due[call_id] = due
        with suppress(ConnectionError):  # lost, as it would be
            await vendor.send(rng.choice(accounts), _ringing(call_id, rng))
    with suppress(TimeoutError):  # what hasn't come by then is lost
        async with asyncio.timeout(LATEST_SECONDS):
            await sent.all_came()
    listening.cancel()
    return sent


def _ringing(call_id: str, rng: random.Random) -> bytes:
    event = {
        "id": uuid4().hex,
        "event_type": "ringing",
        "call_id": call_id,
        "from": {"number": f"316{rng.randrange(10**8):08d}"},
        "to": {"number": "31203080700"},
        "direction": "inbound",
        "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return orjson.dumps(event)
