"""The wallboard: queues, agents and calls at a glance, for supervisors. What is live about it is static/js/wallboard.js."""

from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cti.control.capabilities import capabilities_of, readable_accounts
from cti.screenpop.views import bound_extensions
from integrations.contract.capabilities import Capability, grouped
from tenants.models import Membership, Role
from tenants.pages import MemberRequest, is_at_least, page
from tenants.rls import tenant_scope

_ON_OWN_LINE = frozenset({Capability.SUPERVISE, Capability.STEAL, Capability.PICKUP})


@require_GET
@never_cache
@page(role_at_least=Role.SUPERVISOR)
def wallboard(request: MemberRequest) -> HttpResponse:
    """Says what is missing, too: a phone system, or a line of one's own to listen in on."""
    membership = cast(Membership, request.principal.membership)  # `page` lets only members in
    with tenant_scope(membership.tenant_id):
        able = {account: capabilities_of(account) for account in readable_accounts()}
    lines = bound_extensions(membership)
    data: dict[str, Any] = {
        "extensions": lines,
        "accounts": {each.public_id: {"name": each.name, "can": grouped(can)} for each, can in able.items()},
    }
    context = {
        "wallboard": data,
        "has_accounts": bool(able),
        "lineless": not lines and any(_ON_OWN_LINE & can for can in able.values()),
        "may_connect": is_at_least(request.principal, Role.ADMIN),
    }
    return render(request, "wallboard.html", context)
