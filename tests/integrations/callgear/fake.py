"""A server that answers what a test tells it to: for what the sandbox never says."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from integrations.vendors.callgear.adapter import CallGearAdapter
from tests.integrations.callgear.live import KEY, callgear_at
from tests.integrations.fake import next_of
from tests.integrations.http_server import serving

Made = Callable[[Mapping[str, Any]], Any]
"""From the request to the answer; bytes are sent as they are."""
Answers = dict[str, Made | list[Made]]


def result(data: Any, **metadata: Any) -> Made:
    """A proper answer."""
    more = {"metadata": metadata} if metadata else {}
    return lambda asked: {"jsonrpc": "2.0", "id": asked["id"], "result": {"data": data, **more}}


def error(code: int, mnemonic: str | None, message: str = "It is so", **data: Any) -> Made:
    """A proper refusal."""
    told = {"code": code, "message": message, "data": {"mnemonic": mnemonic, **data}}
    return lambda asked: {"jsonrpc": "2.0", "id": asked["id"], "error": told}


@dataclass
class FakeCallGear:
    """`answers` are by method; a list is answered one by one, the last again and again. `asked`: methods and parameters."""

    answers: Answers
    status: int = 200
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read())
        self.asked.append((asked["method"], asked["params"]))
        made = next_of(self.answers[asked["method"]])(asked)
        content = made if isinstance(made, bytes) else msgspec.json.encode(made)
        return web.Response(body=content, status=self.status, content_type="application/json")

    def sent(self, method: str) -> list[dict[str, Any]]:
        """The parameters of that method's requests."""
        return [params for each, params in self.asked if each == method]


@asynccontextmanager
async def faked(
    answers: Answers, credentials: Mapping[str, Any] = KEY, status: int = 200, **account: Any
) -> AsyncIterator[tuple[CallGearAdapter, FakeCallGear]]:
    """An adapter that talks to such a server, with both APIs."""
    fake = FakeCallGear(dict(answers), status)
    app = web.Application()
    app.router.add_post("/{path:.*}", fake.handle)
    async with serving(app) as url:
        settings = {"data_api_url": f"{url}/data", **account.pop("settings", {})}
        async with callgear_at(f"{url}/v4.0", credentials, settings, **account) as adapter:
            yield adapter, fake
