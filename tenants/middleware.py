"""Whom a page is for: the member behind the session, in the tenant that the session is on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from tenants.models import User
from tenants.principals import (
    SESSION_TENANT,
    CredentialRefused,
    Principal,
    memberships_of,
    principal_of,
    principal_of_session,
)


class MembershipMiddleware:
    """Puts `request.principal` on the request: looked up when it is first used, false where nobody is logged in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.principal = SimpleLazyObject(lambda: find_principal(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def find_principal(request: HttpRequest) -> Principal | None:
    """The logged-in member; None without a session, and for a user who has yet to choose among several tenants."""
    user = request.user
    if not isinstance(user, User):
        return None
    chosen = request.session.get(SESSION_TENANT)
    if chosen:
        try:
            return principal_of_session(user, UUID(chosen))
        except CredentialRefused:  # removed from that tenant since: another may be left
            leave_tenant(request.session)
    memberships = memberships_of(user)
    if len(memberships) != 1:
        return None
    request.session[SESSION_TENANT] = str(memberships[0].tenant_id)
    return principal_of(memberships[0])


def leave_tenant(session: SessionBase) -> None:
    """Forgets whatever a session kept for its tenant, half-filled forms included; its user stays logged in."""
    for name in [each for each in list(session.keys()) if not each.startswith("_auth_user_")]:
        del session[name]


def membership_context(request: HttpRequest) -> dict[str, Any]:
    """Template context: `principal` and its `membership` (`.role`, `.tenant.name`); None where nobody is logged in."""
    principal: Principal | None = getattr(request, "principal", None)  # missing where an earlier middleware answered
    return {"principal": principal or None, "membership": principal.membership if principal else None}
