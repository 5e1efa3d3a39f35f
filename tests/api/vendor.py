"""A vendor that says what the test wants to hear, over HTTP, and writes down what it was asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.listening import Handler, listening

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

    class Scripted(Handler):
        protocol_version = "HTTP/1.0"  # each request has a connection of its own, that can be hung up on

        def receive(self) -> None:
            content = self.body()
            path = self.path.removeprefix("/v100")
            vendor.asked.append((f"{self.command} {path}", json.loads(content) if content else None))
            status, answer = vendor.answer(path)
            if status == HANG_UP:
                self.close_connection = True
                return
            self.answer(status, answer, {name.replace("_", "-"): value for name, value in vendor.headers.items()})

    with listening(Scripted) as url:
        vendor.url = f"{url}/v100"
        yield vendor
