"""A server that answers what a test tells it to: for what the sandbox never says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from integrations.vendors.eq.adapter import EqAdapter
from tests.integrations.eq.live import eq_at
from tests.integrations.fake import Answer, next_of
from tests.integrations.http_server import serving
from tests.integrations.memory_store import MemoryStore

Answers = dict[str, Answer | list[Answer]]
PROXY = Answer(b"<html><h1>Bad gateway</h1></html>", 200, "text/html")
LISTS = (
    "/active_agent_sessions",
    "/queued_calls",
    "/parked_calls",
    "/call_queue_statistics",
    "/call_queue_agent_status",
    "/active_calls",
)


@dataclass
class FakeEq:
    """`answers` are by method and path; a list is answered one by one, the last again and again. Lists are empty by default.

    `asked`: method and path, query and form of what came.
    """

    answers: Answers = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        key = f"{request.method} {request.path.removeprefix('/eq/api/2.0')}"
        form = {name: str(value) for name, value in (await request.post()).items()}
        if request.content_type == "application/json":
            form = {name: str(value) for name, value in (await request.json()).items()}
        self.asked.append((key, dict(request.query), form))
        default = Answer([]) if key.partition(" ")[2] in LISTS else Answer(b"", 404)
        answer = self.answers.get(key, default)
        return next_of(answer).response()

    def sent(self, key: str) -> list[tuple[dict[str, str], dict[str, str]]]:
        """The queries and forms of that request."""
        return [(query, form) for asked, query, form in self.asked if asked == key]


@asynccontextmanager
async def faked(
    answers: Answers, store: MemoryStore | None = None, **settings: Any
) -> AsyncIterator[tuple[EqAdapter, FakeEq]]:
    """An adapter that talks to such a server, and watches extension 502."""
    fake = FakeEq(dict(answers))
    app = web.Application()
    app.router.add_route("*", "/eq/api/2.0/{path:.*}", fake.handle)
    async with (
        serving(app) as url,
        eq_at(f"{url}/eq/api/2.0", {"extensions": ["502"], **settings}, store) as adapter,
    ):
        yield adapter, fake
