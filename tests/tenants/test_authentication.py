"""Who gets into the API: keys, sessions, scopes."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import path
from django.utils.crypto import get_random_string
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from common.times import utc_now
from tenants.keys import revoke_key
from tenants.models import ROLE_SCOPES, ApiKey, Role, Scope
from tenants.principals import ANY_SCOPE, CredentialRefused, Principal, authenticate_token, principal_of_session
from tenants.rls import tenant_scope
from tests.tenancy import HOST, Company

ANYWHERE = "198.51.100.7"


class Probe(APIView):
    """Answers who asks."""

    required_scopes: Any = {"GET": Scope.CALLS_READ, "POST": Scope.CALLS_CONTROL}

    def get_exception_handler(self) -> Any:
        return exception_handler

    def get(self, request: Request) -> Response:
        principal: Principal = request.auth  # type: ignore[assignment]  # its stubs know rest_framework's own Token
        return Response({"actor": principal.actor})

    post = get


class Forgetful(Probe):
    required_scopes = None


class HalfForgetful(Probe):
    required_scopes = {"POST": ANY_SCOPE}


pytestmark = pytest.mark.urls(__name__)
urlpatterns = [
    path("probe", Probe.as_view()),
    path("forgetful", Forgetful.as_view()),
    path("half-forgetful", HalfForgetful.as_view()),
]


def stored(company: Company, text: str) -> ApiKey:
    with tenant_scope(company.tenant.id):
        return ApiKey.objects.get(prefix=text.split("_")[1])


def test_key_leads_to_its_tenant_and_scopes(acme: Company, globex: Company) -> None:
    key = globex.key(Scope.CALLS_READ)
    principal = authenticate_token(key, ANYWHERE)
    assert (principal.tenant_id, principal.region, principal.role) == (globex.tenant.id, "NL", None)
    assert principal.actor == "pb_" + key.split("_")[1]
    assert principal.has_scope(Scope.CALLS_READ)
    assert principal.has_scope(ANY_SCOPE)
    assert not principal.has_scope(Scope.CALLS_CONTROL)


def test_admin_scope_implies_all(acme: Company) -> None:
    principal = authenticate_token(acme.key(Scope.ADMIN), ANYWHERE)
    assert all(principal.has_scope(scope) for scope in Scope)


@pytest.mark.parametrize("text", ["", "pb_", "nonsense", "pb_000000000000_" + "x" * 43, "pb_\x00_y"])
def test_unknown_key_is_refused(acme: Company, text: str) -> None:
    with pytest.raises(CredentialRefused, match="not known"):
        authenticate_token(text, ANYWHERE)


def test_key_with_another_secret_is_refused(acme: Company) -> None:
    with pytest.raises(CredentialRefused, match="not known"):
        authenticate_token(acme.api_key[:-1] + ("A" if acme.api_key[-1] != "A" else "B"), ANYWHERE)


def test_revoked_key_is_refused(acme: Company) -> None:
    key = acme.key(Scope.ADMIN)
    with tenant_scope(acme.tenant.id):
        revoke_key(stored(acme, key), utc_now())
    with pytest.raises(CredentialRefused, match="revoked"):
        authenticate_token(key, ANYWHERE)


def test_expired_key_is_refused(acme: Company) -> None:
    authenticate_token(acme.key(Scope.ADMIN, expires_at=utc_now() + timedelta(minutes=1)), ANYWHERE)
    with pytest.raises(CredentialRefused, match="expired"):
        authenticate_token(acme.key(Scope.ADMIN, expires_at=utc_now()), ANYWHERE)


@pytest.mark.parametrize("address", ["192.0.2.9", "2001:db8::1", "::ffff:192.0.2.9"])
def test_key_works_in_its_networks(acme: Company, address: str) -> None:
    key = acme.key(Scope.ADMIN, allowed_networks=["192.0.2.0/24", "2001:db8::/32"])
    assert authenticate_token(key, address).tenant_id == acme.tenant.id


@pytest.mark.parametrize("address", [ANYWHERE, "2001:db9::1", ""])
def test_key_is_refused_outside_its_networks(acme: Company, address: str) -> None:
    key = acme.key(Scope.ADMIN, allowed_networks=["192.0.2.0/24", "2001:db8::/32"])
    with pytest.raises(CredentialRefused, match="address"):
        authenticate_token(key, address)


def test_use_of_a_key_is_noted_once_a_minute(acme: Company) -> None:
    authenticate_token(acme.api_key, ANYWHERE)
    first = stored(acme, acme.api_key).last_used_at
    authenticate_token(acme.api_key, ANYWHERE)
    assert first is not None
    assert stored(acme, acme.api_key).last_used_at == first
    with tenant_scope(acme.tenant.id):
        ApiKey.objects.update(last_used_at=first - timedelta(minutes=1))
    authenticate_token(acme.api_key, ANYWHERE)
    assert (stored(acme, acme.api_key).last_used_at or first) > first


def test_secret_is_not_stored(acme: Company) -> None:
    secret = acme.api_key.split("_", 2)[2]
    assert secret.encode() not in bytes(stored(acme, acme.api_key).secret_digest)


def test_member_has_the_scopes_of_the_role(acme: Company) -> None:
    agent = acme.member(Role.AGENT)
    principal = principal_of_session(agent.user, acme.tenant.id)
    assert principal.scopes == ROLE_SCOPES[Role.AGENT]
    assert (principal.actor, principal.role) == (agent.user.email, Role.AGENT)


def test_session_of_a_former_member_is_refused(acme: Company, globex: Company) -> None:
    with pytest.raises(CredentialRefused):
        principal_of_session(acme.owner, globex.tenant.id)


def test_api_answers_a_key(acme: Company) -> None:
    key = acme.key(Scope.CALLS_READ)
    response = acme.program(key).get("/probe")
    assert (response.status_code, response.json()) == (200, {"actor": key[:15]})


def test_api_answers_401_without_credential(db: None) -> None:
    response = Client(headers={"host": HOST}).get("/probe")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="Patchbay"')


def test_api_answers_401_to_a_bad_key(acme: Company) -> None:
    response = acme.program("pb_x").get("/probe")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="Patchbay"')


def test_api_answers_403_without_the_scope_of_the_method(acme: Company) -> None:
    program = acme.program(acme.key(Scope.CALLS_READ))
    assert (program.get("/probe").status_code, program.post("/probe").status_code) == (200, 403)


def test_api_answers_405_to_a_method_that_a_view_has_not(acme: Company) -> None:
    assert acme.program().delete("/probe").status_code == 405


@pytest.mark.parametrize("address", ["/forgetful", "/half-forgetful"])
def test_view_that_declares_no_scope_lets_nobody_in(acme: Company, address: str) -> None:
    assert acme.program().get(address).status_code == 403


def test_session_is_a_credential_of_the_api(acme: Company) -> None:
    response = acme.browser().get("/probe")
    assert (response.status_code, response.json()["actor"]) == (200, acme.owner.email)


def test_session_needs_the_csrf_token_to_change_something(acme: Company) -> None:
    browser = acme.browser(enforce_csrf_checks=True)
    assert browser.post("/probe").status_code == 403
    browser.cookies["csrftoken"] = token = get_random_string(32)
    assert browser.post("/probe", {}, "application/json", headers={"x-csrftoken": token}).status_code == 200


def test_key_needs_no_csrf_token(acme: Company) -> None:
    client = Client(headers={"host": HOST, "authorization": f"Bearer {acme.api_key}"}, enforce_csrf_checks=True)
    assert client.post("/probe", {}, "application/json").status_code == 200
