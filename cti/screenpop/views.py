"""The agent's page: what is ringing, who it is, and what can be done about it. The rest is static/js/agent.js."""

from collections.abc import Iterable
from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from common.ids import parse_id, public_id
from cti.control.capabilities import capabilities_of, readable_accounts
from integrations.contract.capabilities import grouped
from integrations.models import Extension
from tenants.models import Membership
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope


@require_GET
@never_cache
@page()
def agent(request: MemberRequest) -> HttpResponse:
    """The page of the member's own calls; without a bound extension it says what an admin has to do."""
    membership = cast(Membership, request.principal.membership)  # `page` lets only members in
    extensions = bound_extensions(membership)
    data = {
        "member_id": membership.public_id,
        "region": request.principal.region,
        "extensions": extensions,
        "accounts": abilities(membership, {extension["account_id"] for extension in extensions}),
        "icons": static("img/icons.svg"),
        "ringing_icon": static("img/logo-ringing.svg"),
    }
    return render(request, "agent.html", {"extensions": extensions, "agent": data})


def abilities(membership: Membership, account_ids: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """What each account's phone system can do, as `GET /accounts/{id}/capabilities` tells it."""
    with tenant_scope(membership.tenant_id):
        accounts = readable_accounts().filter(pk__in=[parse_id("acc", account_id) for account_id in account_ids])
        return {account.public_id: grouped(capabilities_of(account)) for account in accounts}


def bound_extensions(membership: Membership) -> list[dict[str, Any]]:
    """The member's lines that the vendors' directories still list, by number, as the page's scripts want them."""
    with tenant_scope(membership.tenant_id):
        found = Extension.objects.filter(member=membership, gone_at=None).order_by("number", "id")
        return [
            {
                "id": extension.public_id,
                "number": extension.number,
                "name": extension.name,
                "account_id": public_id("acc", extension.account_id),
            }
            for extension in found
        ]
