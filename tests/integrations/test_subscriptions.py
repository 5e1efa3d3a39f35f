"""One live subscription an account: made, verified, made again; what is left over goes."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from common.times import utc_now
from integrations.adapters import open_adapter
from integrations.contract.errors import VendorUnavailable
from integrations.hooks import callback_url
from integrations.models import OAuthGrant, PbxAccount, VendorSubscription
from integrations.subscriptions import keep_subscriptions
from tenants.rls import tenant_scope
from tests.integrations.conftest import Connect, listed_subscriptions
from tests.sandbox_server import SandboxHandle

OURS = "http://127.0.0.1:8000/hooks/kwebbl/"


def keep(account: PbxAccount) -> VendorSubscription:
    keep_subscriptions(account.tenant_id, account.pk, now=utc_now())
    return row_of(account)


def row_of(account: PbxAccount) -> VendorSubscription:
    with tenant_scope(account.tenant_id):
        return VendorSubscription.objects.get(account=account)


def listed(sandbox: SandboxHandle) -> dict[str, str]:
    """The vendor's own list: `{id: callback}`."""
    return {each["id"]: each["callback_url"] for each in listed_subscriptions(sandbox)}


def subscribe(account: PbxAccount, url: str) -> str:
    """Makes a subscription behind our back; its id."""

    async def create() -> str:
        async with open_adapter(account.tenant_id, account.pk) as adapter:
            return (await adapter.create_subscription(url, adapter.wanted_subscription())).vendor_subscription_id

    return async_to_sync(create)()


def test_made_with_a_secret_hook(connect: Connect, sandbox: SandboxHandle, statuses: list[str]) -> None:
    row = keep(connect())
    assert len(row.hook_token) >= 43
    assert listed(sandbox) == {row.vendor_subscription_id: OURS + row.hook_token}
    assert (row.status, row.event_types, row.mode) == ("active", ["*"], "detailed")
    assert (row.verified_at is not None, row.renewed_at) == (True, row.verified_at)
    assert statuses == ["active"]


def test_hook_token_is_found_by_its_digest_and_encrypted(connect: Connect) -> None:
    account = connect()
    row = keep(account)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, account_id, subscription_id FROM route_hook(%s)", [bytes(row.hook_token_digest or b"")]
        )
        assert cursor.fetchone() == (account.tenant_id, account.pk, row.pk)
    with tenant_scope(account.tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT hook_token FROM integrations_vendorsubscription WHERE id = %s", [row.pk])
        assert row.hook_token not in cursor.fetchone()[0]


def test_verified_and_left_alone(connect: Connect, sandbox: SandboxHandle, statuses: list[str]) -> None:
    account = connect()
    first = keep(account)
    second = keep(account)
    assert second.vendor_subscription_id == first.vendor_subscription_id
    assert second.renewed_at == first.renewed_at
    assert (first.verified_at or utc_now()) < (second.verified_at or first.created_at)
    assert len(listed(sandbox)) == 1
    assert statuses == ["active"]


def test_gone_is_made_again(connect: Connect, sandbox: SandboxHandle, statuses: list[str]) -> None:
    account = connect()
    first = keep(account)
    sandbox.control("POST", "/companies/acme/subscriptions/drop")
    second = keep(account)
    assert second.vendor_subscription_id != first.vendor_subscription_id
    assert listed(sandbox) == {second.vendor_subscription_id: callback_url("kwebbl", first)}
    assert statuses == ["active", "pending", "active"]


def test_orphans_of_ours_go_and_others_stay(connect: Connect, sandbox: SandboxHandle) -> None:
    account, neighbour = connect(), connect()
    theirs = keep(neighbour).vendor_subscription_id
    orphan = subscribe(account, f"{OURS}{'x' * 43}")
    foreign = subscribe(account, "http://127.0.0.1:9/another/application")
    mine = keep(account).vendor_subscription_id
    assert orphan not in listed(sandbox)
    assert set(listed(sandbox)) == {theirs, foreign, mine}


def test_creation_that_we_never_heard_the_end_of_is_adopted(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    row = keep(account)
    with tenant_scope(account.tenant_id):
        VendorSubscription.objects.update(vendor_subscription_id="", status="pending", event_types=[], mode="")
    assert keep(account).vendor_subscription_id == row.vendor_subscription_id
    assert list(listed(sandbox)) == [row.vendor_subscription_id]


def test_doubled_subscription_is_thinned_out(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    row = keep(account)
    subscribe(account, callback_url("kwebbl", row))
    keep(account)
    assert list(listed(sandbox)) == [row.vendor_subscription_id]


def test_other_scopes_renew_it(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    first = keep(account)
    with tenant_scope(account.tenant_id):
        OAuthGrant.objects.update(scopes=["calls.events.presence"])
    second = keep(account)
    assert list(listed(sandbox)) == [second.vendor_subscription_id]
    assert second.vendor_subscription_id != first.vendor_subscription_id
    assert (second.mode, second.event_types) == ("presence", ["created", "ringing", "answered", "terminated"])


def test_installation_that_moved_renews_it(connect: Connect, sandbox: SandboxHandle, settings: Any) -> None:
    account = connect()
    keep(account)
    settings.PATCHBAY_PUBLIC_URL = "http://localhost:8000"
    row = keep(account)
    assert listed(sandbox) == {row.vendor_subscription_id: f"http://localhost:8000/hooks/kwebbl/{row.hook_token}"}


def test_without_the_scope_there_is_none(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    keep(account)
    with tenant_scope(account.tenant_id):
        OAuthGrant.objects.update(scopes=["company.users"])
    assert keep(account).status == "ended"


def test_failure_is_written_down_and_mended(connect: Connect, sandbox: SandboxHandle, statuses: list[str]) -> None:
    account = connect(scopes=["user.info", "calls.events"])
    with tenant_scope(account.tenant_id):
        PbxAccount.objects.filter(pk=account.pk).update(settings={"own_extension": "nobody"})
        OAuthGrant.objects.update(scopes=["calls.events.personal"])
    with pytest.raises(Exception, match="digits"):
        keep(account)
    assert (row_of(account).status, statuses) == ("failed", ["failed"])
    assert "digits" in row_of(account).last_error

    with tenant_scope(account.tenant_id):
        OAuthGrant.objects.update(scopes=["calls.events"])
    row = keep(account)
    assert (row.status, row.last_error) == ("active", "")


def test_vendor_that_is_away(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    before = keep(account)
    sandbox.set("faults", rate_limited=1)
    with pytest.raises(VendorUnavailable) as raised:
        keep(account)
    assert raised.value.retry_after == 1
    assert row_of(account).status == before.status
