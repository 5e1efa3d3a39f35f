"""Every operation's answer, the good and the bad, fits what the OpenAPI document says of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import resolve
from jsonschema import Draft202012Validator

from cti.control.actions import ACTIONS
from cti.queues.commands import AGENT_ACTIONS
from integrations import registry, schedule
from integrations.contract.events import EventType
from integrations.contract.things import QueuedCall
from tests.api.anything import ADAPTER, Anything, make_anything
from tests.api.vendor import ScriptedVendor, scripted_vendor
from tests.api.world import World, make_world
from tests.everything import EverythingPbx
from tests.tenancy import make_company

TALKING = (EventType.ORIGINATED, EventType.DELIVERED, EventType.ESTABLISHED)
BODIES: dict[str, Any] = {
    "transfer": {"to": "345"},
    "recording": {"action": "start"},
    "consult": {"to": "345"},
    "move": {"device_id": "desk"},
    "dtmf": {"digits": "1"},
    "supervise": {"mode": "listen", "number": "345"},
    "tags": {"add": ["vip"]},
}


@pytest.fixture
def vendor() -> Iterator[ScriptedVendor]:
    with scripted_vendor() as running:
        yield running


@pytest.fixture
def acme(committed_db: None, vendor: ScriptedVendor, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(schedule, "wake", lambda *_: None)  # there are no workers to wake
    return make_world(make_company("Acme"), vendor.url)


class Checker:
    """Sends requests, holds each answer against the document, and notes which operations were tried."""

    def __init__(self, world: World) -> None:
        self.client = world.client
        self.document: dict[str, Any] = self.client.get("/api/v1/openapi.json").json()
        self.tried: set[tuple[str, str]] = set()

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        kind = {} if body is None else {"content_type": "application/json"}
        answer = getattr(self.client, method)(f"/api/v1{path}", body, **kind)
        assert answer.status_code == status, answer.content
        operation = self.operation(method, path)
        told = operation["responses"].get(str(status)) or operation["responses"][f"{status // 100}XX"]
        if "content" not in told:
            assert answer.content == b""
            return None
        schema = told["content"][answer["Content-Type"].partition(";")[0]]["schema"]
        Draft202012Validator({**schema, "components": self.document["components"]}).validate(answer.json())
        return answer.json()

    def operation(self, method: str, path: str) -> Any:
        route = resolve(f"/api/v1{path}".partition("?")[0]).route
        template = "/" + route.replace("<", "{").replace(">", "}")
        self.tried.add((method, template))
        return self.document["paths"][template][method]

    def all_operations(self) -> set[tuple[str, str]]:
        return {(method, path) for path, methods in self.document["paths"].items() for method in methods}


def test_every_answer_fits_the_document(acme: World, vendor: ScriptedVendor, monkeypatch: pytest.MonkeyPatch) -> None:
    check = Checker(acme)
    account, extension, member = acme.account.public_id, acme.alice.public_id, acme.company.member().public_id
    check("get", "/vendors")
    check("get", "/me")
    read_accounts(check, account)
    check("get", "/extensions?limit=1")
    check("get", f"/extensions/{extension}")
    check("patch", f"/extensions/{extension}", {"member_id": member})
    vendor.status, vendor.body = 200, [{"caller_id": "c" * 32, "caller_number": "31203080700"}]
    assert check("get", f"/extensions/{extension}/caller-ids")["results"][0]["number"] == "+31203080700"
    check("put", f"/extensions/{extension}/caller-id", {"caller_id": "c" * 32})
    vendor.status, vendor.body = 202, None
    command_calls(check, acme)
    check("get", "/calls?limit=1")
    check("get", "/call-log")
    check("get", "/events?limit=2")
    check("get", "/events/stream", status=503)  # this process has no event loop of its own; tests/live has
    check("delete", f"/accounts/{account}", status=204)
    monkeypatch.setitem(registry.ADAPTERS, EverythingPbx.key, ADAPTER)
    use_everything(check, make_anything(make_company("Everything")))
    assert check.all_operations() - check.tried == set()


def read_accounts(check: Checker, account: str) -> None:
    new = {"vendor": "kwebbl", "name": "New", "credentials": {"client_id": "id", "client_secret": "secret"}}
    made = check("post", "/accounts", new, status=201)
    assert made["authorize_url"].endswith(f"/accounts/{made['id']}/authorize")
    check("post", "/accounts", {"vendor": "nobody"}, status=400)
    check("get", "/accounts")
    check("get", f"/accounts/{account}")
    check("patch", f"/accounts/{account}", {"name": "Head office"})
    check("get", f"/accounts/{account}/capabilities")
    check("get", f"/accounts/{account}/subscriptions")
    check("post", f"/accounts/{account}/authorize")
    check("post", f"/accounts/{account}/test")
    check("post", f"/accounts/{account}/sync", status=502)


def command_calls(check: Checker, acme: World) -> None:
    number = {
        "account_id": acme.account.public_id,
        "from": {"extension_id": acme.alice.public_id},
        "to": "020 308 0700",
    }
    placed = check("post", "/calls", number, status=202)
    check("get", f"/calls/{placed['id']}")
    check("get", f"/calls/{acme.call(*TALKING, EventType.CLEARED).public_id}")
    for action in ("hangup", "hold", "transfer", "recording"):
        check("post", f"/calls/{acme.call(*TALKING).public_id}/{action}", BODIES.get(action, {}), status=202)
    check("post", f"/calls/{acme.call(*TALKING).public_id}/park", {}, status=501)


def use_everything(check: Checker, pbx: Anything) -> None:
    """What only some vendors can."""
    check.client = pbx.client
    account, line, queue = (
        pbx.account.public_id,
        f"/extensions/{pbx.alice.public_id}",
        f"/queues/{pbx.help_desk.public_id}",
    )
    check("post", f"/accounts/{account}/passthrough", {"method": "GET", "path": "/x"})
    act_on_calls(check, pbx)
    check("get", f"/calls/{pbx.parked().public_id}")
    check("get", f"{line}/devices")
    for what, change in (("presence", {"activity": "lunch"}), ("diversion", {"active": False})):
        check("get", f"{line}/{what}")
        check("put", f"{line}/{what}", change)
    check("get", line)
    check("get", f"/accounts/{pbx.account.public_id}/tags")
    check("get", "/queues")
    check("get", queue)
    check("get", f"{queue}/agents")
    call = pbx.waiting()
    pbx.memory.waiting = (QueuedCall(call.snapshot["vendor_call_id"]), QueuedCall("unknown"))
    check("get", f"{queue}/calls")
    check("post", f"{queue}/calls/{call.public_id}/steal", {"to": "1001"}, status=202)
    for action in AGENT_ACTIONS:
        check("post", f"{queue}/agents/{pbx.alice.public_id}/{action}", {}, status=202)
    check("get", "/voicemails")
    check("post", "/messages", {"account_id": account, "to": "0612345678", "text": "Hi"}, status=202)
    [item] = check("get", "/call-log?source=vendor")["results"]
    path = f"/recordings/{item['recording_id']}"
    assert "audio/*" in check.operation("get", path)["responses"]["200"]["content"]
    assert pbx.client.get(f"/api/v1{path}")["Content-Type"] == "audio/mpeg"


def act_on_calls(check: Checker, pbx: Anything) -> None:
    situations: dict[str, Any] = {
        **dict.fromkeys(["answer", "reject", "pickup"], pbx.ringing),
        **dict.fromkeys(["leave", "complete-transfer", "cancel-transfer"], pbx.conference),
        "resume": pbx.held,
        "unmute": lambda: pbx.talking(muted=True),
    }
    for action in ACTIONS:
        call = situations.get(action, pbx.talking)()
        ids = {
            "conference": {"target_call_id": pbx.talking().public_id},
            "disconnect-leg": {"leg_id": call.snapshot["legs"][0]["id"]},
            "pickup": {"extension_id": pbx.bob.public_id},
        }
        check("post", f"/calls/{call.public_id}/{action}", BODIES.get(action) or ids.get(action, {}), status=202)
