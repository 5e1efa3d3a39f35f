"""Sends notifications to the webhooks of one company, and remembers what became of each (the ledger)."""

import asyncio
import itertools
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import aiohttp

from sandbox.faults import FaultState

LEDGER_KEPT = 100_000
_CONNECTIONS = 64
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_OK, _ERRORS = 200, 300


class Ordering(StrEnum):
    """What waits for what: all of a subscription, those of one call, or nothing. Strict order costs a round trip each."""

    SUBSCRIPTION = "subscription"
    CALL = "call"
    NONE = "none"


@dataclass(slots=True)
class DeliveryPolicy:
    """Retries back off from `first_retry_s`, doubling up to `longest_retry_s`: by default about 45 s until it gives up."""

    ordering: Ordering = Ordering.SUBSCRIPTION
    attempts: int = 12
    first_retry_s: float = 0.25
    longest_retry_s: float = 5.0


class DeliveryState(StrEnum):
    """`failed`: given up after all attempts. `lost`: never sent, on purpose or because the subscription went."""

    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    LOST = "lost"


@dataclass(slots=True)
class Delivery:
    """One notification to one subscription; `sequence` counts those of the company.

    A duplicate on the wire is the same delivery: `sent` counts the requests.
    """

    sequence: int
    event_id: str
    event_type: str
    call_id: str
    subscription_id: str
    url: str
    body: bytes
    queued_at: float
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    state: DeliveryState = DeliveryState.PENDING
    sent: int = 0
    status: int | None = None
    acknowledged_at: float | None = None


class Outbox:
    """One lane per thing that is ordered; lanes run concurrently over kept-alive connections.

    `given_up` is told of every delivery that failed after all attempts.
    """

    def __init__(self, faults: FaultState) -> None:
        self.policy = DeliveryPolicy()
        self.ledger: deque[Delivery] = deque(maxlen=LEDGER_KEPT)
        self.counts: Counter[DeliveryState] = Counter()
        self.given_up: list[Callable[[Delivery], None]] = []
        self._faults = faults
        self._session: aiohttp.ClientSession | None = None
        self._sequence = itertools.count(1)
        self._lanes: dict[str, deque[Delivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(
        self,
        *,
        subscription_id: str,
        url: str,
        call_id: str,
        event_id: str,
        event_type: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> None:
        """Queues a notification; returns at once. `headers` are sent along; a GET tells what it tells in its address."""
        delivery = Delivery(
            sequence=next(self._sequence),
            event_id=event_id,
            event_type=event_type,
            call_id=call_id,
            subscription_id=subscription_id,
            url=url,
            body=body,
            queued_at=time.time(),
            headers=headers or {},
            method=method,
        )
        self.ledger.append(delivery)
        self.counts[delivery.state] += 1
        if asyncio.get_running_loop().time() < self._faults.lose_until:
            self._mark(delivery, DeliveryState.LOST)
            return
        settings = self._faults.settings
        if self._faults.hits(settings.reorder):
            self._start(self._late(delivery, self._faults.dice.uniform(0, settings.reorder_ms / 1000)))
            return
        lane = self._lane(delivery)
        if lane in self._lanes:
            self._lanes[lane].append(delivery)
        else:
            self._lanes[lane] = deque([delivery])
            self._start(self._run(lane))

    def cancel(self, subscription_id: str) -> None:
        """Nothing more is sent for a subscription that is gone."""
        for delivery in self.ledger:
            if delivery.subscription_id == subscription_id and delivery.state is DeliveryState.PENDING:
                self._mark(delivery, DeliveryState.LOST)

    async def clear(self) -> None:
        """Forgets everything, what is under way included, and closes its connections."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()
        self.ledger.clear()
        self.counts.clear()
        self.policy = DeliveryPolicy()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _mark(self, delivery: Delivery, state: DeliveryState) -> None:
        self.counts[delivery.state] -= 1
        self.counts[state] += 1
        delivery.state = state

    def _lane(self, delivery: Delivery) -> str:
        match self.policy.ordering:
            case Ordering.SUBSCRIPTION:
                return delivery.subscription_id
            case Ordering.CALL:
                return f"{delivery.subscription_id} {delivery.call_id}"
            case Ordering.NONE:
                return uuid.uuid4().hex

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, lane: str) -> None:
        queue = self._lanes[lane]
        try:
            while queue:
                await self._deliver(queue[0])
                queue.popleft()
        finally:
            del self._lanes[lane]

    async def _late(self, delivery: Delivery, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        """Sends until it is acknowledged, the attempts are used up, or the subscription is gone."""
        pause = self.policy.first_retry_s
        for attempt in range(1, self.policy.attempts + 1):
            await self._outage()
            if delivery.state is not DeliveryState.PENDING:
                return
            if await self._post(delivery):
                self._mark(delivery, DeliveryState.ACKNOWLEDGED)
                delivery.acknowledged_at = time.time()
                if self._faults.hits(self._faults.settings.duplicate):
                    await self._post(delivery)
                return
            if self._faults.settings.give_up or attempt == self.policy.attempts:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.policy.longest_retry_s)
        self._mark(delivery, DeliveryState.FAILED)
        for listener in self.given_up:
            listener(delivery)

    async def _outage(self) -> None:
        """Waits until deliveries are no longer held; a reset may end that early, but cancels those who wait."""
        await asyncio.sleep(max(0.0, self._faults.hold_until - asyncio.get_running_loop().time()))

    async def _post(self, delivery: Delivery) -> bool:
        """Whether it was acknowledged. Certificates go unchecked: "the certificate may however be self-signed"."""
        delivery.sent += 1
        headers = {"Content-Type": "application/json", **delivery.headers}
        try:
            async with self._open_session().request(
                delivery.method,
                delivery.url,
                data=delivery.body,
                headers=headers,
                timeout=_TIMEOUT,
                ssl=False,
                allow_redirects=False,
            ) as response:
                await response.read()
                delivery.status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            delivery.status = None
            return False
        return _OK <= response.status < _ERRORS

    def _open_session(self) -> aiohttp.ClientSession:
        """Made on first use: it belongs to the event loop that runs then."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session
