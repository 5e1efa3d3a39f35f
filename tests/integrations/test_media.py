"""Recordings as they come from a vendor: what is told beforehand, and what is never handed on."""

import gzip

import pytest
from aiohttp import web

from common.http import HttpClient
from integrations.contract import media
from integrations.contract.errors import VendorError, VendorRejected, VendorUnavailable
from integrations.contract.media import RangeNotSatisfiable, open_media
from tests.hostile.server import Misbehaviour, answer, hostile_server
from tests.integrations.http_server import Answer, vendor
from tests.integrations.live import LOOPBACK

PART = "bytes=0-4"


async def heard(url: str, byte_range: str | None = None) -> bytes:
    async with (
        HttpClient(allowed_networks=LOOPBACK) as http,
        open_media(http, url, headers={"x-key": "k"}, byte_range=byte_range) as opened,
    ):
        return b"".join([chunk async for chunk in opened.chunks])


async def told(answered: web.Response, byte_range: str | None = None) -> media.Media:
    async with (
        vendor(lambda _: answered) as url,
        HttpClient(allowed_networks=LOOPBACK) as http,
        open_media(http, url, byte_range=byte_range) as opened,
    ):
        return opened


def part(content_range: str | None, **headers: str) -> web.Response:
    named = {} if content_range is None else {"Content-Range": content_range}
    return web.Response(status=206, body=b"sound", headers=named | headers)


async def test_what_is_told_beforehand() -> None:
    whole = await told(web.Response(body=b"sound", content_type="audio/ogg", headers={"Accept-Ranges": "bytes"}))
    assert (whole.content_type, whole.length, whole.content_range, whole.takes_ranges) == ("audio/ogg", 5, None, True)
    a_part = await told(part("bytes 0-4/*"), PART)
    assert (a_part.length, a_part.content_range, a_part.takes_ranges) == (5, "bytes 0-4/*", True)


async def test_what_is_asked() -> None:
    asked: list[dict[str, str]] = []

    def remember(request: web.Request) -> web.Response:
        asked.append({name.lower(): value for name, value in request.headers.items()})
        return web.Response(body=b"sound")

    async with vendor(remember) as url:
        assert await heard(url, PART) == b"sound"
    assert asked[0].items() >= {"x-key": "k", "range": PART, "accept-encoding": "identity"}.items()


@pytest.mark.parametrize(
    "content_range",
    [
        None,
        "",
        "bytes */5",
        "bytes 4-0/5",
        "bytes 0-9/10",
        "lines 0-4/5",
        "bytes 0-4/5, 7-8/9",
        f"bytes 0-{'9' * 400}/*",
    ],
)
async def test_parts_that_cannot_be_told_on(content_range: str | None) -> None:
    with pytest.raises(VendorRejected, match="properly"):
        await told(part(content_range), PART)


async def test_part_that_nobody_asked_for() -> None:
    with pytest.raises(VendorRejected, match="properly"):
        await told(part("bytes 0-4/5"))


async def test_part_that_there_is_not() -> None:
    for content_range, known in (("bytes */7", "bytes */7"), ("bytes */\xff", None), ("7", None)):
        with pytest.raises(RangeNotSatisfiable) as caught:
            await told(web.Response(status=416, headers={"Content-Range": content_range}), PART)
        assert caught.value.content_range == known


async def test_packed_sound_has_no_length_and_no_parts() -> None:
    packed = web.Response(body=gzip.compress(b"sound"), headers={"Content-Encoding": "gzip"})
    assert (await told(packed)).length is None
    with pytest.raises(VendorRejected, match="properly"):
        await told(part("bytes 0-4/5", **{"Content-Encoding": "gzip"}), PART)


def _chunked(_: web.Request) -> web.Response:
    response = web.Response(body=b"0123456789")
    response.enable_chunked_encoding()
    return response


@pytest.mark.parametrize("answered", [_chunked, lambda _: web.Response(body=b"0123456789")], ids=["chunks", "length"])
async def test_too_large(answered: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_BYTES", 9)
    async with vendor(answered) as url:
        with pytest.raises(VendorRejected, match="larger"):
            await heard(url)


@pytest.mark.parametrize("limit", ["SILENCE_S", "LONGEST_S"])
async def test_silence(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, limit, 0.2)
    async with hostile_server(Misbehaviour((answer(b"so", length=5),), ending="keep")) as server:
        with pytest.raises(VendorUnavailable, match="in time"):
            await heard(server.url)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, VendorRejected), (302, VendorRejected), (429, VendorUnavailable), (500, VendorUnavailable)],
)
async def test_refusals_of_vendors_that_say_no_more(status: int, kind: type[VendorError]) -> None:
    headers = {"Location": "http://127.0.0.1:9/", "Retry-After": "7"}
    with pytest.raises(kind) as caught:
        await told(web.Response(status=status, headers=headers, text="No."))
    assert getattr(caught.value, "retry_after", 7) == 7
