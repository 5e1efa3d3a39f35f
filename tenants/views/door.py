"""Logging in and out, choosing among one's companies, and the way to where one's work is."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenants import audit
from tenants.middleware import leave_tenant
from tenants.models import Membership, Role, User
from tenants.pages import MemberRequest, page
from tenants.principals import SESSION_TENANT, memberships_of, principal_of
from tenants.rls import tenant_scope

_WORKPLACES: dict[str | None, str] = {Role.AGENT: "agent", Role.SUPERVISOR: "wallboard"}


class LoginForm(forms.Form):
    """Checks the credentials, counted by django-axes; `user` is who they belong to."""

    email = forms.CharField(max_length=254)
    password = forms.CharField(max_length=1000, strip=False)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if "email" in data and "password" in data:
            # Lower case, so that spelling an address in other ways doesn't buy more attempts.
            found = authenticate(self.request, email=data["email"].lower(), password=data["password"])
            if not isinstance(found, User):
                raise forms.ValidationError("That e-mail address and password don't belong together.")
            self.user = found
        return data


@never_cache
@require_http_methods(["GET", "POST"])
def login_view(request: HttpRequest) -> HttpResponse:
    """The login form. A lockout answers 429 through django-axes' middleware."""
    target = safe_next(request)
    form = LoginForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.user:
        login(request, form.user)  # takes a new session key, so a planted one is worth nothing
        _enter(request, memberships_of(form.user))
        return redirect(target)
    if request.method == "GET" and isinstance(request.user, User):
        return redirect(target)
    return render(request, "login.html", {"form": form, "next": target})


@require_POST
def logout_view(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    logout(request)
    return redirect("login")


@never_cache
@require_http_methods(["GET", "POST"])
def choose_tenant(request: HttpRequest) -> HttpResponse:
    """For members of several companies: which one this session is on. POST `tenant` switches."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    memberships = memberships_of(request.user)
    target = safe_next(request)
    if request.method == "POST":
        chosen = [each for each in memberships if each.tenant.public_id == request.POST.get("tenant")]
        if not chosen:
            raise Http404
        leave_tenant(request.session)
        _enter(request, chosen)
        return redirect(target)
    return render(request, "tenants/choose.html", {"memberships": memberships, "next": target})


@require_GET
@page()
def home(request: MemberRequest) -> HttpResponse:
    """Sends everybody on to where their role's work is."""
    return redirect(_WORKPLACES.get(request.principal.role, "accounts"))


def safe_next(request: HttpRequest) -> str:
    """Where the visitor wanted to go: `next`, if it is an address of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours else reverse("home")


def _enter(request: HttpRequest, memberships: list[Membership]) -> None:
    """Puts the session on a member's one tenant. With several he chooses on the next page, with none he is told so."""
    if len(memberships) != 1:
        return
    principal = principal_of(memberships[0])
    request.session[SESSION_TENANT] = str(principal.tenant_id)
    with tenant_scope(principal.tenant_id):
        audit.record(principal, "session.started", request=request)
