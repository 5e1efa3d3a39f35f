"""The accounts page: every connected PBX with its health at a glance."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from common.times import utc_now
from integrations.pages.health import overviews
from tenants.models import Scope
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope


@require_GET
@never_cache
@page(scope=Scope.ACCOUNTS_READ)
def accounts(request: MemberRequest) -> HttpResponse:
    """The list; js/accounts.js keeps it up to date. `?gone` comes from the page of an account that is no more."""
    with tenant_scope(request.principal.tenant_id):
        every = overviews(utc_now())
    can_manage = request.principal.has_scope(Scope.ACCOUNTS_MANAGE)
    context = {"overviews": every, "can_manage": can_manage, "is_one_gone": "gone" in request.GET}
    return render(request, "integrations/accounts.html", context)
