"""RingCentral's own Python SDK, pointed at the sandbox: it must not notice the difference."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from ringcentral import SDK
from ringcentral.http.api_exception import ApiException
from ringcentral.websocket.events import WebSocketEvents

from tests.sandbox.ringcentral.client import COMPANY, ROSA, SESSIONS
from tests.sandbox.ringcentral.hook import Hook
from tests.sandbox_server import SandboxHandle

CUSTOMER = "+31612345678"


@pytest.fixture
def facts(sandbox: SandboxHandle) -> Any:
    return sandbox.company(COMPANY)


@pytest.fixture
def sdk(facts: Any) -> Any:
    client = facts["connection"]
    return SDK(client["client_id"], client["client_secret"], facts["base_url"])


@pytest.fixture
def platform(sdk: Any, facts: Any) -> Any:
    """Logged in as Rosa by JWT."""
    platform = sdk.platform()
    platform.login(jwt=facts["jwts"][ROSA])
    return platform


def test_login_refresh_read_and_logout(platform: Any, facts: Any) -> None:
    assert platform.logged_in()
    before = platform.auth().access_token()
    platform.refresh()
    assert platform.auth().access_token() != before
    account = platform.get("/restapi/v1.0/account/~").json_dict()
    assert account["id"] == facts["account_id"]
    platform.logout()
    assert not platform.auth().access_token_valid()


def test_login_by_code(sandbox: SandboxHandle, sdk: Any, facts: Any) -> None:
    redirect = "http://127.0.0.1/callback"
    url = (
        f"{facts['base_url']}/restapi/oauth/authorize?response_type=code"
        f"&client_id={facts['connection']['client_id']}&redirect_uri={redirect}"
    )
    code = sandbox.authorize(url, ROSA, "demo-rosa").partition("code=")[2].partition("&")[0]
    sdk.platform().login(code=code, redirect_uri=redirect)
    assert sdk.platform().get("/account/~/extension/~").json().name == "Rosa Meijer"


def test_errors_are_the_sdks_exceptions(platform: Any) -> None:
    with pytest.raises(ApiException, match="CMN-102"):
        platform.get("/account/~/extension/1")


def test_subscription_and_call_out(sandbox: SandboxHandle, platform: Any, hook: Hook) -> None:
    mode = {"transportType": "WebHook", "address": hook.url}
    body = {"eventFilters": [f"/restapi/v1.0{SESSIONS}"], "deliveryMode": mode}
    subscription = platform.post("/subscription", body).json_dict()
    assert subscription["status"] == "Active"
    device = platform.get("/account/~/extension/~/device").json_dict()["records"][0]["id"]
    call = {"from": {"deviceId": device}, "to": {"phoneNumber": CUSTOMER}}
    session = platform.post("/account/~/telephony/call-out", call).json_dict()["session"]
    sandbox.act(session["id"], "answer", COMPANY)
    hook.until("Answered", "2")
    assert {each["body"]["telephonySessionId"] for each in hook.events} == {session["id"]}
    platform.delete(f"/account/~/telephony/sessions/{session['id']}")
    hook.until("Disconnected", "2")
    platform.delete(f"/subscription/{subscription['id']}")


@asynccontextmanager
async def connected(sdk: Any, received: "asyncio.Queue[Any]") -> AsyncIterator[Any]:
    """The SDK's WebSocket client, which puts every frame that comes into the queue."""
    client = sdk.create_web_socket_client()
    ready = asyncio.Event()
    client.on(WebSocketEvents.connectionCreated, lambda _: ready.set())
    client.on(WebSocketEvents.receiveMessage, lambda message: received.put_nowait(json.loads(message)))
    running = asyncio.create_task(client.create_new_connection())
    await asyncio.wait_for(ready.wait(), 10)
    try:
        yield client
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await client.close_connection()


async def test_websocket_subscription(sandbox: SandboxHandle, platform: Any, sdk: Any) -> None:
    received: asyncio.Queue[Any] = asyncio.Queue()
    async with connected(sdk, received) as client:
        assert json.loads(client.get_connection_info()["connection_details"])[0]["type"] == "ConnectionDetails"
        await client.create_subscription([f"/restapi/v1.0{SESSIONS}"])
        header, _ = await asyncio.wait_for(received.get(), 10)
        assert (header["type"], header["status"]) == ("ClientRequest", 200)
        call_id = await asyncio.to_thread(sandbox.ring_in, "101", COMPANY)
        header, event = await asyncio.wait_for(received.get(), 10)
        assert (header["type"], event["body"]["telephonySessionId"]) == ("ServerNotification", call_id)
