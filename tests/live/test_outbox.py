"""One client's outbox and subscription by themselves: bounds, order, and an agent's lines that change."""

import asyncio
from typing import Any, cast
from uuid import UUID

from common.times import utc_now
from cti.events.entries import LogEntry
from cti.live import protocol
from cti.live.hub import Feed, Hub
from cti.live.socket import MAX_QUEUED, LiveSubscription, Outbox

TENANT, ANNA, BOB = UUID(int=1), UUID(int=2), UUID(int=3)


def entry(sequence: int, *extensions: UUID) -> LogEntry:
    return LogEntry(sequence, "call.delivered", None, list(extensions), f'{{"sequence":{sequence}}}', utc_now())


class Client:
    """Takes frames as long as `open` is set."""

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.open = asyncio.Event()
        self.cut_off = 0
        self.outbox = Outbox(self._send, self._cut)

    async def _send(self, frame: str) -> None:
        await self.open.wait()
        self.frames.append(frame)

    def _cut(self) -> None:
        self.cut_off += 1


async def test_frames_leave_in_order() -> None:
    client = Client()
    client.open.set()
    for number in range(100):
        client.outbox.put(str(number))
    await client.outbox.flushed()
    assert client.frames == [str(number) for number in range(100)]


async def test_client_that_takes_nothing_is_cut_off_once_and_costs_no_more_memory() -> None:
    client = Client()
    for number in range(MAX_QUEUED + 500):
        client.outbox.put(str(number))
        if number == 0:
            await asyncio.sleep(0)  # the first frame is on its way, and stays there
    assert (client.cut_off, client.outbox.closed) == (1, True)
    client.open.set()
    await client.outbox.flushed()
    assert client.frames == ["0"]


async def test_client_to_whom_nothing_can_be_sent_costs_others_nothing() -> None:
    cut_off: list[str] = []

    async def fail(_: str) -> None:
        raise ValueError("a defect")

    outbox = Outbox(fail, lambda: cut_off.append("cut off"))
    outbox.put("first")
    outbox.put("second")
    assert (outbox.closed, cut_off) == (True, ["cut off"])


async def test_agent_whose_line_was_taken_away_hears_no_more_of_it() -> None:
    client = Client()
    client.open.set()
    subscription = LiveSubscription(cast(Hub, None), client.outbox, protocol.Filter(own=frozenset({ANNA})))
    await subscription.begin(Feed(TENANT, 0), None)
    offer(subscription, entry(1, ANNA), entry(2, BOB))
    subscription.restrict(frozenset({BOB}))
    offer(subscription, entry(3, ANNA), entry(4, BOB))
    await client.outbox.flushed()
    assert client.frames == [protocol.ready(0), protocol.event(entry(1)), protocol.event(entry(4))]


async def test_what_was_replayed_is_not_offered_again() -> None:
    client = Client()
    client.open.set()
    subscription = LiveSubscription(cast(Hub, None), client.outbox, protocol.Filter())
    await subscription.begin(Feed(TENANT, 5), 5)
    offer(subscription, entry(4), entry(5), entry(6))
    await client.outbox.flushed()
    assert client.frames[1:] == [protocol.event(entry(6))]


def offer(subscription: LiveSubscription, *entries: Any) -> None:
    for each in entries:
        subscription.offer(each, protocol.event(each))
