"""A CallGear account from its credentials to what it shows: what to paste, what arrived, and what is wrong with it."""

from typing import Any
from uuid import UUID

import pytest
from django.utils.html import escape
from pytest_django.fixtures import Settings

from common.http import HttpClient
from common.ids import new_uuid
from common.times import utc_now
from cti.ingest.models import Delivery
from cti.ingest.parse import parse_delivery
from cti.ingest.replay import replay_delivery
from cti.streams.health import note_connected
from cti.streams.models import Stream
from integrations.accounts import create_account
from integrations.adapters import adapter_account
from integrations.models import Extension, PbxAccount, VendorSubscription
from integrations.validation import InvalidAccount, check_account
from integrations.vendors.callgear.adapter import CallGearAdapter
from integrations.vendors.callgear.templates import TEMPLATES
from integrations.vendors.callgear.watching import DEPRECATED
from tenants.rls import tenant_scope
from tests.integrations.callgear.live import LOGIN, MOUNT
from tests.integrations.callgear.stories import body, hint
from tests.integrations.conftest import reload, run_upkeep
from tests.sandbox_server import SandboxHandle
from tests.tenancy import Company


def wrong(credentials: dict[str, Any], settings: dict[str, Any] | None = None) -> dict[str, list[str]]:
    """What is said of these."""
    url = CallGearAdapter.default_base_url
    try:
        check_account(CallGearAdapter, name="x", base_url=url, credentials=credentials, settings=settings or {})
    except InvalidAccount as error:
        return error.errors
    return {}


@pytest.mark.parametrize("credentials", [LOGIN, {"access_token": "key"}, {**LOGIN, "access_token": "key"}])
def test_forms_of_credentials(credentials: dict[str, Any]) -> None:
    assert wrong(credentials) == {}


@pytest.mark.parametrize("credentials", [{}, {"login": "a"}, {"password": "b"}])
def test_what_is_wrong_with_credentials_is_said(credentials: dict[str, Any]) -> None:
    assert wrong(credentials) == {"credentials": ["Give a login and a password, or a key."]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_api_url", "dataapi.callgear.com"),
        ("data_api_url", "ftp://dataapi.callgear.com"),
        ("virtual_phone_number", "our number"),
        ("poll_interval_ms", 10),
        ("hold_message", ""),
        ("media_url", "javascript:alert(1)"),
    ],
)
def test_what_is_wrong_with_settings_is_said(name: str, value: Any) -> None:
    assert wrong(LOGIN, {name: value}).keys() == {f"settings.{name}"}


@pytest.fixture
def account(sandbox: SandboxHandle, company: Company, settings: Settings) -> PbxAccount:
    """Connected to the sandbox, with all its upkeep done once."""
    made = create_account(
        company.tenant.pk,
        vendor="callgear",
        name="The Hague",
        base_url=f"{sandbox.url}{MOUNT}/v4.0",
        credentials=LOGIN,
        settings={"data_api_url": f"{sandbox.url}{MOUNT}/data/v2.0"},
    )
    run_upkeep(made)
    return reload(made)


def subscriptions(company: Company, account: PbxAccount) -> list[dict[str, Any]]:
    answer = company.program(company.api_key).get(f"/api/v1/accounts/{account.public_id}/subscriptions")
    assert answer.status_code == 200
    return list(answer.json()["results"])


def delivered(account: PbxAccount, content: bytes) -> Delivery:
    """What the hook stores of it."""
    incoming = parse_delivery(
        "callgear",
        account_id=account.pk,
        subscription_id=hook(account).pk,
        headers={},
        body=content,
        received_at=utc_now(),
    )
    with tenant_scope(account.tenant_id):
        return Delivery.objects.create(
            tenant_id=account.tenant_id,
            account_id=account.pk,
            subscription_id=incoming.subscription_id,
            received_at=incoming.received_at,
            status="unparsed" if incoming.error else "applied",
            note=incoming.error or "",
            body=content,
        )


def hook(account: PbxAccount) -> VendorSubscription:
    with tenant_scope(account.tenant_id):
        return VendorSubscription.objects.get(account=account, transport="webhook")


def test_what_to_paste_is_shown(company: Company, account: PbxAccount) -> None:
    assert (account.status, account.status_detail) == ("active", "")
    [shown] = subscriptions(company, account)
    assert shown["status"] == "active"
    assert shown["callback_url"].endswith(f"/hooks/callgear/{hook(account).hook_token}")
    assert shown["last_delivery"] is None
    assert shown["setup"]["method"] == "POST"
    assert shown["setup"]["templates"] == [{"event": each.event, "body": each.body} for each in TEMPLATES]
    browser = company.browser()
    page = browser.get(f"/accounts/{account.public_id}").content.decode()
    assert all(escape(each.body) in page for each in TEMPLATES)
    assert all(escape(each) in page for each in shown["setup"]["steps"])
    assert shown["callback_url"] not in page
    revealed = browser.post(f"/accounts/{account.public_id}/callback").content.decode()
    assert shown["callback_url"] in revealed


def test_a_template_pasted_wrong_is_shown_and_can_be_replayed(company: Company, account: PbxAccount) -> None:
    delivery = delivered(account, body(hint("talk_started") | {"call_session_id": None}))
    [shown] = subscriptions(company, account)
    assert shown["last_delivery"]["status"] == "unparsed"
    assert "call_session_id is missing. What came: contact_phone_number" in shown["last_delivery"]["note"]
    again = replay_delivery(account.tenant_id, account.pk, delivery.pk)
    assert (again.status, again.note) == ("unparsed", delivery.note)
    with tenant_scope(account.tenant_id):  # as if our reading of it had been mended
        Delivery.objects.filter(pk=delivery.pk).update(body=body(hint("talk_started")))
    mended = replay_delivery(account.tenant_id, account.pk, delivery.pk)
    assert mended.status == "applied"
    assert isinstance(mended.call_id, UUID)


def test_the_directory_is_copied(account: PbxAccount) -> None:
    with tenant_scope(account.tenant_id):
        lines = dict(Extension.objects.filter(account=account).values_list("number", "name"))
    assert lines == {"701": "Iris Hofman", "702": "Joris Blom", "703": "Kim Peters"}


def test_a_version_that_ends_is_noted_with_the_polls(company: Company, account: PbxAccount) -> None:
    holder = new_uuid()
    adapter = CallGearAdapter(adapter_account(account, scopes=None), HttpClient(allowed_networks=()))
    with tenant_scope(account.tenant_id):
        Stream.objects.filter(account=account).update(holder=holder)
    for warning in (DEPRECATED, ""):
        assert note_connected(account.tenant_id, account.pk, holder, adapter, gap=False, note=warning)
        page = company.browser().get(f"/accounts/{account.public_id}").content.decode()
        assert (escape(DEPRECATED) in page) is bool(warning)
        polls = next(each for each in subscriptions(company, account) if each["transport"] == "poll")
        assert (polls["status"], polls["last_error"], polls["setup"]) == ("active", warning or None, None)
