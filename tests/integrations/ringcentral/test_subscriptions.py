"""A subscription's life: the handshake with a real web process, the secret on each delivery, renewal, blacklisting."""

import http.client
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from common.times import utc_now
from cti.ingest.models import Delivery
from integrations.accounts import create_account, update_account
from integrations.contract.errors import VendorRejected
from integrations.hooks import callback_url
from integrations.models import PbxAccount, VendorSubscription
from integrations.subscriptions import hook_secret, keep_subscriptions
from tenants.rls import tenant_scope
from tests.integrations.ringcentral.payloads import ANNA, CUSTOMER, notification, party
from tests.sandbox.ringcentral.client import COMPANY, ROSA
from tests.sandbox_server import SandboxHandle
from tests.servers import Server
from tests.tenancy import Company

Listed = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def account(web_server: Server, sandbox: SandboxHandle, company: Company, settings: Any) -> PbxAccount:
    """One that RingCentral can call."""
    settings.PATCHBAY_PUBLIC_URL = web_server.url
    facts = sandbox.company(COMPANY)
    client = {name: facts["connection"][name] for name in ("client_id", "client_secret")}
    return create_account(
        company.tenant.pk,
        vendor="ringcentral",
        name="Utrecht",
        base_url=sandbox.url + urlsplit(facts["base_url"]).path,
        credentials=client | {"jwt": facts["jwts"][ROSA]},
    )


@pytest.fixture
def listed(sandbox: SandboxHandle) -> Listed:
    """The vendor's own list."""

    def look() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = sandbox.company(COMPANY)["subscriptions"]
        return found

    return look


def row_of(account: PbxAccount) -> VendorSubscription:
    with tenant_scope(account.tenant_id):
        return VendorSubscription.objects.get(account=account, transport="webhook")


def keep(account: PbxAccount, later: timedelta = timedelta()) -> VendorSubscription:
    keep_subscriptions(account.tenant_id, account.pk, now=utc_now() + later)
    return row_of(account)


def deliveries(account: PbxAccount) -> list[Delivery]:
    with tenant_scope(account.tenant_id):
        return list(Delivery.objects.filter(account_id=account.pk))


def post(url: str, body: bytes, **headers: str) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("POST", parts.path, body, headers)
        response = connection.getresponse()
        response.read()
        return response
    finally:
        connection.close()


def a_call() -> bytes:
    return json.dumps(notification(party(2, "Proceeding", ANNA, CUSTOMER))).encode()


def test_made_with_a_handshake(account: PbxAccount, listed: Listed) -> None:
    row = keep(account)
    assert (row.status, row.last_error) == ("active", "")
    [subscription] = listed()
    assert subscription["id"] == row.vendor_subscription_id
    assert len(subscription["event_filters"]) == 4
    assert row.expires_at is not None
    assert row.renewed_at is not None
    assert abs(row.expires_at - row.renewed_at - timedelta(days=7)) < timedelta(minutes=1)


def test_test_of_the_hook_is_answered_at_once(account: PbxAccount) -> None:
    url = callback_url("ringcentral", keep(account))
    began = time.monotonic()
    answer = post(url, b"", **{"Validation-Token": "a-token", "Content-Type": "application/json"})
    assert time.monotonic() - began < 3
    assert (answer.status, answer.headers["Validation-Token"]) == (200, "a-token")
    assert answer.headers["Content-Type"] == "application/json"
    assert len(str(answer.headers)) < 1024
    assert deliveries(account) == []


@pytest.mark.parametrize("header", ["Verification-Token", "Validation-Token"])
def test_delivery_with_its_secret_is_stored(account: PbxAccount, header: str) -> None:
    row = keep(account)
    answer = post(callback_url("ringcentral", row), a_call(), **{header: hook_secret(row.hook_token)})
    assert (answer.status, [each.status for each in deliveries(account)]) == (200, ["applied"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Verification-Token": "guessed"},
        {"Verification-Token": ""},
        {"Validation-Token": "guessed"},
        {"Validation-Token": "x" * 600},
    ],
)
def test_forged_delivery_is_404_and_nothing_is_stored(account: PbxAccount, headers: dict[str, str]) -> None:
    assert post(callback_url("ringcentral", keep(account)), a_call(), **headers).status == 404
    assert deliveries(account) == []


