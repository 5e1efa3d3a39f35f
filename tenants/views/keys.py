"""The API keys page: issue, list, revoke."""

import ipaddress
from datetime import UTC, date, datetime, time

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.ids import InvalidId, parse_id
from common.times import utc_now
from tenants import audit
from tenants.keys import issue_key, revoke_key
from tenants.models import ApiKey, Role, Scope
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope


class KeyForm(forms.Form):
    """A key to be issued."""

    name = forms.CharField(label="Name", max_length=200, help_text="What will use it.")
    scopes = forms.MultipleChoiceField(
        label="Scopes",
        choices=[(scope.value, scope.value) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text="What it may do. admin implies all others.",
    )
    expires_on = forms.DateField(
        label="Last day", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="In UTC."
    )
    allowed_networks = forms.CharField(
        label="Allowed networks",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Addresses or CIDRs such as 203.0.113.0/24, one a line. Empty: from anywhere.",
    )

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day and day < utc_now().date():
            raise forms.ValidationError("That day has passed.")
        return day

    def clean_allowed_networks(self) -> list[str]:
        words = self.cleaned_data["allowed_networks"].replace(",", " ").split()
        try:
            return [str(ipaddress.ip_network(word)) for word in words]
        except ValueError as error:
            raise forms.ValidationError(f"{error}.") from error

    @property
    def expires_at(self) -> datetime | None:
        """The last moment of the last day."""
        day: date | None = self.cleaned_data["expires_on"]
        return datetime.combine(day, time.max, UTC) if day else None


@never_cache
@require_http_methods(["GET", "POST"])
@page(role_at_least=Role.ADMIN)
def keys(request: MemberRequest) -> HttpResponse:
    """Lists the keys; POST issues one and shows it, in that answer alone."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    issued, secret = _issue(request, form) if form.is_bound and form.is_valid() else (None, None)
    with tenant_scope(request.principal.tenant_id):
        every = list(ApiKey.objects.select_related("created_by").order_by("-created_at"))
    context = {"keys": every, "form": KeyForm() if issued else form, "issued": issued, "secret": secret}
    return render(request, "tenants/keys.html", context | {"now": utc_now()})


@require_POST
@page(role_at_least=Role.ADMIN)
def key_revoke(request: MemberRequest, key_id: str) -> HttpResponse:
    """Revokes a key, from its next use on."""
    try:
        with tenant_scope(request.principal.tenant_id):
            key = revoke_key(ApiKey.objects.get(id=parse_id("key", key_id)), utc_now())
            audit.record(request.principal, "key.revoked", key.public_id, {"name": key.name}, request)
    except (InvalidId, ApiKey.DoesNotExist) as error:
        raise Http404 from error
    messages.success(request, f"{key.name} has been revoked.")
    return redirect("keys")


def _issue(request: MemberRequest, form: KeyForm) -> tuple[ApiKey, str]:
    principal, data = request.principal, form.cleaned_data
    with tenant_scope(principal.tenant_id):
        key, secret = issue_key(
            principal.tenant_id,
            name=data["name"],
            scopes=data["scopes"],
            created_by=principal.membership.user if principal.membership else None,
            expires_at=form.expires_at,
            allowed_networks=data["allowed_networks"],
        )
        audit.record(principal, "key.issued", key.public_id, {"name": key.name, "scopes": key.scopes}, request)
    return key, secret
