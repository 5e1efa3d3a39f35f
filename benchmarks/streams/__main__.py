"""`python -m benchmarks.streams [--accounts N] [--rate N] [--seconds N]`: prints memory and latency of one `run_streams`."""

import argparse
import asyncio
import gc
import os
import platform
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import uuid4

import orjson
import psycopg
from redis.asyncio import Redis

from benchmarks.arms import OURS
from benchmarks.servers import ROOT, START_SECONDS, STOP_SECONDS, Server, database, manage
from benchmarks.stores import stores
from benchmarks.streams.vendor import Vendor
from cti.events.hints import CHANNEL, decode_hint

TENANTS = 30
CONNECT_SECONDS = 300.0
QUIET_SECONDS = 5.0
SETTLE_SECONDS = 15.0
IDLE_SECONDS = 20.0
MODULE = "benchmarks.streams.product"


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


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


@contextmanager
def run_streams(environment: Mapping[str, str]) -> Iterator[Server]:
    """The process that is measured, once it runs."""
    with NamedTemporaryFile() as output:
        command = [sys.executable, "-m", MODULE, "run_streams"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + START_SECONDS
            while b"streams_started" not in Path(output.name).read_bytes():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"run_streams did not start:\n{Path(output.name).read_text()}")
                time.sleep(0.05)
            yield Server(process.pid, 0)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


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


async def load(vendor: Vendor, sent: Sent, rate: float, seconds: float) -> None:
    """Open-loop: events are sent when they are due (Poisson), each a new call at a random account."""
    rng = random.Random(1)
    accounts = list(vendor.lines)
    due = time.perf_counter()
    until = due + seconds
    while (due := due + rng.expovariate(rate)) < until:
        await asyncio.sleep(due - time.perf_counter())
        call_id = uuid4().hex
        sent.due[call_id] = due
        await vendor.send(rng.choice(accounts), _ringing(call_id, rng))
    with suppress(TimeoutError):  # what hasn't come by then is lost
        async with asyncio.timeout(QUIET_SECONDS):
            await sent.all_came()


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


@dataclass
class Figures:
    """What came out."""

    empty_kb: int = 0
    idle_kb: int = 0
    loaded_kb: int = 0
    connected_s: float = 0.0
    broken: int = 0
    idle_cpu: float = 0.0
    load_cpu: float = 0.0
    taken_over_s: float = 0.0


def cpu_seconds(server: Server) -> float:
    """What the process has used so far."""
    fields = Path(f"/proc/{server.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connected(url: str) -> int:
    """How many streams stand, as the process has noted it."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count FROM stream_trouble(now()) WHERE state = 'connected'").fetchone()
    assert row is not None
    return int(row[0])


async def wait_for_all(environment: Mapping[str, str], vendor: Vendor, accounts: int, times: int = 1) -> None:
    """Until all accounts have connected so many times, and the process has noted it."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while (
        vendor.connections < accounts * times
        or await asyncio.to_thread(connected, environment["DATABASE_URL"]) < accounts
    ):
        if time.monotonic() > deadline:
            raise RuntimeError(f"not all connected within {CONNECT_SECONDS:.0f} s")
        await asyncio.sleep(0.5)


async def measure(environment: Mapping[str, str], vendor: Vendor, sent: Sent, options: argparse.Namespace) -> Figures:
    """One process from empty to idle to loaded; then it is killed, and another takes over."""
    figures, url = Figures(), await vendor.start()
    with run_streams(environment) as server:
        figures.empty_kb = server.resident_kb()
        say(f"run_streams runs; {options.accounts} accounts are made")
        await asyncio.to_thread(manage, environment, "-m", MODULE, "seed", url, str(options.accounts), str(TENANTS))
        made_at = time.monotonic()
        await wait_for_all(environment, vendor, options.accounts)
        figures.connected_s = time.monotonic() - made_at
        say("all are connected, and idle for a while")
        await asyncio.sleep(SETTLE_SECONDS)
        before = cpu_seconds(server)
        await asyncio.sleep(IDLE_SECONDS)
        figures.idle_kb, figures.idle_cpu = server.resident_kb(), (cpu_seconds(server) - before) / IDLE_SECONDS
        gc.collect()
        gc.freeze()
        before = cpu_seconds(server)
        await load(vendor, sent, options.rate, options.seconds)
        figures.load_cpu = (cpu_seconds(server) - before) / options.seconds
        figures.loaded_kb, figures.broken = server.resident_kb(), vendor.connections - options.accounts
        say("killed; another one takes over")
        os.kill(server.pid, signal.SIGKILL)
        killed_at = time.monotonic()
        with run_streams(environment):
            await wait_for_all(environment, vendor, options.accounts, times=2)
            figures.taken_over_s = time.monotonic() - killed_at
    await vendor.stop()
    return figures


async def listened(environment: Mapping[str, str], options: argparse.Namespace) -> str:
    """Measures, with an ear on the hints; answers the report."""
    vendor, sent = Vendor(), Sent()
    redis: Redis = Redis.from_url(environment["REDIS_URL"])
    listening = asyncio.create_task(listen(redis, sent))
    figures = await measure(environment, vendor, sent, options)
    listening.cancel()
    await redis.aclose()
    return report(figures, sent, options)


def report(figures: Figures, sent: Sent, options: argparse.Namespace) -> str:
    one_kb = (figures.idle_kb - figures.empty_kb) / options.accounts
    return f"""
| {options.accounts:,} accounts, half SSE, half websocket, {TENANTS} tenants | |
|---|---|
| memory of the process, idle | {figures.idle_kb / 1024:.0f} MB |
| the same after the load | {figures.loaded_kb / 1024:.0f} MB |
| before any account | {figures.empty_kb / 1024:.0f} MB |
| an idle account | {one_kb:.1f} kB |
| share of a core, idle and under load | {figures.idle_cpu:.1%}, {figures.load_cpu:.1%} |
| connections that broke | {figures.broken} |
| events sent, {options.rate:g}/s | {len(sent.took) + len(sent.due):,}, {len(sent.due)} of them lost |
| p50, vendor's sending to the hint after the commit | {sent.percentile(0.5):.1f} ms |
| p99 | {sent.percentile(0.99):.1f} ms |
| from the last account made to all connected | {figures.connected_s:.0f} s |
| from `kill -9` to all connected by another process | {figures.taken_over_s:.0f} s |

{platform.platform()}, Python {platform.python_version()}; load average {os.getloadavg()[0]:.1f}"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("--accounts", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=50.0, help="events a second, over all accounts")
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # by way of everything that has to be ended
    with stores() as store, database(store["DATABASE_URL"], "patchbay_bench_streams") as url:
        environment = {
            **os.environ,
            **store,
            **OURS.settings,
            "DATABASE_URL": url,
            "PATCHBAY_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
            "LOG_LEVEL": "INFO",
        }
        manage(environment, "manage.py", "migrate")
        print(asyncio.run(listened(environment, arguments)))


if __name__ == "__main__":
    main()
