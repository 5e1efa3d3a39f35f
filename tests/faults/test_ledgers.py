"""Processes die mid-stream, databases restart: nothing may be lost, nothing doubled."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.installation import Installation
from tests.faults.ledgers import Follower, read_log, sent, told
from tests.sandbox_server import SandboxHandle
from tests.servers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.alone]
CALLS, EVENTS = 150, 600
EVENTS_PER_SECOND = 150
SETTLE_SECONDS = 30.0


class Stream:
    """Calls on their way from the PBX to a follower, long enough for something to break in the middle."""

    def __init__(self, installation: Installation, sandbox: SandboxHandle) -> None:
        self.installation, self.sandbox = installation, sandbox
        self.api_key = installation.connect(sandbox)

    def count(self, state: str) -> int:
        return int(self.sandbox.control("GET", "/companies/acme/ledger", newest=1)["counts"][state])

    def start(self) -> None:
        self.sandbox.control("POST", "/companies/acme/burst", calls=CALLS, events_per_second=EVENTS_PER_SECOND)
        wait_until(lambda: self.count("acknowledged") >= EVENTS // 6, SETTLE_SECONDS, "the stream is under way")

    def settle(self, follower: Follower) -> None:
        """Waits until the PBX has sent all, and the follower has as much."""
        wait_until(lambda: self.count("acknowledged") == EVENTS, SETTLE_SECONDS, "the PBX has sent everything")
        wait_until(lambda: len(follower.events) >= EVENTS, SETTLE_SECONDS, "the follower has everything")

    def survives(self, fault: Callable[[], None]) -> Follower:
        """Plays the stream, lets `fault` happen in the middle of it, and compares the ledgers."""
        url = self.installation.web.url
        with Follower(url, self.api_key) as follower:
            self.start()
            assert self.count("total") < EVENTS, "the stream was over before the fault began"
            fault()
            self.settle(follower)
        log = read_log(url, self.api_key)
        assert Counter(map(told, log)) == sent(self.sandbox)
        assert [event["sequence"] for event in log] == list(range(1, EVENTS + 1))
        assert follower.events == log
        return follower


@pytest.fixture
def stream(installation: Installation, sandbox: SandboxHandle) -> Stream:
    return Stream(installation, sandbox)


def test_web_killed_mid_stream_loses_and_doubles_nothing(stream: Stream) -> None:
    def fault() -> None:
        stream.installation.web.kill()
        stream.installation.start_web()

    assert stream.survives(fault).breaks > 0


def test_worker_killed_mid_stream_loses_and_doubles_nothing(stream: Stream) -> None:
    def fault() -> None:
        stream.installation.worker.kill()
        stream.installation.start_worker()

    assert stream.survives(fault).breaks == 0


def test_postgresql_crashing_mid_stream_loses_and_doubles_nothing(stream: Stream) -> None:
    stream.survives(stream.installation.stores.crash_postgres)


def test_redis_away_mid_stream_delays_but_never_refuses(stream: Stream) -> None:
    stores = stream.installation.stores
    with Follower(stream.installation.web.url, stream.api_key) as follower:
        stream.start()
        stores.kill_valkey()
        before = stream.count("acknowledged")
        wait_until(lambda: stream.count("acknowledged") > before + 100, 10, "hooks answer while Redis is away")
        stores.start_valkey()
        known = stream.count("acknowledged")
        wait_until(lambda: len(follower.events) >= known, 3, "events come through again after Redis is back")
        stream.settle(follower)
    log = read_log(stream.installation.web.url, stream.api_key)
    assert Counter(map(told, log)) == sent(stream.sandbox)
    assert follower.events == log


def test_sigterm_with_open_sockets_stops_the_web_process_in_seconds(stream: Stream) -> None:
    with Follower(stream.installation.web.url, stream.api_key) as follower:
        stream.start()
        assert stream.installation.web.stop() < 6
        stream.installation.start_web()
        stream.settle(follower)
    assert follower.events == read_log(stream.installation.web.url, stream.api_key)
