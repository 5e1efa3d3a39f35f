"""The pages of people, keys and the audit log: what they do, and for whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from common.times import utc_now
from tenants import audit
from tenants.models import ApiKey, AuditEntry, Membership, Role, Scope
from tenants.principals import CredentialRefused, authenticate_token, principal_of_session
from tenants.rls import tenant_scope
from tests.tenancy import PASSWORD, Company

PAGES = ("/members", "/keys", "/audit")


def roles(company: Company) -> dict[str, str]:
    with tenant_scope(company.tenant.id):
        return dict(Membership.objects.values_list("user__email", "role"))


def audited(company: Company) -> list[tuple[Any, ...]]:
    """The newest entry first: who, what, and the details."""
    with tenant_scope(company.tenant.id):
        return list(AuditEntry.objects.order_by("-at", "-id").values_list("actor", "action", "detail"))


def own(company: Company) -> Membership:
    with tenant_scope(company.tenant.id):
        return Membership.objects.get(user=company.owner)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(("role", "status"), [(Role.AGENT, 403), (Role.SUPERVISOR, 403), (Role.ADMIN, 200)])
def test_pages_are_for_admins(acme: Company, address: str, role: Role, status: int) -> None:
    assert acme.browser(acme.member(role).user).get(address).status_code == status


def test_new_member_gets_a_password_that_is_shown_once(acme: Company) -> None:
    browser = acme.browser()
    response = browser.post("/members", {"email": "Ann@Example.com", "name": "Ann", "role": "supervisor"})
    password = response.context["password"]
    member = response.context["added"]
    assert member.user.check_password(password)
    assert password in response.content.decode()
    assert password not in browser.get("/members").content.decode()
    assert roles(acme)["ann@example.com"] == Role.SUPERVISOR
    assert audited(acme)[0] == (
        acme.owner.email,
        "member.added",
        {"email": "ann@example.com", "role": "supervisor"},
    )


def test_known_person_is_added_with_the_password_there_is(acme: Company, globex: Company) -> None:
    before = globex.owner.password
    response = acme.browser().post("/members", {"email": globex.owner.email, "name": "X", "role": "agent"})
    globex.owner.refresh_from_db()
    assert response.context["password"] is None
    assert (globex.owner.password, globex.owner.name) == (before, "")
    assert roles(acme)[globex.owner.email] == Role.AGENT


@pytest.mark.parametrize("change", [{"email": "nobody"}, {"role": "king"}, {"name": ""}, {"email": "the owner"}])
def test_bad_member_is_refused_with_what_was_typed(acme: Company, change: dict[str, str]) -> None:
    typed = {"email": "ann@example.com", "name": "Ann", "role": "agent"} | change
    if typed["email"] == "the owner":
        typed["email"] = acme.owner.email
    response = acme.browser().post("/members", typed)
    assert response.context["form"].errors
    assert typed["email"] in response.content.decode()
    assert roles(acme) == {acme.owner.email: Role.OWNER}


def test_role_changes(acme: Company) -> None:
    agent = acme.member(Role.AGENT)
    response = acme.browser().post(f"/members/{agent.public_id}/role", {"role": "admin"}, follow=True)
    assert "is Admin now" in response.content.decode()
    assert principal_of_session(agent.user, acme.tenant.id).role == Role.ADMIN
    assert audited(acme)[0][1:] == (
        "member.role_changed",
        {"email": agent.user.email, "before": "agent", "after": "admin"},
    )


def test_removed_member_is_out_at_once(acme: Company) -> None:
    agent = acme.member(Role.AGENT)
    acme.browser().post(f"/members/{agent.public_id}/remove")
    with pytest.raises(CredentialRefused):
        principal_of_session(agent.user, acme.tenant.id)
    assert audited(acme)[0][1:] == ("member.removed", {"email": agent.user.email})


@pytest.mark.parametrize(("act", "fields"), [("remove", {}), ("role", {"role": "admin"})])
def test_last_owner_stays(acme: Company, act: str, fields: dict[str, str]) -> None:
    response = acme.browser().post(f"/members/{own(acme).public_id}/{act}", fields, follow=True)
    assert "This is the last owner" in response.content.decode()
    assert roles(acme) == {acme.owner.email: Role.OWNER}


def test_owner_may_go_when_there_is_another(acme: Company) -> None:
    second = acme.member(Role.OWNER)
    acme.browser(second.user).post(f"/members/{own(acme).public_id}/remove")
    assert roles(acme) == {second.user.email: Role.OWNER}


@pytest.mark.parametrize(("act", "fields"), [("remove", {}), ("role", {"role": "agent"})])
def test_admin_can_not_touch_owners(acme: Company, act: str, fields: dict[str, str]) -> None:
    acme.member(Role.OWNER)
    before = roles(acme)
    admin = acme.member(Role.ADMIN)
    acme.browser(admin.user).post(f"/members/{own(acme).public_id}/{act}", fields)
    acme.browser(admin.user).post(f"/members/{admin.public_id}/role", {"role": "owner"})
    acme.browser(admin.user).post("/members", {"email": "ann@example.com", "name": "Ann", "role": "owner"})
    assert roles(acme) == before | {admin.user.email: Role.ADMIN}


@pytest.mark.parametrize("address", ["/members/mem_{0}/remove", "/members/mem_{0}/role", "/keys/key_{0}/revoke"])
@pytest.mark.parametrize("digits", ["0" * 32, "x", "0" * 31 + "g"])
def test_what_does_not_exist_is_not_found(acme: Company, address: str, digits: str) -> None:
    assert acme.browser().post(address.format(digits), {"role": "agent"}).status_code == 404


def test_key_is_issued_and_shown_once(acme: Company) -> None:
    browser = acme.browser()
    tomorrow = (utc_now() + timedelta(days=1)).date()
    response = browser.post(
        "/keys",
        {
            "name": "CRM",
            "scopes": ["calls:read", "events:read"],
            "expires_on": tomorrow.isoformat(),
            "allowed_networks": "192.0.2.1\n2001:db8::/32, 198.51.100.0/24",
        },
    )
    secret = response.context["secret"]
    principal = authenticate_token(secret, "192.0.2.1")
    assert principal.scopes == {Scope.CALLS_READ, Scope.EVENTS_READ}
    assert principal.api_key is not None
    assert principal.api_key.allowed_networks == ["192.0.2.1/32", "2001:db8::/32", "198.51.100.0/24"]
    assert principal.api_key.expires_at is not None
    assert principal.api_key.expires_at.date() == tomorrow
    assert secret in response.content.decode()
    assert secret not in browser.get("/keys").content.decode()
    assert audited(acme)[0][1:] == ("key.issued", {"name": "CRM", "scopes": ["calls:read", "events:read"]})


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_on": "2020-01-01"},
        {"allowed_networks": "192.0.2.1/24"},
        {"allowed_networks": "example.com"},
    ],
)
def test_bad_key_is_refused(acme: Company, change: dict[str, Any]) -> None:
    response = acme.browser().post("/keys", {"name": "CRM", "scopes": ["calls:read"]} | change)
    assert list(response.context["form"].errors) == list(change)
    with tenant_scope(acme.tenant.id):
        assert ApiKey.objects.count() == 1


def test_key_is_revoked(acme: Company) -> None:
    key = authenticate_token(acme.api_key, "192.0.2.1").api_key
    assert key is not None
    response = acme.browser().post(f"/keys/{key.public_id}/revoke", follow=True)
    assert "Revoked" in response.content.decode()
    with pytest.raises(CredentialRefused, match="revoked"):
        authenticate_token(acme.api_key, "192.0.2.1")
    assert audited(acme)[0][1:] == ("key.revoked", {"name": key.name})


def test_audit_log_is_shown_in_pages(acme: Company) -> None:
    principal = principal_of_session(acme.owner, acme.tenant.id)
    with tenant_scope(acme.tenant.id):
        for number in range(60):
            audit.record(principal, "test.done", f"t{number}")
    browser = acme.browser()
    first = browser.get("/audit?action=test.")
    second = browser.get(f"/audit{first.context['older']}")
    seen = [entry.target for page in (first, second) for entry in page.context["entries"]]
    assert seen == [f"t{number}" for number in reversed(range(60))]
    assert second.context["older"] is None


def test_audit_log_is_filtered(acme: Company) -> None:
    member = acme.member(Role.ADMIN)
    acme.browser(member.user).post("/keys", {"name": "CRM", "scopes": ["calls:read"]})
    found = acme.browser().get("/audit", {"actor": member.user.email, "action": "key"}).context["entries"]
    assert [(entry.actor, entry.action, entry.ip_address) for entry in found] == [
        (member.user.email, "key.issued", "127.0.0.1")
    ]
    assert acme.browser().get("/audit?before=nonsense").status_code == 404
    assert "Nothing matches" in acme.browser().get("/audit?actor=nobody").content.decode()


def test_names_are_text_in_every_page(acme: Company) -> None:
    markup = "<img src=x onerror=alert(1)>"
    browser = acme.browser()
    browser.post("/members", {"email": "ann@example.com", "name": markup, "role": "agent"})
    browser.post("/keys", {"name": markup, "scopes": ["calls:read"]})
    for address in PAGES:
        assert markup not in browser.get(address).content.decode()


def test_audit_details_are_in_words() -> None:
    entry = AuditEntry(detail={"name": "CRM", "scopes": ["calls:read", "admin"], "ok": True, "member_id": None})
    assert entry.detail_text == "name: CRM; scopes: calls:read, admin; ok: yes; member id: None"


def change_password(browser: Client, old: str, new: str, again: str | None = None) -> Any:
    return browser.post("/password", {"old_password": old, "new_password1": new, "new_password2": again or new})


def test_password_is_changed_and_ends_the_other_sessions(acme: Company) -> None:
    here, elsewhere = acme.browser(), acme.browser()
    response = change_password(here, PASSWORD, "a rather different one 3")
    acme.owner.refresh_from_db()
    assert response["Location"] == "/"
    assert acme.owner.check_password("a rather different one 3")
    assert here.get("/members").status_code == 200
    assert elsewhere.get("/members")["Location"] == "/login?next=/members"
    assert audited(acme)[0][1:] == ("password.changed", {})


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [("wrong", "a rather different one 3", None), (PASSWORD, "password123", None), (PASSWORD, "one thing 99", "other")],
)
def test_bad_password_is_refused(acme: Company, old: str, new: str, again: str | None) -> None:
    assert change_password(acme.browser(), old, new, again).context["form"].errors
    acme.owner.refresh_from_db()
    assert acme.owner.check_password(PASSWORD)
