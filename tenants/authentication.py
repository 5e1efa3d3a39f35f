"""How the API knows its callers, and what it lets them do. `request.auth` and `request.user` are the Principal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.principals import ANY_SCOPE, CredentialRefused, Principal, authenticate_token

if TYPE_CHECKING:  # this module is named in the settings that rest_framework.views reads while it is imported
    from rest_framework.views import APIView


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer pb_…`; another kind of Authorization is left to the other authenticators."""

    def authenticate(self, request: Request) -> tuple[Principal, Principal] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            principal = authenticate_token(token.strip(), request.META.get("REMOTE_ADDR", ""))
        except CredentialRefused as error:
            raise AuthenticationFailed(str(error)) from error
        return principal, principal

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Patchbay"'


class MemberSessionAuthentication(SessionAuthentication):
    """The browser's session, for pages that call the API; demands the CSRF token for whatever changes something."""

    def authenticate(self, request: Request) -> tuple[Principal, Principal] | None:
        django_request: HttpRequest = request._request
        principal: Principal | None = django_request.principal  # type: ignore[attr-defined]  # MembershipMiddleware
        if not principal:
            return None
        self.enforce_csrf(request)
        return principal, principal


class HasScope(BasePermission):
    """Compares the principal's scopes with the view's `required_scopes`.

    That is one scope, or a mapping of HTTP methods to scopes; ANY_SCOPE lets every caller in.
    Nobody gets into a view, or at a method, that declares nothing.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, Principal):
            return False
        method = request.method or ""
        if not hasattr(view, method.lower()):
            return True  # nothing to protect: the view answers 405
        scope = required_scope(view, method)
        if scope is None:
            return False
        self.message = f"This takes the scope {scope}."
        return request.auth.has_scope(scope)


def required_scope(view: Any, method: str) -> str | None:
    """The scope that a view declares for this request, None where it declares none."""
    if method == "OPTIONS":
        return ANY_SCOPE  # it only tells the methods
    declared: str | Mapping[str, str] | None = getattr(view, "required_scopes", None)
    if declared is None or isinstance(declared, str):
        return declared
    return declared.get("GET" if method == "HEAD" else method)
