"""Real processes of the product for tests that need them: started on free ports, waited for, ended by their id."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90.0
STOP_SECONDS = 30.0


def free_port() -> int:
    """A TCP port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Polls until the condition holds; fails with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.02)


def url_of_test_database() -> str:
    """DATABASE_URL of the database that the tests run in."""
    parts = urlsplit(settings.DATABASE_URL)
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


@dataclass
class Server:
    """A running process and where it listens."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def kill(self) -> None:
        """As a crash would: no chance to tidy up. The whole group, for a worker's beat is a child that would live on."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> float:
        """SIGTERM; answers the seconds that stopping took. A process that stays is killed, and fails the test."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"did not stop within {STOP_SECONDS:.0f} s of SIGTERM: see {self.log}") from None
        return time.monotonic() - began


def environment(port: int, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a product process that serves `port` from the test database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url_of_test_database(),
        "PATCHBAY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PATCHBAY_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8,::1/128",
        **(extra or {}),
    }


@contextlib.contextmanager
def running_web(log: Path, port: int | None = None, extra: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The web process on a free port (or on `port`, to come back where it was)."""
    port = port or free_port()
    command = ["-m", "uvicorn", "config.asgi:application", "--port", str(port), "--http", "config.http:Protocol"]
    command += ["--ws", "websockets-sansio"]
    command += ["--ws-per-message-deflate", "false", "--no-access-log", "--timeout-graceful-shutdown", "3"]
    with _running(command, log, environment(port, extra), f"http://127.0.0.1:{port}") as server:
        wait_until(lambda: _answers(server), START_SECONDS, f"the web process answers; see {log}")
        yield server


@contextlib.contextmanager
def running_worker(log: Path, web: Server, extra: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A Celery worker with beat, for the same installation as `web`."""
    schedule = log.with_suffix(".schedule")
    command = ["-m", "celery", "-A", "config", "worker", "--beat", "--schedule", str(schedule), "--concurrency", "1"]
    port = urlsplit(web.url).port or 0
    with _running([*command, "--pool", "solo"], log, environment(port, extra), web.url) as server:
        yield server


@contextlib.contextmanager
def _running(command: list[str], log: Path, env: dict[str, str], url: str) -> Iterator[Server]:
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=env, stdout=out, stderr=out, process_group=0
        )
    server = Server(process, url, log)
    try:
        yield server
    finally:
        server.stop()


def _answers(server: Server) -> bool:
    if server.process.poll() is not None:
        raise AssertionError(f"the process ended with {server.process.returncode}: {server.log.read_text()[-2000:]}")
    try:
        with urllib.request.urlopen(f"{server.url}/login", timeout=10):  # noqa: S310 - our own loopback address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
