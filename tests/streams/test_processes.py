"""Several processes share the streams: none is held twice, and none is left when a process dies."""

import os
import resource
import signal
import time
from pathlib import Path
from uuid import UUID

import pytest

from cti.management.commands.run_streams import files_wanting
from cti.streams.models import StreamRunner
from tests.connected import kwebbl_event
from tests.servers import wait_until
from tests.streams.conftest import SOON, Stream_, Streamed, running_streams

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.slow]
TAKEN_OVER_WITHIN = 15.0


def holders(accounts: list[Streamed]) -> list[UUID | None]:
    return [each.stream().holder for each in accounts]


def _connections(accounts: list[Streamed]) -> list[int]:
    """How many each had, one after the other."""
    return [len(each.line.connected_at) for each in accounts]


def all_connected(accounts: list[Streamed]) -> bool:
    return all(each.is_connected() for each in accounts)


def most_at_once(accounts: list[Streamed]) -> int:
    """How many connections of one account were ever open at a time."""
    return max(each.line.most_open for each in accounts)


def test_streams_of_a_killed_process_are_taken_over(connect: Stream_, tmp_path: Path) -> None:
    accounts = [connect(), connect("socketstreamer"), connect(), connect("socketstreamer")]
    with running_streams(tmp_path / "first.log") as first, running_streams(tmp_path / "second.log"):
        wait_until(lambda: _shares(accounts) == [2, 2] and all_connected(accounts), SOON, "each has half")
        before = _connections(accounts)
        first.kill()
        killed_at = time.monotonic()
        wait_until(lambda: sum(_connections(accounts)) == sum(before) + 2, SOON, "its half is taken over")
        assert max(each.line.connected_at[-1] for each in accounts) - killed_at < TAKEN_OVER_WITHIN
        wait_until(lambda: all_connected(accounts), SOON, "all is as before")
        accounts[0].send(kwebbl_event("ringing"))
        accounts[0].wait_for("call.originated", "call.delivered")
    assert most_at_once(accounts) == 1


def test_a_process_that_is_told_to_end_frees_its_streams_at_once(connect: Stream_, tmp_path: Path) -> None:
    accounts = [connect(), connect("socketstreamer")]
    with running_streams(tmp_path / "first.log") as first:
        wait_until(lambda: all_connected(accounts), SOON, "the first process connects")
        first.stop()
        assert not StreamRunner.objects.exists()
        with running_streams(tmp_path / "second.log"):
            wait_until(lambda: all_connected(accounts), SOON, "the second process has all")
    assert most_at_once(accounts) == 1


def test_streams_are_shared_fairly_and_never_held_twice(connect: Stream_, tmp_path: Path) -> None:
    accounts = [connect() for _ in range(6)]
    with running_streams(tmp_path / "first.log"):
        wait_until(lambda: all_connected(accounts), SOON, "one process has all")
        with running_streams(tmp_path / "second.log"):
            wait_until(lambda: _shares(accounts) == [3, 3] and all_connected(accounts), SOON, "each has half")
        wait_until(lambda: _shares(accounts) == [6] and all_connected(accounts), SOON, "the other has all again")
    assert most_at_once(accounts) == 1


def _shares(accounts: list[Streamed]) -> list[int]:
    held = holders(accounts)
    return sorted(held.count(holder) for holder in set(held) if holder is not None)


def test_a_process_that_wakes_after_its_lease_ran_out_takes_in_nothing(connect: Stream_, tmp_path: Path) -> None:
    streamed = connect()
    with running_streams(tmp_path / "first.log") as first:
        streamed.wait_until_connected()
        with running_streams(tmp_path / "second.log"):
            os.kill(first.process.pid, signal.SIGSTOP)
            try:
                wait_until(lambda: len(streamed.line.connected_at) == 2, SOON, "the other one has it")
            finally:
                os.kill(first.process.pid, signal.SIGCONT)
            wait_until(streamed.is_connected, SOON, "the sleeper has hung up")
            streamed.send(kwebbl_event("ringing"))
            streamed.wait_for("call.originated", "call.delivered")
            assert [each.status for each in streamed.deliveries()] == ["applied"]


def test_a_process_holds_no_more_than_it_may(connect: Stream_, tmp_path: Path) -> None:
    accounts = [connect() for _ in range(3)]
    with running_streams(tmp_path / "first.log", "--limit", "2"):
        wait_until(lambda: sum(each.is_connected() for each in accounts) == 2, SOON, "it has as many as it may")
        with running_streams(tmp_path / "second.log", "--limit", "2"):
            wait_until(lambda: all_connected(accounts), SOON, "the other has the rest")


def test_too_few_open_files_are_said_in_words() -> None:
    assert files_wanting(10_000, 10_500) == files_wanting(10_000, resource.RLIM_INFINITY) == ""
    assert "Raise the hard limit to 10500" in files_wanting(10_000, 4096)
    assert "--limit 3596" in files_wanting(10_000, 4096)
