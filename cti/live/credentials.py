"""Who is at the other end of a socket, and whether still."""

from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest

from integrations.models import Extension
from tenants.middleware import find_principal
from tenants.models import Role
from tenants.principals import CredentialRefused, Principal, authenticate_token
from tenants.rls import tenant_scope


class Credential:
    """A principal, and the way to ask again whether it still holds."""

    def __init__(self, look_up: Callable[[], Principal]) -> None:
        close_old_connections()
        self._look_up = look_up
        self._take(look_up())

    def renew(self) -> None:
        """Looks the credential up again; raises CredentialRefused, also where it is another tenant's by now."""
        close_old_connections()
        principal = self._look_up()
        if principal.tenant_id != self.principal.tenant_id:
            raise CredentialRefused("This session is on another company now.")
        self._take(principal)

    def _take(self, principal: Principal) -> None:
        self.principal = principal
        self.own_extensions = _own_extensions(principal)


def token_of(token: str, remote_addr: str) -> Credential:
    """An API key's credential; raises CredentialRefused."""
    return Credential(lambda: authenticate_token(token, remote_addr))


def credential_of(request: HttpRequest) -> Credential:
    """That of a request which the API has let in; raises CredentialRefused where it no longer holds."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token_of(token.strip(), request.META.get("REMOTE_ADDR", ""))
    key = request.session.session_key or ""
    return Credential(lambda: _principal_of_session(key))


def session_of(scope: Mapping[str, Any]) -> Credential | None:
    """The browser session's credential, None where the request carries none that holds."""
    key = _session_key(scope)
    if key is None:
        return None
    try:
        return Credential(lambda: _principal_of_session(key))
    except CredentialRefused:
        return None


def _session_key(scope: Mapping[str, Any]) -> str | None:
    header = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    try:
        morsel = SimpleCookie(header).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _principal_of_session(key: str) -> Principal:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    request.user = get_user(request)
    principal = find_principal(request)
    if principal is None:
        raise CredentialRefused("Nobody is logged in any more.")
    return principal


def _own_extensions(principal: Principal) -> frozenset[UUID] | None:
    """The extensions whose calls alone an agent may see; None for everybody else."""
    if principal.membership is None or principal.role != Role.AGENT:
        return None
    with tenant_scope(principal.tenant_id):
        return frozenset(Extension.objects.filter(member=principal.membership).values_list("id", flat=True))
