"""POST /hooks/{vendor}/{token}: what vendors call. Plain ASGI, asynchronous from socket to commit. 2xx means: durably stored."""

import asyncio
import re
from typing import Any
from urllib.parse import parse_qsl

import psycopg
from psycopg_pool import PoolTimeout

from common.requests import request_id_from
from common.times import utc_now
from cti.ingest.batcher import Batcher, Overloaded, StorageUnavailable
from cti.ingest.follow_up import FollowUps
from cti.ingest.parse import parse_delivery
from cti.ingest.routes import Routes
from integrations.contract.adapter import WebhookRequest, WebhookResponse
from integrations.registry import adapter_class

MAX_BODY = 256 * 1024
BODY_SECONDS = 10.0
_STORED, _NOT_FOUND = WebhookResponse(200), WebhookResponse(404)
_PATH = re.compile(r"/hooks/(?P<vendor>[a-z]+)/(?P<token>[A-Za-z0-9_-]{32,128})")


class BodyTooLarge(Exception):
    """More than MAX_BODY."""


class Hooks:
    """The ASGI application behind /hooks/."""

    def __init__(self, routes: Routes, batcher: Batcher) -> None:
        self._routes = routes
        self._batcher = batcher
        self.follow_ups = FollowUps(batcher)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = await self._answer(scope, given, receive)
        request_id = request_id_from(given.get("x-request-id")).encode()
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        headers += [(b"content-length", b"%d" % len(answer.body)), (b"x-request-id", request_id)]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: dict[str, Any], headers: dict[str, str], receive: Any) -> WebhookResponse:
        match = _PATH.fullmatch(scope["path"])
        if match is None:
            return _NOT_FOUND
        if scope["method"] != "POST":
            return WebhookResponse(405, {"allow": "POST"})
        try:
            return await self._take(match["vendor"], match["token"], scope, headers, receive)
        except BodyTooLarge:
            return WebhookResponse(413, {"connection": "close"})
        except TimeoutError:
            return WebhookResponse(408, {"connection": "close"})
        except (StorageUnavailable, Overloaded, psycopg.Error, PoolTimeout):
            return WebhookResponse(503, {"retry-after": "2"})

    async def _take(
        self, vendor: str, token: str, scope: dict[str, Any], headers: dict[str, str], receive: Any
    ) -> WebhookResponse:
        """A vendor's test of the hook is answered here, without any worker; what lacks its secret is as if unknown."""
        route = await self._routes.find(token)
        if route is None or route.vendor != vendor:
            return _NOT_FOUND
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(headers, receive)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"))) if scope["query_string"] else {}
        adapter, request = adapter_class(vendor), WebhookRequest(headers, body, query, utc_now())
        answer = adapter.handshake(request)
        if answer is not None:
            return answer
        if not adapter.verify(request, route.secret):
            return _NOT_FOUND
        incoming = parse_delivery(
            vendor,
            account_id=route.account_id,
            subscription_id=route.subscription_id,
            headers=headers,
            body=body,
            query=query,
            received_at=request.received_at,
        )
        await self._batcher.submit(route.tenant_id, incoming)
        for about in incoming.reconcile:
            self.follow_ups.ask(route.tenant_id, route.account_id, about)
        return _STORED


async def _read(headers: dict[str, str], receive: Any) -> bytes:
    """The body, refused as soon as it is known to be too large."""
    if int(headers.get("content-length") or 0) > MAX_BODY:
        raise BodyTooLarge
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise TimeoutError
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise BodyTooLarge
        if not message.get("more_body"):
            return bytes(body)
