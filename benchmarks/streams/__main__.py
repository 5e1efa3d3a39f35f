"""`python -m benchmarks.streams`: prints what one `run_streams` takes, and how fast its events get through (4 minutes)."""

import argparse
import asyncio
import gc
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

from redis.asyncio import Redis

from benchmarks.arms import OURS
from benchmarks.servers import Server, database, manage
from benchmarks.stores import stores
from benchmarks.streams.adapters import KEYS, Poller, SocketStreamer, SseStreamer
from benchmarks.streams.load import Sent, load
from benchmarks.streams.process import MODULE, Environment, connected, cpu_seconds, run_streams, shares, until
from benchmarks.streams.report import POLL_SECONDS, Pace, Section, conditions
from benchmarks.streams.vendor import BadVendors, Vendor

TENANTS = 30
SETTLE_SECONDS = 15.0
IDLE_SECONDS = 20.0
STREAMING = (SseStreamer.key, SocketStreamer.key)
MOST_LATENCY_MS = 50
TAKEN_OVER_SECONDS = 15
MOST_POLLERS = 0.99


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


class Trial:
    """A database of accounts at a vendor, and what happens to them."""

    def __init__(self, environment: Environment, accounts: int, section: Section, options: argparse.Namespace) -> None:
        self.environment = environment
        self.accounts = accounts
        self.section = section
        self.options = options
        self.vendor = Vendor()
        self.redis: Redis = Redis.from_url(environment["REDIS_URL"])

    async def seed(self, accounts: int, keys: tuple[str, ...], urls: list[str]) -> None:
        command = ["-m", MODULE, "seed", str(accounts), str(TENANTS), ",".join(keys), ",".join(urls)]
        await asyncio.to_thread(manage, self.environment, *command)

    async def all_connect(self) -> float:
        """Waits until they are connected, and it is noted; then for a while. Answers how long the first took."""
        url = self.environment["DATABASE_URL"]
        took = await until(lambda: connected(url) >= self.accounts, "all are connected")
        say(f"all are connected after {took:.0f} s; idle for a while")
        await asyncio.sleep(SETTLE_SECONDS)
        gc.collect()
        gc.freeze()  # the vendor's own pauses aren't the product's
        return took

    async def idle(self, server: Server) -> int:
        """Answers the memory, in MB."""
        before = cpu_seconds(server)
        await asyncio.sleep(IDLE_SECONDS)
        share = (cpu_seconds(server) - before) / IDLE_SECONDS
        memory = server.resident_kb() // 1024
        self.section.add("memory of the process, idle", f"{memory} MB")
        self.section.add("share of a core, idle", f"{share:.0%}")
        return memory

    async def load(self, server: Server, what: str) -> Sent:
        say(f"{what}: {self.options.rate:g} calls a second")
        before = cpu_seconds(server)
        sent = await load(self.redis, self.vendor, self.options.rate, self.options.seconds)
        self.section.add_latency(what, sent)
        self.section.add(f"{what}: share of a core", f"{(cpu_seconds(server) - before) / self.options.seconds:.0%}")
        return sent


async def streams_and_takeover(trial: Trial) -> None:
    """Idle, under load, then shared by two processes, of which one is killed."""
    section, url = trial.section, trial.environment["DATABASE_URL"]
    await trial.seed(trial.accounts, STREAMING, [await trial.vendor.start()])
    with run_streams(trial.environment, trial.accounts) as first:
        section.add("from the process's start to all connected", f"{await trial.all_connect():.0f} s")
        memory = await trial.idle(first)
        section.aim(f"memory with {trial.accounts:,} idle accounts < 600 MB", f"{memory} MB", met=memory < 600)
        sent = await trial.load(first, "load")
        section.aim(
            f"p99 < {MOST_LATENCY_MS} ms",
            f"{sent.percentile(0.99):.0f} ms",
            met=sent.percentile(0.99) < MOST_LATENCY_MS,
        )
        section.add("connections that broke", str(trial.vendor.connections - trial.accounts))
        with run_streams(trial.environment, trial.accounts):
            half = trial.accounts // 2
            await until(lambda: shares(url) == [half, trial.accounts - half], "each process has half")
            await until(lambda: connected(url) >= trial.accounts, "all are connected again")
            before = trial.vendor.connections
            say("one of two processes is killed")
            os.kill(first.pid, signal.SIGKILL)
            took = await until(
                lambda: trial.vendor.connections >= before + half and connected(url) >= trial.accounts,
                "the other process has all",
            )
        section.aim(
            f"all taken over within {TAKEN_OVER_SECONDS} s of `kill -9`", f"{took:.1f} s", met=took < TAKEN_OVER_SECONDS
        )


