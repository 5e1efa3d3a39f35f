"""GET /recordings/{id} against a real web process: from the vendor, through us, to a player."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from asgiref.sync import sync_to_async

from common.times import utc_now
from cti.history.recordings import recording_id
from integrations.models import OAuthGrant
from tenants.rls import tenant_scope
from tests.api.world import make_world
from tests.hostile.server import Misbehaviour, answer, hostile_server
from tests.integrations.http_server import serving
from tests.servers import Server
from tests.tenancy import make_company

pytestmark = pytest.mark.usefixtures("committed_db")
SOUND = bytes(range(256)) * 1000
WAV = "audio/x-wav"


@dataclass
class Player:
    """A program that may listen, and the recording's address."""

    url: str
    key: str

    @asynccontextmanager
    async def play(self, method: str = "GET", **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
        sent = {"Authorization": f"Bearer {self.key}", "Accept": "audio/*"} | headers
        async with aiohttp.ClientSession() as session, session.request(method, self.url, headers=sent) as response:
            yield response


def _player(server: Server, base_url: str) -> Player:
    company = make_company()
    account = make_world(company, base_url, vendor="ringcentral").account
    with tenant_scope(company.tenant.id):
        OAuthGrant.objects.create(
            account=account,
            tenant=company.tenant,
            tokens={"access_token": "at", "refresh_token": "rt"},
            expires_at=utc_now() + timedelta(hours=1),
        )
    name = recording_id(company.tenant.id, account.id, "r1")
    return Player(f"{server.url}/api/v1/recordings/{name}", company.api_key)


@pytest.fixture
async def player(web_server: Server, tmp_path: Path) -> AsyncIterator[Player]:
    """Of a vendor that knows parts."""
    file = tmp_path / "sound.wav"
    file.write_bytes(SOUND)

    async def content(request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == "Bearer at"
        return web.FileResponse(file, headers={"Content-Type": WAV})

    app = web.Application()
    app.router.add_get("/restapi/v1.0/account/~/recording/r1/content", content)
    async with serving(app) as url:
        yield await sync_to_async(_player)(web_server, url)


@asynccontextmanager
async def player_of(server: Server, misbehaviour: Misbehaviour) -> AsyncIterator[Player]:
    async with hostile_server(misbehaviour) as vendor:
        yield await sync_to_async(_player)(server, vendor.url)


async def test_whole(player: Player) -> None:
    async with player.play() as response:
        assert (response.status, await response.read()) == (200, SOUND)
    headers = response.headers
    assert (headers["Content-Type"], headers["Content-Length"], headers["Accept-Ranges"]) == (WAV, "256000", "bytes")
    assert headers["Content-Disposition"] == f'inline; filename="recording-{player.url[-12:]}.wav"'


async def test_head(player: Player) -> None:
    async with player.play("HEAD") as response:
        assert (response.status, response.headers["Content-Length"], await response.read()) == (200, "256000", b"")


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=1000-1999", slice(1000, 2000)), ("bytes=-7", slice(-7, None)), ("bytes=9-", slice(9, None))],
)
async def test_part(player: Player, asked: str, part: slice) -> None:
    first, last, _ = part.indices(len(SOUND))
    async with player.play(Range=asked) as response:
        assert (response.status, await response.read()) == (206, SOUND[part])
    assert response.headers["Content-Range"] == f"bytes {first}-{last - 1}/256000"


@pytest.mark.parametrize(
    "headers", [{"Range": "bytes=0-1,5-6"}, {"Range": "lines=1-2"}, {"Range": "bytes=0-1", "If-Range": '"other"'}]
)
async def test_what_is_no_single_part_gets_the_whole(player: Player, headers: dict[str, str]) -> None:
    async with player.play(**headers) as response:
        assert (response.status, await response.read()) == (200, SOUND)


async def test_part_that_there_is_not(player: Player) -> None:
    async with player.play(Range="bytes=256000-") as response:
        problem: dict[str, Any] = await response.json(content_type="application/problem+json")
    assert (response.status, problem["code"]) == (416, "range_not_satisfiable")
    assert response.headers["Content-Range"] == "bytes */256000"


async def test_vendor_without_parts_sends_the_whole(web_server: Server) -> None:
    async with player_of(web_server, Misbehaviour((answer(SOUND, content_type=WAV),))) as player:
        async with player.play(Range="bytes=0-1") as response:
            assert (response.status, await response.read()) == (200, SOUND)
        assert response.headers["Accept-Ranges"] == "none"


@pytest.mark.parametrize(
    ("misbehaviour", "status", "code"),
    [
        (Misbehaviour((answer(b'{"errorCode":"CMN-102","message":"Gone"}', 404),)), 502, "vendor_rejected"),
        (Misbehaviour((answer(b"", 503, headers={"Retry-After": "7"}),)), 503, "vendor_unreachable"),
        (Misbehaviour((answer(b"", content_type=WAV, length=10**12),), ending="keep"), 502, "vendor_rejected"),
        (Misbehaviour(ending="reset"), 503, "vendor_unreachable"),
    ],
    ids=["refused", "busy", "too large", "reset"],
)
async def test_errors_before_the_first_byte(
    web_server: Server, misbehaviour: Misbehaviour, status: int, code: str
) -> None:
    async with player_of(web_server, misbehaviour) as player, player.play() as response:
        problem: dict[str, Any] = await response.json(content_type="application/problem+json")
    assert (response.status, problem["code"]) == (status, code)


CHUNKED = f"HTTP/1.1 200 OK\r\nContent-Type: {WAV}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsound\r\n".encode()


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("begun", [CHUNKED, answer(b"sound", content_type=WAV, length=500)], ids=["chunks", "length"])
async def test_vendor_that_breaks_off_breaks_the_response_off(web_server: Server, begun: bytes, ending: str) -> None:
    async with player_of(web_server, Misbehaviour((begun,), 0.02, ending)) as player, player.play() as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_listener_who_leaves_ends_the_vendors_connection(web_server: Server) -> None:
    left = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": WAV})
        await response.prepare(request)
        try:
            while True:
                await response.write(SOUND)
        finally:
            left.set()

    app = web.Application()
    app.router.add_get("/{path:.*}", endless)
    async with serving(app) as url:
        player = await sync_to_async(_player)(web_server, url)
        async with player.play() as response:
            assert len(await response.content.readexactly(1_000_000)) == 1_000_000
        await asyncio.wait_for(left.wait(), 30)
    assert left.is_set()


async def test_refused_token_is_renewed_once(web_server: Server) -> None:
    asked: list[str] = []

    async def vendor(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return web.json_response({"access_token": "new", "refresh_token": "rt2", "expires_in": 3600})
        asked.append(request.headers["Authorization"])
        if asked[-1] != "Bearer new":
            return web.json_response({"errorCode": "OAU-128", "message": "Expired"}, status=401)
        return web.Response(body=b"sound", content_type=WAV)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", vendor)
    async with serving(app) as url:
        player = await sync_to_async(_player)(web_server, url)
        async with player.play() as response:
            assert (response.status, await response.read()) == (200, b"sound")
    assert asked == ["Bearer at", "Bearer new"]
