"""POST /hooks/{vendor}/{token}: what vendors call. Plain ASGI, asynchronous from socket to commit. 2xx means: durably stored."""

import asyncio
import re
import time
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from common.crypto import token_digest
from common.requests import request_id_from
from common.times import utc_now
from cti.calls import sql
from cti.ingest.batcher import Batcher, Overloaded, StorageUnavailable
from cti.ingest.parse import parse_delivery
from integrations.contract.adapter import WebhookRequest, WebhookResponse
from integrations.registry import adapter_class
from integrations.subscriptions import hook_secret

MAX_BODY = 256 * 1024
BODY_SECONDS = 10.0
ROUTE_SECONDS = 5.0
"""How long a hook's route is remembered; a deleted account is noticed at once all the same, in the transaction."""
_STORED, _NOT_FOUND = WebhookResponse(200), WebhookResponse(404)
_PATH = re.compile(r"/hooks/(?P<vendor>[a-z]+)/(?P<token>[A-Za-z0-9_-]{32,128})")
ROUTE = "SELECT r.tenant_id, r.account_id, r.subscription_id FROM route_hook(%s) r"
READ_VENDOR = "SELECT vendor FROM integrations_pbxaccount WHERE id = %s"


class Route(Struct, frozen=True):
    """Whose hook that is."""

    tenant_id: UUID
    account_id: UUID
    subscription_id: UUID
    vendor: str
    known_until: float


class BodyTooLarge(Exception):
    """More than MAX_BODY."""


class Hooks:
    """The ASGI application behind /hooks/."""

    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection]", batcher: Batcher) -> None:
        self._pool = pool
        self._batcher = batcher
        self._routes: dict[bytes, Route] = {}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        answer = await self._answer(scope, receive)
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        headers += [(b"content-length", b"%d" % len(answer.body)), (b"x-request-id", request_id_from(given).encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: dict[str, Any], receive: Any) -> WebhookResponse:
        match = _PATH.fullmatch(scope["path"])
        if match is None:
            return _NOT_FOUND
        if scope["method"] != "POST":
            return WebhookResponse(405, {"allow": "POST"})
        try:
            return await self._take(match["vendor"], match["token"], scope, receive)
        except BodyTooLarge:
            return WebhookResponse(413, {"connection": "close"})
        except TimeoutError:
            return WebhookResponse(408, {"connection": "close"})
        except (StorageUnavailable, Overloaded, psycopg.Error, PoolTimeout):
            return WebhookResponse(503, {"retry-after": "2"})

    async def _take(self, vendor: str, token: str, scope: dict[str, Any], receive: Any) -> WebhookResponse:
        """A vendor's test of the hook is answered here, without any worker; what lacks its secret is as if unknown."""
        route = await self._route(token_digest(token))
        if route is None or route.vendor != vendor:
            return _NOT_FOUND
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(headers, receive)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        adapter, request = adapter_class(vendor), WebhookRequest(headers, body, query, utc_now())
        answer = adapter.handshake(request)
        if answer is not None:
            return answer
        if not adapter.verify(request, hook_secret(token)):
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
        return _STORED

    async def _route(self, digest: bytes) -> Route | None:
        known = self._routes.get(digest)
        now = time.monotonic()
        if known is not None and known.known_until > now:
            return known
        self._routes.pop(digest, None)
        async with self._pool.connection() as connection, connection.transaction():
            row = await (await connection.execute(ROUTE, [digest])).fetchone()
            if row is None:
                return None
            await connection.execute(sql.ENTER_TENANT, [str(row[0])])
            account = await (await connection.execute(READ_VENDOR, [row[1]])).fetchone()
        if account is None:
            return None
        route = self._routes[digest] = Route(row[0], row[1], row[2], account[0], now + ROUTE_SECONDS)
        return route


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
