"""Making, changing, testing and removing accounts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp.test_utils import unused_port
from django.db import connection

from integrations.accounts import create_account, delete_account, update_account
from integrations.accounts import test_account as check_live
from integrations.models import Extension, OAuthGrant, PbxAccount, Upkeep, VendorSubscription
from integrations.signals import account_status_changed
from integrations.validation import InvalidAccount, normalized_base_url
from tenants.rls import tenant_scope
from tests.integrations.conftest import Connect, reload, run_upkeep
from tests.sandbox_server import SandboxHandle
from tests.tenancy import Company

Status = PbxAccount.Status
GOOD: dict[str, Any] = {
    "vendor": "kwebbl",
    "name": "Head office",
    "credentials": {"client_id": "id", "client_secret": "secret"},
}


def test_new_account(company: Company) -> None:
    account = create_account(company.tenant.pk, **GOOD)
    assert (account.base_url, account.status) == ("https://realtime.api.kwebbl.net/v100", Status.PENDING_AUTHORIZATION)
    assert reload(account).credentials == GOOD["credentials"]


def test_credentials_are_encrypted_at_rest(company: Company) -> None:
    account = create_account(company.tenant.pk, **GOOD)
    with tenant_scope(company.tenant.pk), connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM integrations_pbxaccount WHERE id = %s", [account.pk])
        assert "secret" not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            {"vendor": "acme"},
            {"vendor": ["There is no vendor 'acme'; there are: callgear, dstny, eq, kwebbl, ringcentral."]},
        ),
        ({"name": " "}, {"name": ["Give it a name of at most 200 characters."]}),
        (
            {"credentials": {}},
            {"credentials.client_id": ["This is needed."], "credentials.client_secret": ["This is needed."]},
        ),
        (
            {"credentials": {"client_id": "", "client_secret": 12345}},
            {"credentials.client_id": ["This must not be empty."], "credentials.client_secret": ["This must be text."]},
        ),
        (
            {"credentials": {**GOOD["credentials"], "extra": "s3cret"}},
            {"credentials": ["There is no field extra."]},
        ),
        ({"settings": {"verify_tls": "no"}}, {"settings.verify_tls": ["This must be true or false."]}),
        ({"settings": {"scopes": []}}, {"settings.scopes": ["This must not be empty."]}),
        (
            {"name": "", "base_url": "pbx.example.com"},
            {
                "name": ["Give it a name of at most 200 characters."],
                "base_url": ["Give an address that begins with https:// or http://, and has a host."],
            },
        ),
    ],
)
def test_what_is_wrong_is_told_by_field(changes: dict[str, Any], errors: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidAccount) as raised:
        create_account(uuid4(), **(GOOD | changes))
    assert raised.value.errors == errors
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("scope", ["calls.everything", 1])
def test_unknown_scope(scope: object) -> None:
    with pytest.raises(InvalidAccount) as raised:
        create_account(uuid4(), **GOOD, settings={"scopes": [scope]})
    assert "settings.scopes.0" in raised.value.errors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" https://Realtime.API.example.com/v100/ ", "https://realtime.api.example.com/v100"),
        ("http://10.0.0.5:8080", "http://10.0.0.5:8080"),
        ("https://[2001:db8::1]/v100", "https://[2001:db8::1]/v100"),
    ],
)
def test_addresses_are_normalised(text: str, expected: str) -> None:
    assert normalized_base_url(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://pbx.example.com",
        "https://",
        "https://user:password@pbx.example.com",
        "https://pbx.example.com/?key=1",
        "https://pbx.example.com:port/",
        "https://[::1",
        "https://{host}/api",
        "https://pbx.example.com/" + "x" * 500,
    ],
)
def test_addresses_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"\."):
        normalized_base_url(text)


def test_renaming_leaves_the_connection(connect: Connect) -> None:
    account = connect()
    renamed = update_account(account.tenant_id, account.pk, name="Branch")
    assert (renamed.name, renamed.status) == ("Branch", Status.CONNECTING)
    with tenant_scope(account.tenant_id):
        assert OAuthGrant.objects.filter(pk=account.pk).exists()


def test_another_secret_wants_a_new_authorization(connect: Connect) -> None:
    account = connect()
    changed = update_account(account.tenant_id, account.pk, credentials={"client_secret": "new"})
    assert changed.credentials == {"client_id": "acme-demo-client", "client_secret": "new"}
    assert reload(account).status == Status.PENDING_AUTHORIZATION
    with tenant_scope(account.tenant_id):
        assert not OAuthGrant.objects.filter(pk=account.pk).exists()
        assert not Upkeep.objects.filter(account=account).exists()


def test_stored_secrets_are_not_sent_to_another_address(connect: Connect) -> None:
    account = connect()
    with pytest.raises(InvalidAccount) as raised:
        update_account(account.tenant_id, account.pk, base_url="https://elsewhere.example.com")
    assert raised.value.errors.keys() == {"credentials.client_id", "credentials.client_secret"}
    assert reload(account).base_url == account.base_url

    both = {"client_id": "id", "client_secret": "secret"}
    moved = update_account(account.tenant_id, account.pk, base_url="https://elsewhere.example.com", credentials=both)
    assert (moved.base_url, moved.status) == ("https://elsewhere.example.com", Status.PENDING_AUTHORIZATION)


def test_own_tenant_only(company: Company, connect: Connect) -> None:
    account = connect()
    other = uuid4()
    acts: list[Callable[[UUID, UUID], object]] = [update_account, delete_account, check_live]
    for act in acts:
        with pytest.raises(PbxAccount.DoesNotExist):
            act(other, account.pk)


def test_live_test(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    result = check_live(account.tenant_id, account.pk)
    assert (result.ok, result.detail) == (True, "8 extensions in the directory")
    assert result.latency_ms > 0

    sandbox.set("faults", server_errors=1)
    result = check_live(account.tenant_id, account.pk)
    assert not result.ok
    assert "500" in result.detail


def test_expired_token_is_not_noticed(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    sandbox.control("POST", "/companies/acme/tokens/expire")
    assert check_live(account.tenant_id, account.pk).ok


def test_live_test_of_an_address_that_is_not_allowed(connect: Connect, settings: Any) -> None:
    account = connect()
    settings.PATCHBAY_ALLOWED_PRIVATE_NETWORKS = ()
    result = check_live(account.tenant_id, account.pk)
    assert not result.ok
    assert "PATCHBAY_ALLOWED_PRIVATE_NETWORKS" in result.detail


def test_vendor_that_ended_the_authorization_shows_in_the_status(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    told: list[str] = []

    def note(account: PbxAccount, before: str, **_: Any) -> None:
        told.append(f"{before} → {account.status}")

    account_status_changed.connect(note)
    sandbox.control("POST", "/companies/acme/tokens/revoke")
    for _ in range(2):
        assert "Authorize the account again" in check_live(account.tenant_id, account.pk).detail
    account_status_changed.disconnect(note)
    assert reload(account).status == Status.REAUTHORIZATION_REQUIRED
    assert told == ["connecting → reauthorization_required"]


def test_deleting_removes_everything_here_and_at_the_vendor(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    run_upkeep(account)
    assert len(sandbox.company()["subscriptions"]) == 1
    delete_account(account.tenant_id, account.pk)
    assert sandbox.company()["subscriptions"] == []
    with tenant_scope(account.tenant_id):
        for model in (PbxAccount, OAuthGrant, VendorSubscription, Extension, Upkeep):
            assert not model.objects.exists()


def test_deleting_does_not_need_the_vendor(connect: Connect) -> None:
    account = connect()
    run_upkeep(account)
    with tenant_scope(account.tenant_id):
        PbxAccount.objects.filter(pk=account.pk).update(base_url=f"http://127.0.0.1:{unused_port()}")
        digest = VendorSubscription.objects.get(account=account).hook_token_digest
    delete_account(account.tenant_id, account.pk)
    with tenant_scope(account.tenant_id):
        assert not PbxAccount.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM route_hook(%s)", [bytes(digest or b"")])
        assert cursor.fetchone() is None
