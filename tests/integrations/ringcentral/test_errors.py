"""How RingCentral's errors, and answers that aren't RingCentral's at all, become errors of the contract."""

import json
from typing import Any

import pytest
from aiohttp import web

from integrations.contract.commands import CallRef, LegRef, RawRequest
from integrations.contract.errors import (
    AuthorizationLost,
    CallGone,
    InvalidCallState,
    Unsupported,
    VendorError,
    VendorRejected,
    VendorUnavailable,
)
from tests.integrations.http_server import Answer, vendor
from tests.integrations.kwebbl_live import ListedTokens
from tests.integrations.ringcentral.live import ringcentral_at

CALL = CallRef("s-1", "connected", acting=LegRef("s-1", "p-1-2", extension_id="101"))


def problem(
    status: int,
    code: str = "",
    message: str = "words",
    *,
    at_top: bool = False,
    parameter: str = "",
    headers: dict[str, str] | None = None,
) -> Answer:
    """An error as the guide has it: in a list, with the first one repeated at the top, or alone at the top."""
    error = {"errorCode": code, "message": message} | ({"parameterName": parameter} if parameter else {})
    content = json.dumps(error if at_top else {**error, "errors": [error]})
    return lambda _: web.Response(status=status, text=content, headers=headers, content_type="application/json")


def page(status: int) -> Answer:
    """What a proxy in front of the API says."""
    return lambda _: web.Response(status=status, text="<html>\n<h1>Bad   Gateway</h1></html>", content_type="text/html")


async def hold_against(answer: Answer) -> None:
    async with vendor(answer) as url, ringcentral_at(url, ListedTokens("t1", "t2")) as adapter:
        await adapter.hold(CALL)


async def list_against(answer: Answer) -> None:
    async with vendor(answer) as url, ringcentral_at(url, ListedTokens("t1", "t2")) as adapter:
        await adapter.list_extensions()


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (problem(401, "OAU-128"), AuthorizationLost, "Authorize the account again"),
        (problem(401, "OAU-146"), AuthorizationLost, "OAU-146"),
        (problem(400, "CMN-101", parameter="deviceId"), VendorRejected, r"words \(CMN-101\)"),
        (problem(403, "CMN-101"), VendorRejected, "CMN-101"),
        (problem(404, "CMN-102", parameter="telephonySessionId"), CallGone, "any more"),
        (problem(400, "CMN-102", parameter="partyId"), CallGone, "any more"),
        (problem(404, "CMN-102", parameter="deviceId"), VendorRejected, "CMN-102"),
        (problem(404), CallGone, "any more"),
        (page(404), VendorRejected, "Bad Gateway"),
        (problem(409, "TAS-106"), InvalidCallState, "now"),
        (problem(400, "TAS-106"), InvalidCallState, "now"),
        (problem(403, "TAS-106"), InvalidCallState, "now"),
        (problem(409), InvalidCallState, "now"),
        (problem(403, "CMN-401"), Unsupported, "lacks a permission"),
        (problem(403, "CMN-109"), Unsupported, "doesn't have this feature"),
        (problem(501, "CMN-202"), Unsupported, "doesn't support"),
        (problem(403, "CMN-408"), VendorRejected, "change their role"),
        (problem(403, "CMN-402"), VendorRejected, "administrator"),
        (problem(429, "CMN-301"), VendorUnavailable, "slow down"),
        (problem(503, "CMN-201"), VendorUnavailable, "503"),
        (problem(500, "CMN-203"), VendorUnavailable, "500"),
        (page(502), VendorUnavailable, "<h1>Bad Gateway</h1>"),
        (page(403), VendorRejected, "Bad Gateway"),
        (page(401), VendorRejected, "Bad Gateway"),
        (lambda _: web.Response(status=418), VendorRejected, "no words"),
        (lambda _: web.Response(status=302, headers={"Location": "/"}), VendorRejected, "no words"),
        (lambda _: web.json_response({"errors": "none"}, status=400), VendorRejected, "no words"),
        (lambda _: web.json_response({"errorCode": 7}, status=400), VendorRejected, "no words"),
    ],
)
async def test_refusals(answer: Answer, expected: type[VendorError], words: str) -> None:
    with pytest.raises(VendorError, match=words) as raised:
        await hold_against(answer)
    assert type(raised.value) is expected


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("SUB-505", "nobody uses"),
        ("SUB-508", "one of the events"),
        ("SUB-525", "over HTTPS"),
        ("CMN-404", "other extensions"),
    ],
)
@pytest.mark.parametrize("at_top", [True, False])
async def test_refusals_that_are_no_calls(code: str, words: str, at_top: bool) -> None:
    with pytest.raises(VendorRejected, match=words) as raised:
        await list_against(problem(400, code, at_top=at_top))
    assert (raised.value.status, raised.value.code) == (400, code)


