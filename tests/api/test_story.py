"""The whole road as a CRM and an admin go it, over HTTP and websocket alone: connect through OAuth, then control a call."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import websockets
from asgiref.sync import sync_to_async

from tests.sandbox_server import SandboxHandle
from tests.servers import Server, running_worker
from tests.tenancy import PASSWORD, Company, make_company

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.slow]
SECONDS = 20.0


@pytest.fixture
def sandbox(sandbox_process: SandboxHandle) -> SandboxHandle:
    sandbox_process.control("POST", "/companies/acme/reset")
    return sandbox_process


@pytest.fixture
def worker(web_server: Server, tmp_path: Path) -> Iterator[Server]:
    with running_worker(tmp_path / "worker.log", web_server) as server:
        yield server


@dataclass
class Crm:
    """A CRM's view of the product."""

    server: Server
    http: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        url = f"{self.server.url}/api/v1{path}"
        async with self.http.request(method, url, json=body, headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def poll(self, path: str, field: str, wanted: Any) -> Any:
        """The answer once its field is what is wanted."""
        async with asyncio.timeout(SECONDS):
            while True:
                status, answer = await self.call("GET", path)
                assert status == 200, answer
                if answer[field] == wanted:
                    return answer
                await asyncio.sleep(0.05)

    async def act(self, call_id: str, action: str, body: Any = None) -> Any:
        status, answer = await self.call("POST", f"/calls/{call_id}/{action}", body)
        assert status == 202, answer
        return answer


@asynccontextmanager
async def crm_of(server: Server, api_key: str) -> AsyncIterator[Crm]:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {api_key}"}) as http:
        yield Crm(server, http)


async def authorize(server: Server, sandbox: SandboxHandle, company: Company, authorize_url: str) -> str:
    """What the admin does: logs in here, is sent on to the vendor, agrees, and comes back. Answers where he ends."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with browser.get(authorize_url, allow_redirects=True) as login:
            page = await login.text()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None, "signed out, the authorize page leads to the log-in form"
        path = urlsplit(authorize_url).path
        form = {"csrfmiddlewaretoken": token[1], "email": company.owner.email, "password": PASSWORD, "next": path}
        async with browser.post(f"{server.url}/login", data=form, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
        async with browser.get(authorize_url, allow_redirects=False) as answer:
            vendor_url = answer.headers["Location"]
        user = sandbox.company()["users"][0]
        back = await sync_to_async(sandbox.authorize)(vendor_url, user["email"], user["password"])
        async with browser.get(back, allow_redirects=False) as answer:
            return answer.headers["Location"]


async def test_connect_then_control_a_call(web_server: Server, worker: Server, sandbox: SandboxHandle) -> None:
    company = await sync_to_async(_company_with_real_password)()
    async with crm_of(web_server, company.api_key) as crm:
        account = await _connect(crm, company, sandbox)
        address = web_server.url.replace("http", "ws", 1) + "/ws/v1/events"
        async with websockets.connect(address, compression=None) as socket:
            await socket.send(json.dumps({"type": "authenticate", "token": company.api_key}))
            await socket.send(json.dumps({"type": "subscribe", "types": ["call.delivered", "call.cleared"]}))
            assert json.loads(await socket.recv())["type"] == "ready"
            call_id = await _answered_call(sandbox, socket)
            await _control(crm, socket, call_id)
            cleared = json.loads(await asyncio.wait_for(socket.recv(), SECONDS))
            while cleared.get("event", {}).get("type") != "call.cleared":
                cleared = json.loads(await asyncio.wait_for(socket.recv(), SECONDS))
        assert cleared["event"]["data"]["call"]["id"] == call_id
        status, problem = await crm.call("POST", f"/calls/{call_id}/hold")
        assert (status, problem["code"]) == (409, "invalid_call_state")
        await _check_log(crm)
        await _place_a_call(crm, account)
        assert (await crm.call("DELETE", f"/accounts/{account['id']}"))[0] == 204
        assert (await crm.call("GET", f"/accounts/{account['id']}"))[0] == 404
        assert sandbox.company()["subscriptions"] == []


async def _connect(crm: Crm, company: Company, sandbox: SandboxHandle) -> Any:
    pbx = sandbox.company()
    connection = pbx["connection"]
    status, account = await crm.call(
        "POST",
        "/accounts",
        {
            "vendor": "kwebbl",
            "name": "Head office",
            "base_url": sandbox.url + urlsplit(pbx["base_url"]).path,
            "credentials": {"client_id": connection["client_id"], "client_secret": connection["client_secret"]},
        },
    )
    assert (status, account["status"]) == (201, "pending_authorization")
    assert "credentials" not in account
    await authorize(crm.server, sandbox, company, account["authorize_url"])
    active = await crm.poll(f"/accounts/{account['id']}", "status", "active")
    _, capabilities = await crm.call("GET", f"/accounts/{account['id']}/capabilities")
    assert {"originate", "hangup", "hold", "resume", "transfer"} <= set(capabilities["calls"])
    _, subscriptions = await crm.call("GET", f"/accounts/{account['id']}/subscriptions")
    assert [(each["transport"], each["status"]) for each in subscriptions["results"]] == [("webhook", "active")]
    _, check = await crm.call("POST", f"/accounts/{account['id']}/test")
    assert check["ok"], check
    return active


async def _answered_call(sandbox: SandboxHandle, socket: websockets.ClientConnection) -> str:
    ringing = await sync_to_async(sandbox.ring_in)("1001", caller="31612345678", name="Jansen")
    heard = json.loads(await asyncio.wait_for(socket.recv(), SECONDS))["event"]
    assert heard["data"]["call"]["from"]["number"] == "+31612345678"
    await sync_to_async(sandbox.act)(ringing, "answer", extension="1001")
    return str(heard["data"]["call"]["id"])


async def _control(crm: Crm, socket: websockets.ClientConnection, call_id: str) -> None:
    path = f"/calls/{call_id}"
    await crm.poll(path, "state", "connected")
    await socket.send(json.dumps({"type": "command", "id": "c1", "call_id": call_id, "action": "hold", "params": {}}))
    result = json.loads(await asyncio.wait_for(socket.recv(), SECONDS))
    assert (result["type"], result["id"], result["status"], result["body"]["id"]) == ("result", "c1", 202, call_id)
    held = await crm.poll(path, "state", "held")
    status, problem = await crm.call("POST", f"{path}/resume", **{"If-Match": f'"{held["version"] - 1}"'})
    assert (status, problem["code"]) == (412, "version_conflict")
    await crm.act(call_id, "resume")
    await crm.poll(path, "state", "connected")
    await crm.act(call_id, "recording", {"action": "start"})
    await crm.poll(path, "recording", {"state": "on", "saved": False})
    await crm.act(call_id, "recording", {"action": "stop"})
    await crm.poll(path, "recording", {"state": "off", "saved": False})
    status, problem = await crm.call("POST", f"{path}/park")
    assert (status, problem["code"]) == (501, "unsupported_by_vendor")
    await crm.act(call_id, "transfer", {"to": {"number": "1002"}, "mode": "blind"})
    moved = await crm.poll(path, "state", "alerting")
    assert (moved["from"]["number"], moved["to"]["number"]) == ("+31612345678", "1002")
    await crm.act(call_id, "hangup")
    assert (await crm.poll(path, "state", "ended"))["id"] == call_id


async def _check_log(crm: Crm) -> None:
    _, page = await crm.call("GET", "/events?after=0&limit=200")
    sequences = [event["sequence"] for event in page["results"]]
    assert sequences == list(range(1, len(sequences) + 1))
    types = [event["type"] for event in page["results"] if event["type"].startswith("call.")]
    told = [
        "originated",
        "delivered",
        "established",
        "held",
        "retrieved",
        "recording_changed",
        "transferred",
        "cleared",
    ]
    assert [kind for kind in told if f"call.{kind}" not in types] == []
    assert types[-1] == "call.cleared"


async def _place_a_call(crm: Crm, account: Any) -> None:
    _, found = await crm.call("GET", f"/extensions?account={account['id']}&number=1001")
    body = {
        "account_id": account["id"],
        "from": {"extension_id": found["results"][0]["id"]},
        "to": {"number": "020 308 07 00"},
        "external_id": "crm-7",
    }
    key = secrets.token_hex(8)
    status, placed = await crm.call("POST", "/calls", body, **{"Idempotency-Key": key})
    assert (status, placed["to"]["number"], placed["external_id"]) == (202, "+31203080700", "crm-7")
    again = await crm.call("POST", "/calls", body, **{"Idempotency-Key": key})
    assert (again[0], again[1]["id"]) == (202, placed["id"])
    other = await crm.call("POST", "/calls", body | {"external_id": "x"}, **{"Idempotency-Key": key})
    assert (other[0], other[1]["code"]) == (409, "idempotency_conflict")
    await crm.poll(f"/calls/{placed['id']}", "state", "alerting")
    _, active = await crm.call("GET", "/calls?state=active")
    assert [call["id"] for call in active["results"]] == [placed["id"]]
    await crm.act(placed["id"], "hangup")
    await crm.poll(f"/calls/{placed['id']}", "state", "ended")


def _company_with_real_password() -> Company:
    """The web process takes Argon2 passwords alone, as in production."""
    from django.contrib.auth.hashers import Argon2PasswordHasher  # beside its only use

    company = make_company()
    hasher = Argon2PasswordHasher()
    company.owner.password = hasher.encode(PASSWORD, hasher.salt())
    company.owner.save(update_fields=["password"])
    return company
