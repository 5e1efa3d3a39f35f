"""The audit page: the log, newest first, filtered by who, what and to what."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tenants.models import AuditEntry, Role
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope

_PAGE_SIZE = 50


class AuditFilter(forms.Form):
    """The filter in the address; `before` is the last entry of the page before."""

    actor = forms.CharField(label="Who", required=False, max_length=320)
    action = forms.CharField(label="Did what", required=False, max_length=60)
    target = forms.CharField(label="To what", required=False, max_length=60)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)


@require_GET
@page(role_at_least=Role.ADMIN)
def audit(request: MemberRequest) -> HttpResponse:
    """A page of entries, `?actor=&action=&target=&before=`."""
    form = AuditFilter(request.GET)
    if not form.is_valid():
        raise Http404
    wanted = form.cleaned_data
    with tenant_scope(request.principal.tenant_id):
        entries = list(_matching(wanted)[: _PAGE_SIZE + 1])
    shown = entries[:_PAGE_SIZE]
    older = _address_of_older(request.GET, shown[-1].id) if len(entries) > _PAGE_SIZE else None
    filtered = any(wanted.get(name) for name in ("actor", "action", "target"))
    context = {"entries": shown, "form": form, "older": older, "filtered": filtered}
    return render(request, "tenants/audit.html", context)


def _matching(wanted: dict[str, Any]) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.order_by("-at", "-id")
    for name in ("actor", "action", "target"):
        if wanted.get(name):
            found = found.filter(**{f"{name}__icontains": wanted[name]})
    last = AuditEntry.objects.filter(id=wanted["before"]).first() if wanted.get("before") else None
    if last:
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, id__lt=last.id))
    return found


def _address_of_older(query: QueryDict, last: UUID) -> str:
    following = query.copy()
    following["before"] = str(last)
    return f"?{following.urlencode()}"
