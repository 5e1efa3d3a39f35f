"""A webhook receiver that keeps what it got, and can be told to refuse."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.listening import Handler, listening
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
        with listening(_handler(receiver)) as url:
            receiver.url = f"{url}/hook"
            yield receiver

    def wait(self, count: int) -> list[dict[str, Any]]:
        """The events once there are that many."""
        return list(wait_for(lambda: len(self.events) >= count and self.events))

    def types(self, count: int) -> list[str]:
        return [event["event_type"] for event in self.wait(count)]


def _handler(receiver: Receiver) -> type[Handler]:
    class Receiving(Handler):
        def event(self) -> dict[str, Any]:
            if self.command == "GET":
                return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            return dict(json.loads(self.body()))

        def receive(self) -> None:
            event = self.event()
            if receiver.refuse > 0:
                receiver.refuse -= 1
                self.answer(503)
            else:
                receiver.events.append(event)
                self.answer(200)

    return Receiving
