"""A webhook receiver that keeps what it got, and can be told to refuse."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.sandbox_server import wait_for


@dataclass
class Receiver:
    """`refuse` is how many of the next requests are answered 503. A GET's event is its query."""

    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    refuse: int = 0

    @classmethod
    @contextmanager
    def listening(cls) -> "Iterator[Receiver]":
        receiver = cls()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()
            server.server_close()

    def wait(self, count: int) -> list[dict[str, Any]]:
        """The events once there are that many."""
        return list(wait_for(lambda: len(self.events) >= count and self.events))

    def types(self, count: int) -> list[str]:
        return [event["event_type"] for event in self.wait(count)]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.receive(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            self.receive(dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))

        def receive(self, event: dict[str, Any]) -> None:
            if receiver.refuse > 0:
                receiver.refuse -= 1
                self.send_response(503)
            else:
                receiver.events.append(event)
                self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet: the tests look at what came, not at a log."""

    return Handler
