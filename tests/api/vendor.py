"""A vendor that says what the test wants to hear, over HTTP, and writes down what it was asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

HANG_UP = 0
"""Instead of a status: the request is read, and no answer comes."""


@dataclass
class ScriptedVendor:
    """`status` and `body` are its next answers; `asked` has what came, as `POST /calls/1/hold` and the body."""

    url: str = ""
    status: int = 202
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def refuses(self, status: int, code: str | None = None, **headers: str) -> None:
        self.status, self.headers = status, headers
        self.body = {"status_code": status, "error_code": code, "message": "No."} if code else None

    def answer(self, path: str) -> tuple[int, bytes]:
        if path == "/token":  # its errors have a form of their own ("Response with access token")
            return 401, b'{"error":"invalid_grant"}'
        return self.status, json.dumps(self.body).encode() if self.body is not None else b""


@contextmanager
def scripted_vendor() -> Iterator[ScriptedVendor]:
    vendor = ScriptedVendor()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.removeprefix("/v100")
            vendor.asked.append((f"{self.command} {path}", json.loads(content) if content else None))
            status, answer = vendor.answer(path)
            if status == HANG_UP:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {**vendor.headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names are http.server's

        def log_message(self, *_: Any) -> None:
            """Keeps the tests' output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        vendor.url = f"http://127.0.0.1:{server.server_port}/v100"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield vendor
        server.shutdown()
