"""Authorization: the page, codes with PKCE, tokens and their rotation, revocation, WebSocket tokens."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.sandbox.ringcentral.client import COMPANY, JWT_BEARER, ROSA, RingCentral, credentials, post_form
from tests.sandbox_server import Answer, SandboxHandle

BASE = f"/ringcentral/{COMPANY}/restapi/oauth"
REDIRECT = "http://127.0.0.1:8000/integrations/oauth/callback"
VERIFIER = "a-verifier-that-is-long-enough-to-be-one-0123456789"
S256 = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorize_url(sandbox: SandboxHandle, **changes: str) -> str:
    query = {"response_type": "code", "client_id": credentials(sandbox)[0], "redirect_uri": REDIRECT, "state": "xyz"}
    return f"{BASE}/authorize?{urlencode({**query, **changes})}"


def back(location: str) -> dict[str, str]:
    assert location.startswith(REDIRECT + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def code(sandbox: SandboxHandle, **changes: str) -> str:
    return back(sandbox.authorize(authorize_url(sandbox, **changes), ROSA, "demo-rosa"))["code"]


def token(sandbox: SandboxHandle, **form: str) -> Answer:
    return post_form(sandbox, "token", form, credentials(sandbox))


def exchange(sandbox: SandboxHandle, value: str, **changes: str) -> Answer:
    form = {"grant_type": "authorization_code", "code": value, "redirect_uri": REDIRECT}
    return token(sandbox, **{**form, **changes})


def refresh(sandbox: SandboxHandle, tokens: dict[str, Any]) -> Answer:
    return token(sandbox, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def problem(answer: Answer) -> tuple[int, str, str]:
    body = answer.json()
    assert body["error_description"] == body["message"]
    return answer.status, body["error"], body["errorCode"]


def test_page_asks_who_you_are(sandbox: SandboxHandle) -> None:
    page = sandbox.request("GET", authorize_url(sandbox))
    assert (page.status, page.headers["x-frame-options"]) == (200, "DENY")
    assert 'name="password"' in page.body.decode()


def test_allow_sends_code_and_state_back(sandbox: SandboxHandle) -> None:
    answer = back(sandbox.authorize(authorize_url(sandbox), ROSA.upper(), "demo-rosa"))
    assert (answer["state"], answer["expires_in"], set(answer)) == ("xyz", "60", {"code", "state", "expires_in"})


@pytest.mark.parametrize(("password", "decision"), [("wrong", "allow"), ("demo-rosa", "deny")])
def test_refusal_is_told_to_the_application(sandbox: SandboxHandle, password: str, decision: str) -> None:
    answer = back(sandbox.authorize(authorize_url(sandbox), ROSA, password, decision))
    assert (answer["error"], answer["state"]) == ("access_denied", "xyz")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": "x", "code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_wrong_parameters_are_told_to_the_application(
    sandbox: SandboxHandle, changes: dict[str, str], error: str
) -> None:
    answer = sandbox.request("GET", authorize_url(sandbox, **changes))
    assert (answer.status, back(answer.headers["location"])["error"]) == (302, error)


@pytest.mark.parametrize("changes", [{"client_id": "nobody"}, {"redirect_uri": "https://elsewhere.example/cb"}])
def test_untrusted_redirect_is_not_followed(sandbox: SandboxHandle, changes: dict[str, str]) -> None:
    answer = sandbox.request("GET", authorize_url(sandbox, **changes))
    assert (answer.status, "location" in answer.headers) == (400, False)


def test_registered_redirect_must_match_exactly(sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, redirect_uris=[REDIRECT])
    assert sandbox.request("GET", authorize_url(sandbox)).status == 200
    assert sandbox.request("GET", authorize_url(sandbox, redirect_uri=REDIRECT + "/")).status == 400


def test_code_becomes_tokens_once(sandbox: SandboxHandle) -> None:
    value = code(sandbox)
    first, second = exchange(sandbox, value), exchange(sandbox, value)
    tokens = first.json()
    facts = sandbox.company(COMPANY)
    assert tokens["owner_id"] == next(each["extension_id"] for each in facts["users"] if each["email"] == ROSA)
    assert (tokens["token_type"], tokens["expires_in"], tokens["refresh_token_expires_in"]) == ("bearer", 3600, 604800)
    assert tokens["endpoint_id"]
    assert "CallControl" in tokens["scope"].split()
    assert problem(second) == (400, "invalid_grant", "OAU-106")


def test_code_expires(sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, code_s=0)
    assert problem(exchange(sandbox, code(sandbox))) == (400, "invalid_grant", "OAU-106")


def test_other_redirect_uri_than_before_is_refused(sandbox: SandboxHandle) -> None:
    answer = exchange(sandbox, code(sandbox), redirect_uri="http://127.0.0.1/other")
    assert problem(answer) == (400, "invalid_grant", "OAU-109")


@pytest.mark.parametrize(
    ("challenge", "verifier", "status"),
    [
        ({"code_challenge": S256, "code_challenge_method": "S256"}, VERIFIER, 200),
        ({"code_challenge": S256, "code_challenge_method": "S256"}, "another", 400),
        ({"code_challenge": S256, "code_challenge_method": "S256"}, "", 400),
        ({"code_challenge": VERIFIER}, VERIFIER, 200),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, S256, 400),
    ],
)
def test_pkce(sandbox: SandboxHandle, challenge: dict[str, str], verifier: str, status: int) -> None:
    value = code(sandbox, **challenge)
    assert exchange(sandbox, value, code_verifier=verifier).status == status


def test_public_client_names_itself_and_must_use_pkce(sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, public=True)
    refused = back(sandbox.request("GET", authorize_url(sandbox)).headers["location"])
    assert refused["error"] == "invalid_request"
    value = code(sandbox, code_challenge=S256, code_challenge_method="S256")
    form = {"grant_type": "authorization_code", "code": value, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    assert post_form(sandbox, "token", {**form, "client_id": credentials(sandbox)[0]}).status == 200


def test_client_must_prove_itself(sandbox: SandboxHandle) -> None:
    client_id, secret = credentials(sandbox)
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    for basic in (None, (client_id, "wrong"), ("nobody", secret)):
        assert problem(post_form(sandbox, "token", form, basic)) == (401, "invalid_client", "OAU-146")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, (400, "invalid_request", "CMN-101")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", "OAU-125")),
        ({"grant_type": "authorization_code"}, (400, "invalid_request", "CMN-101")),
        ({"grant_type": "refresh_token", "refresh_token": "unknown"}, (400, "invalid_grant", "OAU-211")),
        ({"grant_type": JWT_BEARER, "assertion": "a.b.c"}, (400, "invalid_grant", "OAU-140")),
        (
            {"grant_type": "refresh_token", "refresh_token": "x", "access_token_ttl": "-1"},
            (400, "invalid_request", "CMN-101"),
        ),
    ],
)
def test_token_errors(sandbox: SandboxHandle, form: dict[str, str], expected: tuple[int, str, str]) -> None:
    assert problem(token(sandbox, **form)) == expected


def test_lifetimes_are_as_asked_within_bounds(sandbox: SandboxHandle) -> None:
    tokens = exchange(sandbox, code(sandbox), access_token_ttl="60", refresh_token_ttl="9999999").json()
    assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == (600, 2592000)


def test_refresh_ends_the_old_access_token_at_once(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    fresh = refresh(sandbox, rosa.tokens).json()
    assert rosa.refusal("GET", "/account/~") == (401, "OAU-213")
    assert fresh["endpoint_id"] == rosa.tokens["endpoint_id"]
    assert RingCentral(sandbox, rosa.base, rosa.account_id, fresh).get("/account/~")["id"] == rosa.account_id


def test_used_refresh_token_answers_the_same_pair_while_that_is_unused(
    sandbox: SandboxHandle, rosa: RingCentral
) -> None:
    first, again = refresh(sandbox, rosa.tokens).json(), refresh(sandbox, rosa.tokens).json()
    assert (again["access_token"], again["refresh_token"]) == (first["access_token"], first["refresh_token"])


def test_refresh_token_before_the_last_is_dead(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    second = refresh(sandbox, rosa.tokens).json()
    refresh(sandbox, second)
    assert problem(refresh(sandbox, rosa.tokens)) == (400, "invalid_grant", "OAU-211")


def test_expired_access_token_can_be_refreshed(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.control("POST", f"/companies/{COMPANY}/tokens/expire")
    assert rosa.refusal("GET", "/account/~") == (401, "OAU-128")
    assert refresh(sandbox, rosa.tokens).status == 200


def test_revoked_session_is_gone_whole(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    answer = post_form(sandbox, "revoke", {"token": rosa.tokens["refresh_token"]}, credentials(sandbox))
    assert (answer.status, answer.body) == (200, b"")
    assert rosa.refusal("GET", "/account/~") == (401, "OAU-213")
    assert problem(refresh(sandbox, rosa.tokens)) == (400, "invalid_grant", "OAU-211")


def test_revoking_at_the_console_ends_grants(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.control("POST", f"/companies/{COMPANY}/tokens/revoke")
    assert problem(refresh(sandbox, rosa.tokens)) == (400, "invalid_grant", "OAU-211")


def test_sixth_session_of_a_user_ends_the_first(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    sandbox.set("connection", COMPANY, rate_limits=False)
    for _ in range(4):
        RingCentral.logged_in(sandbox)
    assert rosa.send("GET", "/account/~").status == 200
    RingCentral.logged_in(sandbox)
    assert rosa.refusal("GET", "/account/~") == (401, "OAU-213")


def test_token_may_be_in_the_query(sandbox: SandboxHandle, rosa: RingCentral) -> None:
    path = f"{rosa.base}/restapi/v1.0/account/~?access_token={rosa.tokens['access_token']}"
    assert sandbox.request("GET", path).status == 200


@pytest.mark.parametrize(("header", "code"), [("", "OAU-151"), ("Basic eA==", "OAU-123"), ("Bearer no", "OAU-213")])
def test_requests_without_a_valid_token(sandbox: SandboxHandle, rosa: RingCentral, header: str, code: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = sandbox.request("GET", f"{rosa.base}/restapi/v1.0/account/~", None, headers)
    assert (answer.status, answer.json()["errorCode"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")
