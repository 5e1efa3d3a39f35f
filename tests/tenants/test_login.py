"""Logging in: sessions, throttling, where one ends up."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from tenants.models import AuditEntry, Membership, Role
from tenants.principals import SESSION_TENANT
from tenants.rls import tenant_scope
from tests.tenancy import HOST, PASSWORD, Company

ATTEMPTS = settings.AXES_FAILURE_LIMIT


@pytest.fixture
def visitor(db: None) -> Client:
    return Client(headers={"host": HOST})


def log_in(client: Client, email: str, password: str = PASSWORD, **fields: str) -> Any:
    return client.post("/login", {"email": email, "password": password, **fields})


def test_login_puts_the_session_on_the_tenant(acme: Company, visitor: Client) -> None:
    response = log_in(visitor, acme.owner.email.upper())
    assert (response.status_code, response["Location"]) == (302, "/")
    assert visitor.session[SESSION_TENANT] == str(acme.tenant.id)
    with tenant_scope(acme.tenant.id):
        assert AuditEntry.objects.filter(action="session.started", actor=acme.owner.email).count() == 1


@pytest.mark.parametrize("email", ["owner", "nobody@example.com", "\x00", ""])
def test_wrong_credentials_are_refused_with_what_was_typed(acme: Company, visitor: Client, email: str) -> None:
    response = log_in(visitor, acme.owner.email if email == "owner" else email, "not it")
    assert response.status_code == 200
    assert response.context["form"].errors
    assert "_auth_user_id" not in visitor.session


def test_somebody_inactive_is_refused(acme: Company, visitor: Client) -> None:
    acme.owner.is_active = False
    acme.owner.save()
    log_in(visitor, acme.owner.email)
    assert "_auth_user_id" not in visitor.session


def test_login_takes_a_new_session_key(acme: Company, visitor: Client) -> None:
    session = visitor.session
    session["planted"] = True
    session.save()
    visitor.cookies[settings.SESSION_COOKIE_NAME] = planted = session.session_key or ""
    log_in(visitor, acme.owner.email)
    assert visitor.session.session_key != planted
    assert not visitor.session.exists(planted)


def test_logout_ends_the_session(acme: Company) -> None:
    browser = acme.browser()
    assert browser.get("/logout").status_code == 405
    assert browser.post("/logout")["Location"] == "/login"
    assert browser.get("/members")["Location"] == "/login?next=/members"


def test_too_many_attempts_are_locked_out(acme: Company, globex: Company, visitor: Client) -> None:
    statuses = [log_in(visitor, acme.owner.email, "wrong").status_code for _ in range(ATTEMPTS)]
    assert statuses == [200] * (ATTEMPTS - 1) + [429]
    locked = log_in(visitor, acme.owner.email)
    assert locked.status_code == 429
    assert "Too many attempts" in locked.content.decode()
    assert log_in(visitor, globex.owner.email).status_code == 302


def test_other_spellings_do_not_buy_more_attempts(acme: Company, visitor: Client) -> None:
    for attempt in range(ATTEMPTS):
        letters = acme.owner.email
        log_in(visitor, f" {letters[:attempt].upper()}{letters[attempt:]} ", "wrong")
    assert log_in(visitor, acme.owner.email).status_code == 429


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/keys?a=b", "/keys?a=b"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_next_leads_only_to_our_pages(acme: Company, visitor: Client, wanted: str, reached: str) -> None:
    assert log_in(visitor, acme.owner.email, next=wanted)["Location"] == reached


def test_login_page_sends_a_member_on(acme: Company) -> None:
    assert acme.browser().get("/login?next=/audit")["Location"] == "/audit"


@pytest.mark.parametrize(
    ("role", "work"),
    [
        (Role.AGENT, "/agent"),
        (Role.SUPERVISOR, "/wallboard"),
        (Role.ADMIN, "/accounts"),
        (Role.OWNER, "/accounts"),
    ],
)
def test_start_page_is_where_the_roles_work_is(acme: Company, role: Role, work: str) -> None:
    assert acme.browser(acme.member(role).user).get("/")["Location"] == work


def test_member_of_two_tenants_chooses(acme: Company, globex: Company, visitor: Client) -> None:
    with tenant_scope(globex.tenant.id):
        Membership.objects.create(tenant=globex.tenant, user=acme.owner, role=Role.ADMIN)
    log_in(visitor, acme.owner.email)
    assert visitor.get("/members")["Location"] == "/tenants?next=%2Fmembers"
    offered = visitor.get("/tenants").content.decode()
    assert acme.tenant.public_id in offered
    chosen = visitor.post("/tenants", {"tenant": globex.tenant.public_id, "next": "/members"})
    assert chosen["Location"] == "/members"
    assert visitor.get("/members").context["membership"].tenant == globex.tenant


def test_switching_tenants_leaves_the_sessions_other_contents_behind(acme: Company, globex: Company) -> None:
    with tenant_scope(globex.tenant.id):
        Membership.objects.create(tenant=globex.tenant, user=acme.owner, role=Role.ADMIN)
    browser = acme.browser()
    session = browser.session
    session["draft"] = "typed for Acme"
    session.save()
    browser.post("/tenants", {"tenant": globex.tenant.public_id})
    assert browser.session[SESSION_TENANT] == str(globex.tenant.id)
    assert "draft" not in browser.session


def test_tenant_of_others_can_not_be_chosen(acme: Company, globex: Company, visitor: Client) -> None:
    log_in(visitor, acme.owner.email)
    assert visitor.post("/tenants", {"tenant": globex.tenant.public_id}).status_code == 404
    assert visitor.session[SESSION_TENANT] == str(acme.tenant.id)


def test_removed_member_is_let_in_nowhere(acme: Company) -> None:
    agent = acme.member(Role.ADMIN)
    browser = acme.browser(agent.user)
    assert browser.get("/members").status_code == 200
    with tenant_scope(acme.tenant.id):
        agent.delete()
    assert browser.get("/members").status_code == 403


def test_passwords_are_stored_with_argon2() -> None:
    from config import settings as as_configured  # the test settings have a cheaper hasher

    assert [name.rpartition(".")[2] for name in as_configured.PASSWORD_HASHERS] == [Argon2PasswordHasher.__name__]


def test_every_answer_has_a_content_security_policy_without_inline_code(visitor: Client) -> None:
    for address in ("/login", "/nowhere"):
        policy = visitor.get(address)["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


def test_cookies_are_kept_from_scripts_and_other_sites(acme: Company, visitor: Client) -> None:
    visitor.get("/login")
    cookies = log_in(visitor, acme.owner.email).cookies
    session = cookies[settings.SESSION_COOKIE_NAME]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
