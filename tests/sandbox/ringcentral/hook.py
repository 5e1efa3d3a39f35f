"""A WebHook receiver: answers the Validation-Token handshake, and keeps what it got."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.listening import Handler, listening
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
        with listening(_handler(hook)) as url:
            hook.url = f"{url}/hook/secret"
            yield hook

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


def _handler(hook: Hook) -> type[Handler]:
    class Hooked(Handler):
        def receive(self) -> None:
            body = self.body()
            headers = {name.lower(): value for name, value in self.headers.items()}
            if not body:
                self._shake_hands(headers)
                return
            hook.headers.append(headers)
            if hook.status == 200:
                hook.events.append(json.loads(body))
            self.answer(hook.status, headers={"Content-Type": hook.content_type})

        def _shake_hands(self, headers: dict[str, str]) -> None:
            hook.handshakes.append(headers)
            time.sleep(hook.handshake_delay_s)
            token = headers["validation-token"] if hook.echo else "other"
            shown = {"Content-Type": hook.content_type, "Validation-Token": token}
            self.answer(hook.handshake_status, hook.handshake_body, shown)

    return Hooked
