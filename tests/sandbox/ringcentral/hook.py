"""A WebHook receiver: answers the Validation-Token handshake, and keeps what it got."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.sandbox_server import wait_for


@dataclass
class Hook:
    """How it behaves is changed by its fields: `status` of answers to notifications, and what is wrong with handshakes."""

    url: str = ""
    status: int = 200
    handshake_status: int = 200
    handshake_delay_s: float = 0.0
    handshake_body: bytes = b""
    content_type: str = "application/json"
    echo: bool = True
    handshakes: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def listening(cls) -> "Iterator[Hook]":
        hook = cls()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hook))
        hook.url = f"http://127.0.0.1:{server.server_port}/hook/secret"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield hook
        finally:
            server.shutdown()
            server.server_close()

    def wait(self, count: int) -> list[dict[str, Any]]:
        """The notifications once there are that many."""
        return list(wait_for(lambda: len(self.events) >= count and self.events))

    def until(self, code: str, party: str) -> list[dict[str, Any]]:
        """All notifications so far, once that party is told to have that status code."""
        wait_for(lambda: (party, code) in {each[:2] for each in self.story()})
        return list(self.events)

    def parties(self) -> list[dict[str, Any]]:
        return [party for event in list(self.events) for party in event["body"].get("parties", [])]

    def story(self) -> list[tuple[str, str, str | None]]:
        """(party's number, status code, reason) of everything told so far."""
        return [
            (each["id"].rpartition("-")[2], each["status"]["code"], each["status"].get("reason"))
            for each in self.parties()
        ]


def _handler(hook: Hook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if not body:
                self._shake_hands(headers)
                return
            hook.headers.append(headers)
            if hook.status == 200:
                hook.events.append(json.loads(body))
            self._answer(hook.status, b"")

        def _shake_hands(self, headers: dict[str, str]) -> None:
            hook.handshakes.append(headers)
            time.sleep(hook.handshake_delay_s)
            token = headers["validation-token"] if hook.echo else "other"
            self._answer(hook.handshake_status, hook.handshake_body, {"Validation-Token": token})

        def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": hook.content_type, **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet: the tests look at what came, not at a log."""

    return Handler
