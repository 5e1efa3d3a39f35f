"""static/js/socket.js against a scripted server: every event once and in order, whatever happens to the line."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute

pytestmark = pytest.mark.browser
SILENCE_MS = 46_000

START = """async () => {
    const { EventSocket } = await import("/static/js/socket.js");
    window.seen = [];
    window.statuses = [];
    window.starts = 0;
    window.refusals = 0;
    window.socket = new EventSocket({
        url: "ws://localhost/ws/v1/events",
        extensions: ["ext_anna"],
        onStart: async () => {
            window.starts += 1;
            if (window.starts <= window.failures) throw new Error("can't load");
        },
        onEvent: (event) => window.seen.push(event.sequence),
        onStatus: (status) => window.statuses.push(status),
        onRefused: () => { window.refusals += 1; },
    });
    window.socket.open();
}"""


class Server:
    """Answers the sockets that the page opens; `log` is what it would replay."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.subscriptions: list[dict[str, Any]] = []
        self.sockets: list[WebSocketRoute] = []
        self.log: list[int] = []
        self.refuse = False
        page.route_web_socket("**/ws/v1/events", self._accept)

    def _accept(self, socket: WebSocketRoute) -> None:
        if self.refuse:
            socket.close(code=4401)
            return
        self.sockets.append(socket)
        socket.on_message(lambda text: self._subscribed(json.loads(str(text))))

    def _subscribed(self, message: dict[str, Any]) -> None:
        self.subscriptions.append(message)
        head = self.log[-1] if self.log else 0
        self.send({"type": "ready", "sequence": head})
        for sequence in self.log:
            if sequence > message.get("after", head):
                self.send({"type": "event", "event": {"sequence": sequence}})

    def send(self, message: dict[str, Any]) -> None:
        self.sockets[-1].send(json.dumps(message))

    def event(self, sequence: int) -> None:
        self.log.append(sequence)
        self.send({"type": "event", "event": {"sequence": sequence}})

    def ping(self, sequence: int) -> None:
        self.send({"type": "ping", "sequence": sequence})

    def drop(self) -> None:
        self.sockets[-1].close(code=1012)

    def until(self, expression: str) -> None:
        self.page.wait_for_function(expression)

    def until_here(self, condition: Callable[[], bool]) -> None:
        """Lets the page work until the server's side of it is so."""
        for _ in range(200):
            if condition():
                return
            self.page.wait_for_timeout(10)
        pytest.fail("the server never saw it")


@pytest.fixture
def server(modules: Page) -> Server:
    modules.clock.install()
    server = Server(modules)
    server.log = [7]
    modules.evaluate(START)
    server.until("window.starts === 1")
    return server


def test_starts_from_now_and_loads_what_is_there(modules: Page, server: Server) -> None:
    assert server.subscriptions == [{"type": "subscribe", "extensions": ["ext_anna"]}]
    server.event(8)
    server.until("window.seen.length === 1")
    assert modules.evaluate("[window.seen, window.statuses]") == [[8], ["live"]]


def test_resumes_after_the_last_event_it_saw(modules: Page, server: Server) -> None:
    server.event(8)
    server.until("window.seen.length === 1")
    server.drop()
    server.until("window.statuses.at(-1) === 'reconnecting'")
    server.log += [9, 10]
    modules.clock.run_for(1000)
    server.until("window.seen.length === 3")
    assert server.subscriptions[1] == {"type": "subscribe", "extensions": ["ext_anna"], "after": 8}
    assert modules.evaluate("[window.seen, window.starts]") == [[8, 9, 10], 1]


def test_ready_while_resuming_is_not_taken_for_the_position(modules: Page, server: Server) -> None:
    server.drop()
    server.until("window.statuses.at(-1) === 'reconnecting'")
    server.log += [8]
    modules.clock.run_for(1000)
    server.until("window.seen.length === 1")
    server.drop()
    server.until("window.statuses.at(-1) === 'reconnecting'")
    modules.clock.run_for(1000)
    server.until_here(lambda: len(server.subscriptions) == 3)
    assert [each.get("after") for each in server.subscriptions] == [None, 7, 8]


def test_a_repeated_event_is_dropped(modules: Page, server: Server) -> None:
    server.event(8)
    server.event(8)
    server.event(9)
    server.until("window.seen.length >= 2")
    assert modules.evaluate("window.seen") == [8, 9]


def test_a_ping_moves_the_position_of_a_filtered_client(modules: Page, server: Server) -> None:
    server.ping(40)
    server.event(41)
    server.until("window.seen.length === 1")
    server.drop()
    server.until("window.statuses.at(-1) === 'reconnecting'")
    modules.clock.run_for(1000)
    server.until_here(lambda: len(server.subscriptions) == 2)
    assert server.subscriptions[1]["after"] == 41


def test_silence_counts_as_a_dead_line(modules: Page, server: Server) -> None:
    modules.clock.run_for(SILENCE_MS)
    server.until_here(lambda: len(server.subscriptions) == 2)
    assert modules.evaluate("window.statuses") == ["live", "reconnecting", "live"]


def test_pings_keep_a_quiet_line(modules: Page, server: Server) -> None:
    for _ in range(4):
        modules.clock.run_for(20_000)
        server.ping(7)
        modules.evaluate("'heard'")  # runs after the ping has reached the page
    assert modules.evaluate("window.statuses") == ["live"]


def test_refused_before_ready_is_told_and_tried_again_ever_slower(modules: Page, server: Server) -> None:
    server.refuse = True
    server.drop()
    server.until("window.statuses.at(-1) === 'reconnecting'")
    modules.clock.run_for(3000)
    server.until("window.refusals >= 2")
    server.refuse = False
    modules.clock.run_for(20_000)
    server.until_here(lambda: len(server.subscriptions) == 2)
    assert server.subscriptions[1]["after"] == 7


def test_begins_again_when_loading_failed(modules: Page, server: Server) -> None:
    modules.evaluate("window.failures = 1")
    fresh = Server(modules)
    fresh.log = [3]
    modules.evaluate(START)
    fresh.until("window.statuses.at(-1) === 'reconnecting'")
    modules.clock.run_for(1000)
    fresh.until("window.starts === 2")
    assert [each.get("after") for each in fresh.subscriptions] == [None, None]


def test_going_live_before_our_subscription_was_heard_loads_everything_again(modules: Page, server: Server) -> None:
    server.event(8)
    server.send({"type": "ready", "sequence": 12})
    server.until("window.starts === 2")
    server.event(13)
    server.until("window.seen.length === 2")
    server.drop()
    server.until("window.statuses.at(-1) === 'reconnecting'")
    modules.clock.run_for(1000)
    server.until_here(lambda: len(server.subscriptions) == 2)
    assert (modules.evaluate("window.seen"), server.subscriptions[1]["after"]) == ([8, 13], 13)
