"""A server that answers what a test tells it to: for what the sandbox never says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from integrations.contract.commands import CallRef, LegRef
from integrations.vendors.dstny.adapter import DstnyAdapter
from integrations.vendors.dstny.calls import leg_id
from tests.integrations.dstny.live import dstny_at
from tests.integrations.fake import Answer, next_of
from tests.integrations.http_server import serving


@dataclass
class FakeDstny:
    """`answers` are by method and path; a list is answered one by one, the last again and again. `asked`: what came."""

    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        key = f"{request.method} {request.path.removeprefix('/api')}"
        body = await request.read()
        self.asked.append((key, msgspec.json.decode(body) if body else None))
        answer = self.answers.get(key, Answer({"field": [{"code": "not.found"}]}, 404))
        return next_of(answer).response()

    def sent(self, method: str) -> list[Any]:
        """The bodies of that method's requests."""
        return [body for key, body in self.asked if key.startswith(method)]


@asynccontextmanager
async def faked(
    answers: dict[str, Answer | list[Answer]], **settings: Any
) -> AsyncIterator[tuple[DstnyAdapter, FakeDstny]]:
    """An adapter that talks to such a server."""
    fake = FakeDstny(answers)
    app = web.Application()
    app.router.add_route("*", "/api/{path:.*}", fake.handle)
    async with serving(app) as url:
        fake.url = f"{url}/api"
        async with dstny_at(fake.url, settings={"users": ["anna"], **settings}) as adapter:
            yield adapter, fake


CALL = CallRef("a1", "connected", (), LegRef("a1", leg_id("anna", "a1"), "anna"))
STATE = "GET /cti/state/acme.example/anna/calls/a1"
CONTROL = "/cti/control/acme.example/anna/calls/a1"
