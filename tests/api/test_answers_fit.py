"""Every operation's answer, the good and the bad, fits what the OpenAPI document says of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import resolve
from jsonschema import Draft202012Validator

from cti.control.actions import ACTIONS
from integrations import schedule
from integrations.contract.events import EventType
from tests.api.vendor import ScriptedVendor, scripted_vendor
from tests.api.world import World, make_world
from tests.tenancy import make_company

TALKING = (EventType.ORIGINATED, EventType.DELIVERED, EventType.ESTABLISHED)
BODIES: dict[str, Any] = {"transfer": {"to": "345"}, "recording": {"action": "start"}}


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
        operation = self._operation(method, path)
        told = operation["responses"].get(str(status)) or operation["responses"][f"{status // 100}XX"]
        if "content" not in told:
            assert answer.content == b""
            return None
        schema = told["content"][answer["Content-Type"].partition(";")[0]]["schema"]
        Draft202012Validator({**schema, "components": self.document["components"]}).validate(answer.json())
        return answer.json()

    def _operation(self, method: str, path: str) -> Any:
        route = resolve(f"/api/v1{path}".partition("?")[0]).route
        template = "/" + route.replace("<", "{").replace(">", "}")
        self.tried.add((method, template))
        return self.document["paths"][template][method]

    def all_operations(self) -> set[tuple[str, str]]:
        return {(method, path) for path, methods in self.document["paths"].items() for method in methods}


def test_every_answer_fits_the_document(acme: World, vendor: ScriptedVendor) -> None:
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
    check("get", "/events?limit=2")
    check("delete", f"/accounts/{account}", status=204)
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
    for action, operations in ACTIONS.items():
        call = acme.call(*TALKING, *((EventType.HELD,) if action == "resume" else ()))
        check("post", f"/calls/{call.public_id}/{action}", BODIES.get(action, {}), status=202 if operations else 501)
