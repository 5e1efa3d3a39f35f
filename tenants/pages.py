"""What page views share: the gate in front of them."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tenants.models import Role, User
from tenants.principals import ANY_SCOPE, Principal, memberships_of

P = ParamSpec("P")
_RANKS = [Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.OWNER]


class MemberRequest(HttpRequest):
    """A request that passed `page`: somebody is logged in, and `principal` is a member's."""

    user: User
    principal: Principal


def is_at_least(principal: Principal, role: Role) -> bool:
    """Whether a member's role is this one or above it."""
    return principal.role is not None and _RANKS.index(Role(principal.role)) >= _RANKS.index(role)


def page(
    *, role_at_least: Role = Role.AGENT, scope: str = ANY_SCOPE
) -> Callable[
    [Callable[Concatenate[MemberRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Lets members in who have the role and the scope; sends strangers to log in and come back; 403 for the rest.

    The view enters `tenant_scope(request.principal.tenant_id)` itself, around its queries, never around a vendor's
    HTTP call.
    """

    def decorate(
        view: Callable[Concatenate[MemberRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            member = cast(MemberRequest, request)
            if not member.principal:
                return _to_the_door(request)
            if not (is_at_least(member.principal, role_at_least) and member.principal.has_scope(scope)):
                raise PermissionDenied
            return view(member, *args, **kwargs)

        return guarded

    return decorate


def _to_the_door(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        return redirect_to_login(_way_back(request))
    if not memberships_of(request.user):
        raise PermissionDenied
    return redirect(f"{reverse('tenants')}?{urlencode({'next': _way_back(request)})}")


def _way_back(request: HttpRequest) -> str:
    """The page that was asked for; for a form that was posted, the page that it stood on."""
    if request.method == "GET":
        return request.get_full_path()
    page_of_form = urlsplit(request.headers.get("Referer", ""))
    return urlunsplit(("", "", page_of_form.path or reverse("home"), page_of_form.query, ""))
