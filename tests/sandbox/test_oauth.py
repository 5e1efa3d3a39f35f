"""Authorization: the page, the codes, the tokens and what can be refused."""

import base64
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.sandbox.kwebbl import BRAM, Kwebbl
from tests.sandbox_server import Answer, SandboxHandle

BASE = "/kwebbl/acme/v100"
REDIRECT = "http://127.0.0.1:8000/integrations/oauth/callback"
CLIENT = {"client_id": "acme-demo-client", "client_secret": "acme-demo-secret"}


def authorize_url(**changes: str) -> str:
    query = {"response_type": "code", "client_id": CLIENT["client_id"], "redirect_uri": REDIRECT, "state": "xyz"}
    return f"{BASE}/authorize?{urlencode({**query, **changes})}"


def back(location: str) -> dict[str, str]:
    """The parameters that the client application gets."""
    assert location.startswith(REDIRECT + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def token(sandbox: SandboxHandle, body: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    return sandbox.send_json("POST", f"{BASE}/token", body, headers)


def code(sandbox: SandboxHandle, email: str = "ada@acme.example", password: str = "demo-ada", **changes: str) -> str:
    return back(sandbox.authorize(authorize_url(**changes), email, password))["code"]


def exchange(sandbox: SandboxHandle, value: str, **changes: Any) -> Answer:
    body = {"grant_type": "authorization_code", "code": value, "redirect_uri": REDIRECT, **CLIENT}
    return token(sandbox, {**body, **changes})


def refresh_with(refresh_token: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": refresh_token}


def test_page_shows_form_and_scopes(sandbox: SandboxHandle) -> None:
    page = sandbox.request("GET", authorize_url(scope="calls.events user.info"))
    html = page.body.decode()
    assert page.status == 200
    assert page.headers["x-frame-options"] == "DENY"
    assert 'name="email"' in html
    assert re.findall(r"<code>([a-z.]+)</code>", html) == ["calls.events", "user.info"]


def test_allow_sends_code_and_state_back(sandbox: SandboxHandle) -> None:
    answer = back(sandbox.authorize(authorize_url(), "Ada@Acme.example", "demo-ada"))
    assert answer.keys() == {"code", "state"}
    assert answer["state"] == "xyz"


@pytest.mark.parametrize(
    ("password", "decision", "error"),
    [("wrong", "allow", "invalid_grant"), ("demo-ada", "deny", "access_denied")],
)
def test_refusal_is_told_to_the_client(sandbox: SandboxHandle, password: str, decision: str, error: str) -> None:
    answer = back(sandbox.authorize(authorize_url(), "ada@acme.example", password, decision))
    assert (answer["error"], answer["state"]) == (error, "xyz")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "calls.everything"}, "invalid_request"),
    ],
)
def test_wrong_parameters_are_told_to_the_client(sandbox: SandboxHandle, changes: dict[str, str], error: str) -> None:
    answer = sandbox.request("GET", authorize_url(**changes))
    assert answer.status == 302
    assert back(answer.headers["location"])["error"] == error


@pytest.mark.parametrize("changes", [{"client_id": "nobody"}, {"redirect_uri": "https://elsewhere.example/cb"}])
def test_untrusted_redirect_is_shown_and_not_followed(sandbox: SandboxHandle, changes: dict[str, str]) -> None:
    answer = sandbox.request("GET", authorize_url(**changes))
    assert answer.status == 400
    assert "location" not in answer.headers


def test_registered_redirect_must_match_exactly(sandbox: SandboxHandle) -> None:
    sandbox.set("connection", redirect_uris=[REDIRECT])
    assert sandbox.request("GET", authorize_url()).status == 200
    assert sandbox.request("GET", authorize_url(redirect_uri=REDIRECT + "/")).status == 400


def test_code_becomes_tokens_once(sandbox: SandboxHandle) -> None:
    value = code(sandbox)
    first, second = exchange(sandbox, value), exchange(sandbox, value)
    assert first.json().keys() == {"access_token", "refresh_token", "expires_in", "token_type", "state"}
    assert (first.json()["expires_in"], first.json()["token_type"], first.json()["state"]) == (900, "Bearer", "xyz")
    assert (second.status, second.json()["error"]) == (401, "invalid_grant")


def test_expired_code_is_refused(sandbox: SandboxHandle) -> None:
    sandbox.set("connection", code_s=0)
    assert exchange(sandbox, code(sandbox)).json()["error"] == "invalid_grant"


