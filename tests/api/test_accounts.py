"""/accounts: what is asked of a new account, what is shown of it, and what changes."""

from typing import Any

import pytest

from integrations import schedule
from integrations.models import PbxAccount, VendorSubscription
from tenants.models import AuditEntry, Role, Scope
from tenants.rls import tenant_scope
from tests.api.world import World, make_world
from tests.tenancy import make_company

NEW = {
    "vendor": "kwebbl",
    "name": "Warehouse",
    "base_url": "https://realtime.example.com/v100/",
    "credentials": {"client_id": "cid", "client_secret": "a secret of theirs"},
}


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "wake", lambda *_: None)


@pytest.fixture
def live(committed_db: None) -> World:
    """As `acme`, for what asks the vendor: that is done in other threads, which see committed rows alone."""
    return make_world(make_company("Live"))


def create(world: World, **changes: Any) -> Any:
    return world.client.post("/api/v1/accounts", NEW | changes, content_type="application/json")


def test_new_oauth_account_waits_for_authorization_and_hides_its_credentials(acme: World) -> None:
    answer = create(acme)
    account = answer.json()
    assert (answer.status_code, account["status"], account["base_url"]) == (
        201,
        "pending_authorization",
        "https://realtime.example.com/v100",
    )
    assert account["authorize_url"].endswith(f"/accounts/{account['id']}/authorize")
    assert answer["Location"].endswith(f"/api/v1/accounts/{account['id']}")
    shown = acme.client.get(f"/api/v1/accounts/{account['id']}")
    assert shown.json() == account
    assert b"a secret of theirs" not in answer.content + shown.content
    with tenant_scope(acme.company.tenant.id):
        entry = AuditEntry.objects.get(action="account.created")
    assert (entry.target, "a secret of theirs" in str(entry.detail)) == (account["id"], False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vendor": "nobody"}, "vendor"),
        ({"name": ""}, "name"),
        ({"base_url": "ftp://pbx.example.com"}, "base_url"),
        ({"credentials": {"client_id": "cid"}}, "credentials.client_secret"),
        ({"credentials": "secret"}, "credentials"),
        ({"settings": {"colour": "blue"}}, "settings"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_said_by_field(acme: World, changes: dict[str, Any], field: str) -> None:
    answer = create(acme, **changes)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "invalid")
    assert field in problem["errors"]
    with tenant_scope(acme.company.tenant.id):
        assert PbxAccount.objects.count() == 1


def test_list_shows_the_own_accounts_alone(acme: World, globex: World) -> None:
    results = acme.client.get("/api/v1/accounts").json()["results"]
    assert [account["id"] for account in results] == [acme.account.public_id]
    assert acme.client.get(f"/api/v1/accounts/{globex.account.public_id}").status_code == 404


def test_capabilities_follow_the_granted_scopes(acme: World) -> None:
    path = f"/api/v1/accounts/{acme.account.public_id}/capabilities"
    assert {"originate", "hold", "resume", "hangup", "transfer"} == set(acme.client.get(path).json()["calls"])
    with tenant_scope(acme.company.tenant.id):
        acme.account.grant.scopes = ["calls.events"]
        acme.account.grant.save()
    assert "calls" not in acme.client.get(path).json()
    account = acme.client.get(f"/api/v1/accounts/{acme.account.public_id}").json()
    assert account["granted_scopes"] == ["calls.events"]
    assert account["missing_permissions"]


def test_renaming_keeps_the_connection_and_a_new_address_wants_everything_again(acme: World) -> None:
    path = f"/api/v1/accounts/{acme.account.public_id}"
    renamed = acme.client.patch(path, {"name": "HQ"}, content_type="application/json").json()
    assert (renamed["name"], renamed["status"]) == ("HQ", "active")
    moved = acme.client.patch(path, {"base_url": "https://evil.example.com"}, content_type="application/json")
    assert (moved.status_code, "credentials.client_secret" in moved.json()["errors"]) == (400, True)


def test_deleting_needs_no_reachable_vendor_and_keeps_the_log(live: World) -> None:
    call = live.call()
    path = f"/api/v1/accounts/{live.account.public_id}"
    assert live.client.delete(path).status_code == 204
    assert live.client.get(path).status_code == 404
    kept = live.client.get(f"/api/v1/calls/{call.public_id}").json()
    assert (kept["account_id"], kept["state"], kept["end_reason"]) == (live.account.public_id, "ended", "lost")
    assert kept["from"]["name"] == "Alice"
    types = [event["type"] for event in live.client.get("/api/v1/events?after=0").json()["results"]]
    assert types == ["call.originated", "call.cleared"]


def test_subscriptions_show_the_secret_hook_to_managers_alone(acme: World) -> None:
    with tenant_scope(acme.company.tenant.id):
        VendorSubscription.objects.create(
            tenant=acme.company.tenant,
            account=acme.account,
            status="active",
            hook_token="t" * 43,
            hook_token_digest=b"digest of " + acme.account.id.bytes,
        )
    path = f"/api/v1/accounts/{acme.account.public_id}/subscriptions"
    (shown,) = acme.client.get(path).json()["results"]
    assert shown["callback_url"].endswith("/hooks/kwebbl/" + "t" * 43)
    reader = acme.company.program(acme.company.key(Scope.ACCOUNTS_READ))
    assert reader.get(path).json()["results"][0]["callback_url"] is None


def test_test_of_an_unreachable_vendor_says_why(live: World) -> None:
    answer = live.client.post(f"/api/v1/accounts/{live.account.public_id}/test").json()
    assert (answer["ok"], bool(answer["detail"])) == (False, True)


def test_scopes_and_roles_guard_accounts(acme: World) -> None:
    reader = acme.company.program(acme.company.key(Scope.ACCOUNTS_READ))
    assert reader.get("/api/v1/accounts").status_code == 200
    assert reader.post("/api/v1/accounts", NEW, content_type="application/json").status_code == 403
    agent = acme.company.browser(acme.company.member(Role.AGENT).user)
    assert agent.get("/api/v1/accounts").status_code == 403
