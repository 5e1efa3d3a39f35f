"""The authorization code flow, with the sandbox's consent page: there and back, and every way it can fail."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.contrib.messages import get_messages
from django.test import Client
from msgspec import structs

from common.times import utc_now
from integrations import oauth
from integrations.models import OAuthGrant, PbxAccount
from integrations.oauth import OAuthFailed, authorization_url, callback_uri, complete
from integrations.vendors.kwebbl.adapter import KwebblAdapter
from tenants.models import AuditEntry, Role
from tenants.rls import tenant_scope
from tests.integrations.conftest import Connect, reload
from tests.sandbox_server import SandboxHandle
from tests.tenancy import Company, make_company

PROFILE = KwebblAdapter.oauth
ADMIN = ("ada@acme.example", "demo-ada")


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def begin(account: PbxAccount, session: dict[str, Any]) -> str:
    return authorization_url(session, account, callback_uri())


def test_vendors_page_is_asked_for_what_the_account_needs(new_account: Connect) -> None:
    account = new_account()
    url = begin(account, {})
    query = query_of(url)
    assert url.startswith(f"{account.base_url}/authorize?")
    assert len(query.pop("state")) >= 32
    assert query == {
        "response_type": "code",
        "client_id": "acme-demo-client",
        "redirect_uri": "http://127.0.0.1:8000/integrations/oauth/callback",
        "scope": "user.info company.dialplans company.users calls.events calls.manage calls.create",
    }


def test_scopes_of_the_account(new_account: Connect) -> None:
    assert query_of(begin(new_account(scopes=["calls.events.presence"]), {}))["scope"] == "calls.events.presence"


def test_code_becomes_a_grant(sandbox: SandboxHandle, new_account: Connect) -> None:
    account, session = new_account(scopes=["company.users", "calls.events"]), dict[str, Any]()
    account = complete(session, query_of(sandbox.authorize(begin(account, session), *ADMIN)))
    with tenant_scope(account.tenant_id):
        grant = OAuthGrant.objects.get(pk=account.pk)
    assert set(grant.tokens) == {"access_token", "refresh_token"}
    assert grant.scopes == ["company.users", "calls.events"]
    assert timedelta(seconds=890) < grant.expires_at - utc_now() <= timedelta(seconds=900)
    assert account.status == PbxAccount.Status.CONNECTING


def test_scopes_that_the_vendor_names_count(sandbox: SandboxHandle, new_account: Connect) -> None:
    sandbox.set("dialect", token_scope=True)
    account, session = new_account(), dict[str, Any]()
    complete(session, query_of(sandbox.authorize(begin(account, session), "bram@acme.example", "demo-bram")))
    with tenant_scope(account.tenant_id):
        assert OAuthGrant.objects.get(pk=account.pk).scopes == ["company.dialplans", "company.users", "user.info"]


def test_state_is_single_use_and_of_this_session(sandbox: SandboxHandle, new_account: Connect) -> None:
    session = dict[str, Any]()
    answer = query_of(sandbox.authorize(begin(new_account(), session), *ADMIN))
    with pytest.raises(OAuthFailed, match="wasn't begun in this browser"):
        complete({}, answer)
    complete(session, answer)
    with pytest.raises(OAuthFailed, match="already used"):
        complete(session, answer)


def test_state_expires(sandbox: SandboxHandle, new_account: Connect) -> None:
    session = dict[str, Any]()
    answer = query_of(sandbox.authorize(begin(new_account(), session), *ADMIN))
    with pytest.raises(OAuthFailed, match="ten minutes"):
        complete(session, answer, now=utc_now() + timedelta(minutes=11))


def test_several_tabs_but_not_endlessly_many(new_account: Connect) -> None:
    account, session = new_account(), dict[str, Any]()
    states = [query_of(begin(account, session))["state"] for _ in range(7)]
    assert list(session["oauth_states"]) == states[2:]


@pytest.mark.parametrize(
    ("email", "password", "decision", "words"),
    [
        ("ada@acme.example", "wrong", "allow", "user name or password was wrong"),
        (*ADMIN, "deny", "refused to grant access"),
    ],
)
def test_denial_in_words(
    sandbox: SandboxHandle, new_account: Connect, email: str, password: str, decision: str, words: str
) -> None:
    account, session = new_account(), dict[str, Any]()
    answer = query_of(sandbox.authorize(begin(account, session), email, password, decision))
    with pytest.raises(OAuthFailed, match=words) as raised:
        complete(session, answer)
    assert raised.value.account == account


@pytest.mark.parametrize("code", sorted(PROFILE.error_words))
def test_every_documented_error_has_words(new_account: Connect, code: str) -> None:
    session = dict[str, Any]()
    state = query_of(begin(new_account(), session))["state"]
    with pytest.raises(OAuthFailed, match=r"Kwebbl refused: .+") as raised:
        complete(session, {"state": state, "error": code})
    assert code not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": "teapot", "error_description": "short and stout"}, "short and stout"),
        ({"error": "teapot"}, "teapot"),
        ({}, "neither a code nor a reason"),
        ({"code": "never issued"}, "has expired"),
    ],
)
def test_other_answers(new_account: Connect, answer: dict[str, str], words: str) -> None:
    session = dict[str, Any]()
    state = query_of(begin(new_account(), session))["state"]
    with pytest.raises(OAuthFailed, match=words):
        complete(session, {"state": state} | answer)


def test_wrong_client_secret(sandbox: SandboxHandle, new_account: Connect) -> None:
    account, session = new_account(), dict[str, Any]()
    answer = query_of(sandbox.authorize(begin(account, session), *ADMIN))
    with tenant_scope(account.tenant_id):
        account.credentials |= {"client_secret": "another"}
        account.save()
    with pytest.raises(OAuthFailed, match="client id and secret"):
        complete(session, answer)


def test_vendor_fails_at_the_exchange(sandbox: SandboxHandle, new_account: Connect) -> None:
    session = dict[str, Any]()
    answer = query_of(sandbox.authorize(begin(new_account(), session), *ADMIN))
    sandbox.set("faults", server_errors=1)
    with pytest.raises(OAuthFailed, match="the tokens didn't come"):
        complete(session, answer)


def test_pkce_where_the_vendor_has_it(new_account: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KwebblAdapter, "oauth", structs.replace(PROFILE, pkce=True))
    session = dict[str, Any]()
    query = query_of(begin(new_account(), session))
    verifier = session["oauth_states"][query["state"]]["verifier"]
    assert query["code_challenge_method"] == "S256"
    assert query["code_challenge"] == create_s256_code_challenge(verifier)


def follow(client: Client, location: str) -> tuple[str, list[str]]:
    """Where the callback sends the browser, and the messages that it will show there."""
    parts = urlsplit(location)
    response = client.get(f"{parts.path}?{parts.query}")
    assert response.status_code == 302
    return response.headers["Location"], [str(message) for message in get_messages(response.wsgi_request)]


def test_there_and_back_in_the_browser(sandbox: SandboxHandle, company: Company, new_account: Connect) -> None:
    account, browser = new_account(), company.browser()
    to_vendor = browser.get(urlsplit(oauth.authorize_page_url(account)).path)
    assert to_vendor.status_code == 302
    location, messages = follow(browser, sandbox.authorize(to_vendor.headers["Location"], *ADMIN))
    assert location == f"/accounts/{account.public_id}"
    assert messages == ["Head office is authorized. Its directory and events are being connected."]
    assert reload(account).status == PbxAccount.Status.CONNECTING
    with tenant_scope(account.tenant_id):
        assert AuditEntry.objects.filter(action="account.authorized", target=account.public_id).count() == 1


def test_denial_leads_back_to_the_account(sandbox: SandboxHandle, company: Company, new_account: Connect) -> None:
    account, browser = new_account(), company.browser()
    to_vendor = browser.get(urlsplit(oauth.authorize_page_url(account)).path)
    location, messages = follow(browser, sandbox.authorize(to_vendor.headers["Location"], *ADMIN, "deny"))
    assert location == f"/accounts/{account.public_id}"
    assert "only an Admin user" in messages[0]


def test_callback_out_of_nowhere(company: Company) -> None:
    location, messages = follow(company.browser(), f"{callback_uri()}?{urlencode({'code': 'x', 'state': 'y'})}")
    assert location == "/accounts"
    assert "wasn't begun in this browser" in messages[0]


def test_pages_are_for_admins_of_the_tenant(company: Company, new_account: Connect) -> None:
    path = urlsplit(oauth.authorize_page_url(new_account())).path
    assert company.browser(company.member(Role.SUPERVISOR).user).get(path).status_code == 403
    assert make_company().browser().get(path).status_code == 404
    assert company.browser().get("/accounts/acc_nonsense/authorize").status_code == 404
    assert Client(headers={"host": "localhost"}).get(path).headers["Location"].startswith("/login?next=")
