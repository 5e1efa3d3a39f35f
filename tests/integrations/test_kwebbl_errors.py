"""How Kwebbl's errors, and those of the way to it, become errors of the contract."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from common import http
from integrations.contract.commands import CallRef
from integrations.contract.errors import (
    AuthorizationLost,
    CallGone,
    Unsupported,
    VendorError,
    VendorRejected,
    VendorTimeout,
    VendorUnavailable,
)
from tests.integrations.http_server import Answer, vendor
from tests.integrations.kwebbl_live import ListedTokens, kwebbl_at

CALL = CallRef("call-1", "connected")


def problem(status: int, code: str | None = None, message: str | None = "words", **headers: str) -> Answer:
    """An error as the document has it."""
    body = {"status_code": status, "error_code": code, "message": message}
    content = json.dumps({name: value for name, value in body.items() if value is not None})
    return lambda _: web.Response(status=status, text=content, headers=headers, content_type="application/json")


def page(status: int) -> Answer:
    """What a proxy in front of the API says."""
    return lambda _: web.Response(status=status, text="<html>\n<h1>Bad   Gateway</h1></html>", content_type="text/html")


async def hold_against(answer: Answer, **account: Any) -> None:
    async with vendor(answer) as url, kwebbl_at(url, ListedTokens("t1", "t2"), **account) as adapter:
        await adapter.hold(CALL)


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (problem(400, "validation"), VendorRejected, "words"),
        (problem(401, "invalid_grant"), AuthorizationLost, "Authorize the account again"),
        (problem(403, "access_denied"), VendorRejected, "calls.manage or calls.manage.personal"),
        (problem(503, "access_denied"), VendorRejected, "calls.manage or calls.manage.personal"),
        (problem(404, "entity_not_exist"), CallGone, "any more"),
        (page(404), VendorRejected, "Bad Gateway"),
        (problem(429), VendorUnavailable, "slow down"),
        (problem(500), VendorUnavailable, "500"),
        (problem(503), VendorUnavailable, "503"),
        (problem(418, message=None), VendorRejected, "no words"),
        (page(502), VendorUnavailable, "<h1>Bad Gateway</h1>"),
        (page(403), VendorRejected, "Bad Gateway"),
        (lambda _: web.Response(status=409), VendorRejected, "no words"),
        (lambda _: web.Response(status=302, headers={"Location": "/"}), VendorRejected, "no words"),
    ],
)
async def test_refusals(answer: Answer, expected: type[VendorError], words: str) -> None:
    with pytest.raises(VendorError, match=words) as raised:
        await hold_against(answer)
    assert type(raised.value) is expected


async def test_rejection_carries_the_vendors_status_and_code() -> None:
    with pytest.raises(VendorRejected) as raised:
        await hold_against(problem(400, "validation", "too short"))
    assert (raised.value.status, raised.value.code) == (400, "validation")


async def test_scope_that_is_known_to_be_missing() -> None:
    with pytest.raises(Unsupported, match=r"lacks the scope calls\.manage"):
        await hold_against(problem(403, "access_denied"), scopes=["calls.events"])


@pytest.mark.parametrize(
    ("header", "expected"), [("7", 7.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", None), ("", None)]
)
async def test_retry_after(header: str, expected: float | None) -> None:
    with pytest.raises(VendorUnavailable) as raised:
        await hold_against(problem(429, **{"Retry-After": header}))
    assert raised.value.retry_after == expected


async def test_refused_token_is_replaced_once() -> None:
    seen: list[str] = []

    def answer(request: web.Request) -> web.Response:
        seen.append(request.headers["Authorization"])
        return web.Response(status=202 if seen[-1] == "Bearer t2" else 401)

    tokens = ListedTokens("t1", "t2")
    async with vendor(answer) as url, kwebbl_at(url, tokens) as adapter:
        await adapter.hold(CALL)
    assert (seen, tokens.rejected) == (["Bearer t1", "Bearer t2"], ["t1"])


@pytest.mark.parametrize("body", ["<html>maintenance</html>", "", "{}", "[1]", '[{"id": 1}]'])
async def test_success_that_cannot_be_read(body: str) -> None:
    async with vendor(lambda _: web.Response(text=body)) as url, kwebbl_at(url, ListedTokens("t1")) as adapter:
        with pytest.raises(VendorRejected, match="can't be read"):
            await adapter.list_extensions()


async def test_subscription_in_an_array_or_alone() -> None:
    one = {"id": "s1", "events": ["created"], "callback_url": "http://example.com/callback"}
    for body in (one, [one]):
        async with (
            vendor(lambda _, body=body: web.json_response(body)) as url,  # type: ignore[misc]
            kwebbl_at(url, ListedTokens("t1")) as adapter,
        ):
            assert (await adapter.get_subscription("s1")).event_types == ("created",)


async def test_account_without_tokens() -> None:
    with pytest.raises(AuthorizationLost, match="not been authorized"):
        async with kwebbl_at("http://127.0.0.1:9", None) as adapter:
            await adapter.hold(CALL)


async def test_nobody_there_is_certain_that_nothing_happened() -> None:
    async with kwebbl_at(f"http://127.0.0.1:{unused_port()}", ListedTokens("t1")) as adapter:
        with pytest.raises(VendorUnavailable, match="no connection"):
            await adapter.hold(CALL)


async def test_silence_leaves_a_command_unknown_and_a_reading_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.2)

    async def never(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, kwebbl_at(url, ListedTokens("t1")) as adapter:
        with pytest.raises(VendorTimeout, match="not known"):
            await adapter.hold(CALL)
        with pytest.raises(VendorUnavailable):
            await adapter.list_extensions()
