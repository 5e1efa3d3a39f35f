"""The process that is measured, and what the database says of it."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg

from benchmarks.servers import ROOT, START_SECONDS, Server

MODULE = "benchmarks.streams.product"
PATIENCE_SECONDS = 240.0
HANG_UP_SECONDS = 60.0
Environment = Mapping[str, str]


@contextmanager
def run_streams(environment: Environment, limit: int) -> Iterator[Server]:
    """A `run_streams` process, once it runs; it may be killed meanwhile."""
    with NamedTemporaryFile() as output:
        command = [sys.executable, "-m", MODULE, "run_streams", "--limit", str(limit)]
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
            try:
                process.wait(HANG_UP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def cpu_seconds(server: Server) -> float:
    """What the process has used so far."""
    fields = Path(f"/proc/{server.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connected(url: str) -> int:
    """How many streams stand, as their processes have noted it."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count FROM stream_trouble(now()) WHERE state = 'connected'").fetchone()
    assert row is not None
    return int(row[0])


def shares(url: str) -> list[int]:
    """How many streams each process has."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT (SELECT count(*) FROM held_streams(r.id)) FROM cti_streamrunner r").fetchall()
    return sorted(int(row[0]) for row in rows)


async def until(is_so: Callable[[], bool], what: str) -> float:
    """Asks twice a second, in a thread; answers the seconds that it took."""
    began = time.monotonic()
    while not await asyncio.to_thread(is_so):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise RuntimeError(f"not within {PATIENCE_SECONDS:.0f} s: {what}")
        await asyncio.sleep(0.5)
    return time.monotonic() - began