async def many_and_bad_ones(trial: Trial) -> None:
    """Pollers too; then accounts of dead and slow vendors come, which the others shouldn't notice."""
    section, loop = trial.section, asyncio.get_running_loop()
    await trial.seed(trial.accounts, (*STREAMING, Poller.key), [await trial.vendor.start()])
    bad = BadVendors()
    with run_streams(trial.environment, trial.accounts * 2) as server:
        section.add("from the process's start to all connected", f"{await trial.all_connect():.0f} s")
        alone_since = loop.time()
        memory = await trial.idle(server)
        section.aim(f"memory with {trial.accounts:,} idle accounts < 1.5 GB", f"{memory} MB", met=memory < 1536)
        alone = await trial.load(server, "alone")
        _add_pace(trial, alone_since, "pollers keep their pace within 10 %")
        say("accounts of dead and slow vendors come")
        addresses = await bad.start()
        beside_since = loop.time()
        await trial.seed(trial.options.bad, tuple(KEYS), addresses)
        await until(lambda: bad.tries >= trial.options.bad // 4, "the bad ones are tried")
        beside = await trial.load(server, f"beside {trial.options.bad} accounts of dead and slow vendors")
        _add_pace(trial, beside_since, "and beside dead and slow vendors")
        section.aim(
            "dead and slow vendors delay no other account's events by more than 10 ms at p50",
            f"{alone.percentile(0.5):.1f} ms, then {beside.percentile(0.5):.1f} ms",
            met=beside.percentile(0.5) < alone.percentile(0.5) + 10,
        )
        section.add("connections of good vendors that broke", str(trial.vendor.connections - trial.accounts))
    bad.stop()


def _add_pace(trial: Trial, since: float, what: str) -> None:
    pace = Pace.of(trial.vendor.polls.values(), since)
    trial.section.aim(what, f"{pace.kept:.1%} of them", met=pace.kept >= MOST_POLLERS)
    trial.section.add(f"{what}: an interval of {POLL_SECONDS:g} s is", pace.words)


@asynccontextmanager
async def ended(trial: Trial) -> AsyncIterator[Trial]:
    try:
        yield trial
    finally:
        await trial.vendor.stop()
        await trial.redis.aclose()


async def measured(environment: Environment, options: argparse.Namespace, *, many: bool) -> Section:
    accounts = options.many if many else options.streams
    kinds = "SSE, websocket and polled in equal parts" if many else "half SSE, half websocket"
    section = Section(f"{accounts:,} accounts, {kinds}, {TENANTS} tenants")
    say(section.title)
    async with ended(Trial(environment, accounts, section, options)) as trial:
        try:
            await (many_and_bad_ones if many else streams_and_takeover)(trial)
        except RuntimeError as error:  # what was measured before counts all the same
            section.aim("the trial ends", str(error), met=False)
    return section


@contextmanager
def environments(store: Mapping[str, str]) -> Iterator[Iterator[Environment]]:
    """One for each trial, with a database of its own."""
    url = store["DATABASE_URL"]
    common = {
        **os.environ,
        **store,
        **OURS.settings,
        "PATCHBAY_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
        "LOG_LEVEL": "INFO",
    }
    with database(url, "patchbay_bench_streams") as empty:
        manage({**common, "DATABASE_URL": empty}, "manage.py", "migrate")
        template = urlsplit(empty).path.removeprefix("/")
        with (
            database(url, "patchbay_bench_streams_1", template) as one,
            database(url, "patchbay_bench_streams_2", template) as two,
        ):
            yield iter([{**common, "DATABASE_URL": one}, {**common, "DATABASE_URL": two}])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument(
        "--streams", type=int, default=3000, help="accounts that stream, for the take-over; 0: none of it"
    )
    parser.add_argument("--many", type=int, default=10_000, help="accounts of all kinds; 0: none of it")
    parser.add_argument("--bad", type=int, default=400, help="accounts of dead and slow vendors")
    parser.add_argument("--rate", type=float, default=50.0, help="events a second, over all accounts")
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # by way of everything that has to be ended
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # connections of a killed process break: that is meant
    load_before = os.getloadavg()[0]
    sections: list[Section] = []
    try:
        with stores() as store, environments(store) as two:
            for environment, many in zip(two, (False, True), strict=True):
                if options.many if many else options.streams:
                    sections.append(asyncio.run(measured(environment, options, many=many)))
    finally:  # once the stores have said their last
        print(*sections, conditions(load_before), sep="\n")


if __name__ == "__main__":
    main()