def test_endless_validation_token_is_not_echoed(account: PbxAccount) -> None:
    assert post(callback_url("ringcentral", keep(account)), b"", **{"Validation-Token": "x" * 600}).status == 404


def test_secret_is_another_for_each_hook_and_not_in_its_address(account: PbxAccount) -> None:
    row = keep(account)
    assert hook_secret(row.hook_token) != hook_secret(row.hook_token + "x")
    assert hook_secret(row.hook_token) not in callback_url("ringcentral", row)


def test_left_alone_until_half_of_its_life(account: PbxAccount, listed: Listed) -> None:
    made = keep(account)
    kept = keep(account, timedelta(days=3))
    assert (kept.renewed_at, kept.expires_at) == (made.renewed_at, made.expires_at)
    assert len(listed()) == 1


def test_renewed_at_half_of_its_life(account: PbxAccount, listed: Listed, statuses: list[str]) -> None:
    made = keep(account)
    renewed = keep(account, timedelta(days=4))
    assert renewed.vendor_subscription_id == made.vendor_subscription_id
    assert made.renewed_at is not None
    assert renewed.renewed_at is not None
    assert renewed.renewed_at - made.renewed_at > timedelta(days=3)
    assert len(listed()) == 1
    assert statuses == ["active"]


def test_blacklisted_is_made_anew_and_says_why(
    account: PbxAccount, sandbox: SandboxHandle, listed: Listed, statuses: list[str]
) -> None:
    before = keep(account)
    sandbox.control("POST", f"/companies/{COMPANY}/vendor/blacklist-subscriptions")
    after = keep(account)
    assert after.vendor_subscription_id != before.vendor_subscription_id
    assert [(each["id"], each["status"]) for each in listed()] == [(after.vendor_subscription_id, "Active")]
    assert (after.status, statuses) == ("active", ["active", "pending", "active"])
    assert after.last_error.startswith("It was made anew because the vendor had stopped delivering: ")
    assert keep(account).last_error == after.last_error
    assert keep(account, timedelta(days=4)).last_error == ""


def test_gone_is_made_again(account: PbxAccount, sandbox: SandboxHandle, listed: Listed) -> None:
    before = keep(account)
    sandbox.control("POST", f"/companies/{COMPANY}/subscriptions/drop")
    after = keep(account)
    assert [each["id"] for each in listed()] == [after.vendor_subscription_id] != [before.vendor_subscription_id]


def test_websocket_instead_of_webhook(account: PbxAccount, listed: Listed) -> None:
    keep(account)
    update_account(account.tenant_id, account.pk, settings={"transport": "websocket"})
    keep_subscriptions(account.tenant_id, account.pk, now=utc_now())
    assert (row_of(account).status, listed()) == ("ended", [])


def test_hook_that_cannot_be_reached(account: PbxAccount, settings: Any) -> None:
    settings.PATCHBAY_PUBLIC_URL = "http://127.0.0.1:9"
    with pytest.raises(VendorRejected, match="must reach Patchbay's address"):
        keep(account)
    row = row_of(account)
    assert row.status == "failed"
    assert "SUB-525" in row.last_error


def test_next_look(account: PbxAccount, sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now()
    assert keep_subscriptions(account.tenant_id, account.pk, now=now) == now + timedelta(minutes=5)
    monkeypatch.setattr("integrations.vendors.ringcentral.watching._LIFE_S", 120)
    sandbox.control("POST", f"/companies/{COMPANY}/subscriptions/drop")
    now = utc_now()
    due_at = keep_subscriptions(account.tenant_id, account.pk, now=now)
    assert timedelta(seconds=55) < due_at - now < timedelta(seconds=65)
