"""One arm under load: a server on a fresh database, how fast at a rate, what rate it sustains, what a socket takes."""

import asyncio
import gc
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, TypeVar

import aiohttp
import uvloop

from benchmarks.arms import Arm, Environment
from benchmarks.load import Feed, Outcome, connect, play
from benchmarks.servers import Server, database, serving
from benchmarks.traffic import schedule

T = TypeVar("T")
WARM_UP_SECONDS = 2.0
"""Until the first calls have ended the rate still grows; what is due before isn't counted."""
SLOWEST_SUSTAINED = 0.25
"""A rate is sustained when 99 of 100 events of its last second still arrive within this time."""
LOWEST_RATE = 5.0


@dataclass(frozen=True)
class Latency:
    """In milliseconds, of the events due after the warm-up."""

    rate: float
    p50: float
    p99: float


@dataclass
class Trial:
    """A running arm, to be closed. It is begun anew, database and all, when a run left anything behind."""

    arm: Arm
    store: Environment
    template: str
    feeds: tuple[Feed, Feed]
    seed: int
    probe_seconds: float
    precision: float
    """The search for the capacity ends when the rates that are and aren't sustained are closer than this factor."""
    faults: Counter[str] = field(default_factory=Counter)
    """All that went wrong, beyond capacity too: an overloaded arm may be late, but not lose or double anything."""

    def __post_init__(self) -> None:
        self._stack = ExitStack()
        self._server: Server | None = None

    def close(self) -> None:
        """Ends the server and drops its database."""
        self._stack.close()
        self._server = None

    @property
    def server(self) -> Server:
        if self._server is None:
            url = self._stack.enter_context(database(self.store["DATABASE_URL"], f"{self.template}_run", self.template))
            environment = {**self.store, **self.arm.settings, "DATABASE_URL": url}
            self._server = self._stack.enter_context(serving(self.arm.app, environment, self.arm.http))
        return self._server

    def run(self, rate: float, seconds: float) -> Outcome:
        """Plays calls for `seconds` after the warm-up."""
        self.seed += 1
        gc.collect()
        events = schedule(rate, WARM_UP_SECONDS + seconds, self.seed)
        outcome = _in_loop(play(self.server.port, *self.feeds, events, self.arm.dialect))
        self.faults += outcome.faults
        if outcome.faults:
            self.close()
        return outcome

    def latency(self, rate: float, seconds: float) -> Latency | None:
        """How fast at this rate; None where the arm can't sustain it."""
        outcome = self.run(rate, seconds)
        if not sustained(outcome):
            return None
        counted = sorted(1000 * latency for due, latency in outcome.latencies if due >= WARM_UP_SECONDS)
        return Latency(rate, median(counted), quantiles(counted, n=100)[98])

    def capacity(self, guess: float, step: float) -> float:
        """The highest rate found that is sustained: up or down from `guess` by `step`, then by halves."""
        low, high, rate = 0.0, float("inf"), guess
        while high / max(low, 1) > self.precision and rate > LOWEST_RATE:
            if sustained(self.run(rate, self.probe_seconds)):
                low = rate
                rate = rate * step if high == float("inf") else (low * high) ** 0.5
            else:
                high = rate
                rate = (low * high) ** 0.5 if low else rate / step
        return low

    def idle_socket_kb(self, count: int) -> float:
        """What each of `count` authenticated websockets without traffic adds to the server's memory."""
        return _in_loop(_idle_socket_kb(self.server, self.feeds[0], count))


def sustained(outcome: Outcome) -> bool:
    """Whether everything came out, and as promptly at the end as it has to."""
    if outcome.gave_up or outcome.faults or not outcome.latencies:
        return False
    end = max(due for due, _ in outcome.latencies)
    last = [latency for due, latency in outcome.latencies if due > end - 1]
    return sum(latency > SLOWEST_SUSTAINED for latency in last) <= len(last) / 100


@contextmanager
def prepared(arm: Arm, store: Environment) -> Iterator[tuple[str, tuple[Feed, Feed]]]:
    """The arm's database with two tenants in it, as a template to copy; yields its name and the tenants' feeds."""
    name = f"patchbay_bench_{arm.name}"
    with database(store["DATABASE_URL"], name) as url:
        yield name, arm.prepare({**store, **arm.settings, "DATABASE_URL": url})


async def _idle_socket_kb(server: Server, feed: Feed, count: int, at_once: int = 50) -> float:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        sockets = [
            await connect(session, server.port, feed) for _ in range(at_once)
        ]  # what the first ones load isn't theirs
        before = server.resident_kb()
        for _ in range(count // at_once):
            sockets += await asyncio.gather(*(connect(session, server.port, feed) for _ in range(at_once)))
        await asyncio.sleep(1)
        after = server.resident_kb()
        await asyncio.gather(*(socket.close() for socket in sockets))
    return (after - before) / count


def _in_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)