async def test_lost_call_and_lost_extension_are_different() -> None:
    with pytest.raises(VendorRejected) as raised:
        await list_against(problem(404, "CMN-102", parameter="extensionId"))
    assert type(raised.value) is VendorRejected


@pytest.mark.parametrize(("header", "expected"), [({"Retry-After": "7"}, 7.0), ({}, 30.0)])
async def test_retry_after(header: dict[str, str], expected: float) -> None:
    with pytest.raises(VendorUnavailable) as raised:
        await hold_against(problem(429, "CMN-301", headers=header))
    assert raised.value.retry_after == expected


async def test_refused_token_is_replaced_once() -> None:
    seen: list[str] = []

    def answer(request: web.Request) -> web.Response:
        seen.append(request.headers["Authorization"])
        return web.Response(status=204) if seen[-1] == "Bearer t2" else problem(401, "OAU-128")(request)

    tokens = ListedTokens("t1", "t2")
    async with vendor(answer) as url, ringcentral_at(url, tokens) as adapter:
        await adapter.hold(CALL)
    assert (seen, tokens.rejected) == (["Bearer t1", "Bearer t2"], ["t1"])


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_empty_results(status: int) -> None:
    asked = []

    def answer(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.Response(status=status)

    await hold_against(answer)
    assert asked == ["POST"]


@pytest.mark.parametrize(
    "body", ["<html>maintenance</html>", "", "[1]", '{"records": 1}', '{"records": [{"name": "x"}]}']
)
async def test_success_that_cannot_be_read(body: str) -> None:
    with pytest.raises(VendorRejected, match="can't be read"):
        await list_against(lambda _: web.Response(text=body))


async def test_list_without_end() -> None:
    endless = {"records": [], "navigation": {"nextPage": {"uri": "/again"}}}
    with pytest.raises(VendorRejected, match="goes on"):
        await list_against(lambda _: web.json_response(endless))


async def test_account_without_tokens() -> None:
    with pytest.raises(AuthorizationLost, match="not been authorized"):
        async with ringcentral_at("http://127.0.0.1:9", None) as adapter:
            await adapter.hold(CALL)


async def test_passthrough_hands_out_refusals_as_they_are() -> None:
    async with vendor(problem(403, "CMN-408")) as url, ringcentral_at(url, ListedTokens("t1")) as adapter:
        answer = await adapter.passthrough(RawRequest("GET", "/restapi/v1.0/account/~"))
    assert (answer.status, json.loads(answer.body)["errorCode"]) == (403, "CMN-408")


async def test_passthrough_keeps_its_credentials_to_itself() -> None:
    def echo(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        return web.json_response({"authorization": headers["authorization"], "query": dict(request.query)})

    async with vendor(echo) as url, ringcentral_at(url, ListedTokens("t1")) as adapter:
        request = RawRequest("GET", "restapi/v1.0/x", {"page": "2"}, {"Authorization": "Basic stolen", "Accept": "a/b"})
        answer: dict[str, Any] = json.loads((await adapter.passthrough(request)).body)
    assert answer == {"authorization": "Bearer t1", "query": {"page": "2"}}


async def test_recording_that_is_refused() -> None:
    async with vendor(problem(404, "CMN-102")) as url, ringcentral_at(url, ListedTokens("t1")) as adapter:
        with pytest.raises(VendorRejected, match="CMN-102"):
            async with adapter.open_recording("r1"):
                pass
