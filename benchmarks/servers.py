"""A fresh database and one server process for each run; everything started here is ended here, by its process id."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks.load import HOST

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Server:
    """A running server process."""

    pid: int
    port: int

    def resident_kb(self) -> int:
        """How much memory it holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def database_at(url: str, name: str) -> str:
    """The address of another database on the same PostgreSQL."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def database(url: str, name: str, template: str = "template1") -> Iterator[str]:
    """A database for a while: a copy of `template`, empty by default. Yields its address."""
    target = sql.Identifier(name)
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(target)  # with FORCE, autovacuum could make it fail
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(target, sql.Identifier(template)))
    try:
        yield database_at(url, name)
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(drop)


@contextmanager
def serving(app: str, environment: Mapping[str, str], http: str) -> Iterator[Server]:
    """One uvicorn process with `app`, ready to answer; `http` is its option. RuntimeError with its output when it doesn't start."""
    port = _free_port()
    options = (
        f"--http {http} --loop uvloop --ws websockets-sansio --ws-per-message-deflate false --ws-ping-interval 3600"
    )
    command = [sys.executable, "-m", "uvicorn", app, "--host", HOST, "--port", str(port), *options.split()]
    command += ["--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "600", "--backlog", "4096"]
    with TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            if not _comes_up(process, port):
                output.seek(0)
                raise RuntimeError(f"{app} did not start:\n{output.read().decode()}")
            yield Server(process.pid, port)
        finally:
            _stop(process)


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Runs `python <arguments>` in the project with this environment; answers its output."""
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, check=False, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def _comes_up(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return True
        except OSError:
            time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
