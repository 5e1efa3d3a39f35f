"""POST /hooks/{vendor}/{token}: what vendors call. Plain ASGI, asynchronous from socket to commit. 2xx means: durably stored."""

import asyncio
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import psycopg
from psycopg_pool import PoolTimeout

from common.requests import request_id_from
from common.times import utc_now
from cti.ingest.batcher import Batcher, Overloaded, StorageUnavailable
from cti.ingest.follow_up import FollowUps
from cti.ingest.parse import parse_delivery
from cti.ingest.plan import Incoming
from cti.ingest.routes import Route, Routes
from integrations.contract.adapter import WebhookRequest, WebhookResponse
from integrations.registry import adapter_class

MAX_BODY = 256 * 1024
BODY_SECONDS = 10.0
PREFIX = "/hooks/"
_STORED, _NOT_FOUND, _LATER = WebhookResponse(200), WebhookResponse(404), WebhookResponse(503, {"retry-after": "2"})
_PATH = re.compile(PREFIX + r"(?P<vendor>[a-z]+)/(?P<token>[A-Za-z0-9_-]{32,128})")

Headers = Mapping[str, str]
Respond = Callable[[int, list[tuple[bytes, bytes]]], None]
"""Sends a response without a body: its status and its headers."""


class BodyTooLarge(Exception):
    """More than MAX_BODY."""


class Hooks:
    """The ASGI application behind /hooks/."""

    def __init__(self, routes: Routes, batcher: Batcher) -> None:
        self._routes = routes
        self._batcher = batcher
        self.follow_ups = FollowUps(batcher)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        given = _decode(scope)
        answer = await self._answer(scope, given, receive)
        await send({"type": "http.response.start", "status": answer.status, "headers": _headers(answer, given)})
        await send({"type": "http.response.body", "body": answer.body})

    def take_whole(self, scope: Mapping[str, Any], body: bytes, respond: Respond) -> bool:
        """As the application, for a server that has the whole request already: `respond` is called once it is stored.

        False where that isn't all, since something has to be looked up or isn't right: then the application is to answer.
        """
        match = _PATH.fullmatch(scope["path"])
        route = self._routes.recall(match["token"]) if match and scope["method"] == "POST" else None
        if match is None or route is None or route.vendor != match["vendor"] or len(body) > MAX_BODY:
            return False
        given = _decode(scope)
        incoming = _open(route, scope, given, body)
        if isinstance(incoming, WebhookResponse):
            return False
        try:
            self._batcher.put(route.tenant_id, incoming, partial(self._respond, route, given, incoming, respond))
        except Overloaded:
            return False
        return True

    def _respond(
        self, route: Route, given: Headers, incoming: Incoming, respond: Respond, error: Exception | None
    ) -> None:
        answer = _LATER if error is not None else self._stored(route, incoming)
        respond(answer.status, _headers(answer, given))

    async def _answer(self, scope: dict[str, Any], given: Headers, receive: Any) -> WebhookResponse:
        match = _PATH.fullmatch(scope["path"])
        if match is None:
            return _NOT_FOUND
        if scope["method"] != "POST":
            return WebhookResponse(405, {"allow": "POST"})
        try:
            return await self._take(match["vendor"], match["token"], scope, given, receive)
        except BodyTooLarge:
            return WebhookResponse(413, {"connection": "close"})
        except TimeoutError:
            return WebhookResponse(408, {"connection": "close"})
        except (StorageUnavailable, Overloaded, psycopg.Error, PoolTimeout):
            return _LATER

    async def _take(
        self, vendor: str, token: str, scope: dict[str, Any], given: Headers, receive: Any
    ) -> WebhookResponse:
        route = await self._routes.find(token)
        if route is None or route.vendor != vendor:
            return _NOT_FOUND
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(given, receive)
        incoming = _open(route, scope, given, body)
        if isinstance(incoming, WebhookResponse):
            return incoming
        await self._batcher.submit(route.tenant_id, incoming)
        return self._stored(route, incoming)

    def _stored(self, route: Route, incoming: Incoming) -> WebhookResponse:
        for about in incoming.reconcile:
            self.follow_ups.ask(route.tenant_id, route.account_id, about)
        return _STORED


def _open(route: Route, scope: Mapping[str, Any], given: Headers, body: bytes) -> Incoming | WebhookResponse:
    """What was delivered; or at once the answer to a vendor's test of the hook, or to what lacks its secret: as if unknown."""
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"))) if scope["query_string"] else {}
    adapter, request = adapter_class(route.vendor), WebhookRequest(given, body, query, utc_now())
    answer = adapter.handshake(request)
    if answer is not None:
        return answer
    if not adapter.verify(request, route.secret):
        return _NOT_FOUND
    return parse_delivery(
        route.vendor,
        account_id=route.account_id,
        subscription_id=route.subscription_id,
        headers=given,
        body=body,
        query=query,
        received_at=request.received_at,
    )


def _decode(scope: Mapping[str, Any]) -> Headers:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _headers(answer: WebhookResponse, given: Headers) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    request_id = request_id_from(given.get("x-request-id")).encode()
    return [*headers, (b"content-length", b"%d" % len(answer.body)), (b"x-request-id", request_id)]


async def _read(headers: Headers, receive: Any) -> bytes:
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
