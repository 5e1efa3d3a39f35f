"""`make serve` as a person meets it: by its words, its exit code and what it leaves running."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launch.environment import ROOT
from launch.home import Home, any_free_port
from tests.launch.conftest import is_alive

OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PATCHBAY_", "DJANGO_")


def serve(home: Home, *options: str) -> subprocess.Popen[str]:
    """`python -m launch serve` on a home of its own, with nothing given by the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.Popen(
        [sys.executable, "-m", "launch", "serve", *options],
        cwd=ROOT,
        env=environment | {"PATCHBAY_HOME": str(home.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [descendant for child in children for descendant in descendants(child)]


def test_a_taken_port_is_named_with_the_option_that_changes_it(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = serve(home, "--port", str(port))
        said, _ = process.communicate(timeout=20)
    assert said == f"patchbay: port {port} on 127.0.0.1 is taken; choose another one: PORT={port + 1}\n"
    assert process.returncode == 1


@pytest.mark.slow
def test_sigterm_stops_everything_within_ten_seconds(home: Home) -> None:
    process = serve(home, "--port", str(any_free_port()))
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if "Ctrl-C stops everything" in line:
            break
    assert process.poll() is None, "".join(said)
    pids = descendants(process.pid)
    running = "".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in pids)
    assert [
        word
        for word in ("postgres", "valkey-server", "uvicorn", "worker", "run_streams", "beat")
        if word not in running
    ] == []
    asked_at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=20)
    assert time.monotonic() - asked_at < 10
    assert [pid for pid in pids if is_alive(pid)] == []
    assert (process.returncode, rest.splitlines()[-1]) == (0, "patchbay: stopped")
