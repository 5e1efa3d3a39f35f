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
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import uuid4

import orjson
from redis.asyncio import Redis

from benchmarks.arms import OURS
from benchmarks.servers import ROOT, START_SECONDS, STOP_SECONDS, Server, database, manage
from benchmarks.stores import stores
from benchmarks.streams.vendor import Vendor
from cti.events.hints import CHANNEL, decode_hint

TENANTS = 30
CONNECT_SECONDS = 300.0
QUIET_SECONDS = 5.0
IDLE_SECONDS = 30.0
MODULE = "benchmarks.streams.product"


@dataclass
class Sent:
    """When each call's event was due, and how long each took until its hint was there: after its commit."""

    due: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

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
    deadline = time.perf_counter() + QUIET_SECONDS
    while sent.due and time.perf_counter() < deadline:
        await asyncio.sleep(0.02)


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


async def measure(environment: Mapping[str, str], arguments: argparse.Namespace) -> None:
    vendor, sent = Vendor(), Sent()
    url = await vendor.start()
    redis: Redis = Redis.from_url(environment["REDIS_URL"])
    listening = asyncio.create_task(listen(redis, sent))
    with run_streams(environment) as server:
        empty_kb = server.resident_kb()
        say(f"run_streams runs; {arguments.accounts} accounts are made")
        began = time.monotonic()
        await asyncio.to_thread(manage, environment, "-m", MODULE, "seed", url, str(arguments.accounts), str(TENANTS))
        while len(vendor.lines) < arguments.accounts:
            if time.monotonic() - began > CONNECT_SECONDS:
                raise RuntimeError(f"only {len(vendor.lines)} connected within {CONNECT_SECONDS:.0f} s")
            await asyncio.sleep(0.2)
        connected_s = time.monotonic() - began
        say(f"all connected {connected_s:.0f} s after the first was made; idling")
        await asyncio.sleep(IDLE_SECONDS)
        gc.collect()
        gc.freeze()
        idle_kb = server.resident_kb()
        await load(vendor, sent, arguments.rate, arguments.seconds)
        loaded_kb = server.resident_kb()
    listening.cancel()
    await vendor.stop()
    await redis.aclose()
    print(f"""
| {arguments.accounts:,} accounts, half SSE, half websocket, {TENANTS} tenants | |
|---|---|
| memory of the process, idle | {idle_kb / 1024:.0f} MB |
| the same after the load | {loaded_kb / 1024:.0f} MB |
| before any account | {empty_kb / 1024:.0f} MB |
| an idle account | {(idle_kb - empty_kb) / arguments.accounts:.1f} kB |
| from the first account made to all connected | {connected_s:.0f} s |
| connections that broke | {vendor.connections - arguments.accounts} |
| events sent, {arguments.rate:g}/s | {len(sent.took) + len(sent.due):,}, {len(sent.due)} of them lost |
| p50, vendor's sending to the hint after the commit | {sent.percentile(0.5):.1f} ms |
| p99 | {sent.percentile(0.99):.1f} ms |

{platform.platform()}, Python {platform.python_version()}""")


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
        asyncio.run(measure(environment, arguments))


if __name__ == "__main__":
    main()