def test_form_body_is_accepted(sandbox: SandboxHandle) -> None:
    body = {"grant_type": "authorization_code", "code": code(sandbox), "redirect_uri": REDIRECT, **CLIENT}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert sandbox.request("POST", f"{BASE}/token", urlencode(body).encode(), headers).status == 200


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def test_basic_header_authenticates_the_client(sandbox: SandboxHandle) -> None:
    body = {"grant_type": "authorization_code", "code": code(sandbox), "redirect_uri": REDIRECT}
    assert token(sandbox, body, basic(CLIENT["client_id"], CLIENT["client_secret"])).status == 200


def test_wrong_secret_in_header_is_challenged(sandbox: SandboxHandle) -> None:
    answer = token(sandbox, refresh_with("x"), basic(CLIENT["client_id"], "wrong"))
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
    assert 'error="invalid_client"' in answer.headers["www-authenticate"]


def test_wrong_secret_in_body_is_not_challenged(sandbox: SandboxHandle) -> None:
    answer = exchange(sandbox, "any", client_secret="wrong")
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
    assert "www-authenticate" not in answer.headers


def test_credentials_twice_are_refused(sandbox: SandboxHandle) -> None:
    answer = token(sandbox, {**refresh_with("x"), **CLIENT}, basic(CLIENT["client_id"], CLIENT["client_secret"]))
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "unknown"}, 401, "invalid_grant"),
        ({"grant_type": "password"}, 401, "unauthorized_client"),
    ],
)
def test_token_errors(sandbox: SandboxHandle, body: dict[str, str], status: int, error: str) -> None:
    answer = token(sandbox, {**CLIENT, **body})
    assert (answer.status, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


def test_other_redirect_uri_than_before_is_refused(sandbox: SandboxHandle) -> None:
    assert exchange(sandbox, code(sandbox), redirect_uri="http://127.0.0.1/other").json()["error"] == "invalid_grant"


def test_refresh_ends_both_old_tokens(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    old = admin.tokens
    fresh = token(sandbox, {**refresh_with(old["refresh_token"]), **CLIENT}).json()
    again = token(sandbox, {**refresh_with(old["refresh_token"]), **CLIENT})
    assert admin.refusal("GET", "/extensions") == (401, "invalid_grant")
    assert again.json()["error"] == "invalid_grant"
    assert Kwebbl(sandbox, BASE, fresh).send("GET", "/extensions").status == 200


def test_expired_access_token_can_be_refreshed(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    sandbox.control("POST", "/companies/acme/tokens/expire")
    assert admin.refusal("GET", "/extensions") == (401, "invalid_grant")
    answer = token(sandbox, {**refresh_with(admin.tokens["refresh_token"]), **CLIENT})
    assert answer.status == 200


def test_revoked_grant_can_not_be_refreshed(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    sandbox.control("POST", "/companies/acme/tokens/revoke")
    answer = token(sandbox, {**refresh_with(admin.tokens["refresh_token"]), **CLIENT})
    assert answer.json()["error"] == "invalid_grant"


def test_older_grant_lives_unless_the_dialect_says_otherwise(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    Kwebbl.authorized(sandbox)
    assert admin.send("GET", "/extensions").status == 200
    sandbox.set("dialect", one_grant=True)
    Kwebbl.authorized(sandbox)
    assert admin.refusal("GET", "/extensions") == (401, "invalid_grant")


def test_admin_scopes_are_for_admins(sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", token_scope=True)
    tokens = sandbox.tokens(email=BRAM, scope="calls.events calls.events.personal")
    assert tokens["scope"] == "calls.events.personal"
    refused = back(sandbox.authorize(authorize_url(scope="calls.manage"), BRAM, "demo-bram"))
    assert refused["error"] == "access_denied"


def test_scope_may_be_narrowed_and_not_widened(sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", token_scope=True)
    narrowed = exchange(sandbox, code(sandbox, scope="user.info company.users"), scope="user.info")
    widened = exchange(sandbox, code(sandbox, scope="user.info"), scope="company.users")
    assert narrowed.json()["scope"] == "user.info"
    assert (widened.status, widened.json()["error"]) == (400, "invalid_request")


def test_companies_do_not_share_tokens(sandbox: SandboxHandle, admin: Kwebbl) -> None:
    other = Kwebbl(sandbox, "/kwebbl/globex/v100", admin.tokens)
    assert other.refusal("GET", "/extensions") == (401, "invalid_grant")
