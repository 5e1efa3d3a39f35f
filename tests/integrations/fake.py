"""What servers answer that say what a test tells them to."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from aiohttp import web

T = TypeVar("T")


@dataclass
class Answer:
    """A body that isn't bytes is sent as JSON."""

    body: Any = None
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        content = self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)
        return web.Response(body=content, status=self.status, content_type=self.content_type, headers=self.headers)


def next_of(answers: T | list[T]) -> T:
    """The only one, or one after another from a list, the last again and again."""
    if isinstance(answers, list):
        return answers.pop(0) if len(answers) > 1 else answers[0]
    return answers
