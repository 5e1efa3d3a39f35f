"""These tests run the launcher itself; they need neither Django nor the services of the run that they are part of."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launch.accounts import remove_all
from launch.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home that, as root, PostgreSQL's account can't enter: pytest's folders are for their owner alone."""
    made = Home(tmp_path / "home")
    made.create()
    yield made
    remove_all(made)


def wait_for(condition: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
