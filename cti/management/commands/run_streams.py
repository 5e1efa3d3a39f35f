"""`manage.py run_streams`: keeps the connections of accounts whose PBX streams its events."""

import asyncio
import gc
import resource
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from prometheus_client import start_http_server

from cti.events.pool import make_pool
from cti.ingest.follow_up import FollowUps
from cti.ingest.intake import open_intake
from cti.streams.connection import Services
from cti.streams.leases import Leases
from cti.streams.news import open_news
from cti.streams.runner import Runner
from integrations.http import open_shared_http

INTAKE_CONNECTIONS = 8
LEASE_CONNECTIONS = 3
FILES_BESIDE = 500
"""Open files that are no streams."""
LOOKUPS_AT_ONCE = 128
"""Threads that wait for the names of vendors' hosts, so that those of dead name servers leave some for the others."""


def files_wanting(limit: int, most_files: int) -> str:
    """What an operator has to do before so many streams fit in; empty if they do."""
    if most_files == resource.RLIM_INFINITY or most_files >= limit + FILES_BESIDE:
        return ""
    return (
        f"This process may open {most_files} files, too few for {limit} streams. Raise the hard limit to"
        f" {limit + FILES_BESIDE} (ulimit -Hn, or LimitNOFILE), or pass --limit {max(most_files - FILES_BESIDE, 1)}"
        " and start more of them.\n"
    )


class Command(BaseCommand):
    help = "Keeps the connections of accounts whose PBX streams its events. Start as many as needed: they share."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=10_000, help="streams that this process holds at most")
        parser.add_argument("--metrics-port", type=int, help="where Prometheus asks this process, on loopback")

    def handle(self, *_arguments: Any, limit: int, metrics_port: int | None, **_options: Any) -> None:
        """Runs until SIGTERM or SIGINT."""
        most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))  # each stream is an open file
        self.stderr.write(files_wanting(limit, most_files), ending="")
        if metrics_port is not None:
            start_http_server(metrics_port, addr="127.0.0.1")
        gc.collect()
        gc.freeze()  # as the web process does
        asyncio.run(_run(limit))


async def _run(limit: int) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(LOOKUPS_AT_ONCE, "lookups"))
    pool = make_pool(LEASE_CONNECTIONS)  # of its own: renewing waits for no delivery
    await pool.open()
    async with open_intake(INTAKE_CONNECTIONS, warm=True) as batcher, open_shared_http() as http, open_news() as news:
        follow_ups = FollowUps(batcher)
        runner = Runner(Services(Leases(pool), batcher, follow_ups, http, news), limit)
        running = asyncio.create_task(runner.run())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):  # a busy loop's own handlers can miss a signal
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(running.cancel))
        await asyncio.wait([running])
        await follow_ups.stop()
    await pool.close()
    if not running.cancelled():
        running.result()
