"""The page of one account, and what its buttons do."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.times import utc_now
from integrations.accounts import delete_account, test_account
from integrations.contract.errors import VendorError
from integrations.directory import sync_directory
from integrations.hooks import callback_url
from integrations.models import Extension, PbxAccount, Queue, VendorSubscription
from integrations.pages.directory import directory
from integrations.pages.find import find_account
from integrations.pages.health import abilities_of, callback_host, missing_permissions, overviews
from integrations.registry import adapter_class, catalogue_entry
from integrations.tokens import needs_browser
from tenants import audit
from tenants.models import Membership, Scope
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope


@require_GET
@never_cache
@page(scope=Scope.ACCOUNTS_READ)
def account(request: MemberRequest, account_id: str) -> HttpResponse:
    """How the account is; js/account.js keeps it up to date and adds the events as they arrive."""
    return _show(request, find_account(request, account_id))


@require_http_methods(["GET", "POST"])
@never_cache
@page(scope=Scope.ACCOUNTS_MANAGE)
def account_callback(request: MemberRequest, account_id: str) -> HttpResponse:
    """POST answers the page with the secret callback addresses, in this answer alone; coming back finds them gone."""
    found = find_account(request, account_id)
    if request.method == "GET":
        return redirect("account", found.public_id)
    with tenant_scope(request.principal.tenant_id):
        current = VendorSubscription.objects.filter(account=found).exclude(status=VendorSubscription.Status.ENDED)
        hooks = current.exclude(hook_token_digest=None).order_by("-created_at")
        addresses = [callback_url(found.vendor, each) for each in hooks]
        audit.record(request.principal, "account.callback_revealed", found.public_id, request=request)
    return _show(request, found, revealed=addresses)


@require_POST
@page(scope=Scope.ACCOUNTS_MANAGE)
def account_test(request: MemberRequest, account_id: str) -> HttpResponse:
    """A live round trip to the vendor."""
    found = find_account(request, account_id)
    result = test_account(found.tenant_id, found.pk)
    with tenant_scope(found.tenant_id):
        audit.record(request.principal, "account.tested", found.public_id, {"ok": result.ok}, request)
    if result.ok:
        messages.success(request, f"{found.name} answered in {result.latency_ms:.0f} ms: {result.detail}.")
    else:
        messages.error(request, f"The test failed: {result.detail}")
    return redirect("account", found.public_id)


@require_POST
@page(scope=Scope.ACCOUNTS_MANAGE)
def account_sync(request: MemberRequest, account_id: str) -> HttpResponse:
    """Copies the vendor's directory now."""
    found = find_account(request, account_id)
    try:
        count = sync_directory(found.tenant_id, found.pk, now=utc_now())
    except VendorError as error:
        messages.error(request, f"The directory couldn't be copied: {error}")
    else:
        with tenant_scope(found.tenant_id):
            audit.record(request.principal, "account.synced", found.public_id, {"extensions": count}, request)
        messages.success(request, f"The directory is up to date: {_count(count, 'extension')}.")
    return redirect("account", found.public_id)


@require_POST
@page(scope=Scope.ACCOUNTS_MANAGE)
def account_disconnect(request: MemberRequest, account_id: str) -> HttpResponse:
    """Disconnects, if the box that says so was ticked."""
    found = find_account(request, account_id)
    if not request.POST.get("confirmed"):
        messages.error(request, "Nothing was disconnected: tick the box to confirm.")
        return redirect("account", found.public_id)
    delete_account(found.tenant_id, found.pk)
    detail = {"vendor": found.vendor, "name": found.name}
    with tenant_scope(found.tenant_id):
        audit.record(request.principal, "account.deleted", found.public_id, detail, request)
    messages.success(request, f"{found.name} is disconnected.")
    return redirect("accounts")


def _show(request: MemberRequest, found: PbxAccount, *, revealed: list[str] | None = None) -> HttpResponse:
    with tenant_scope(found.tenant_id):
        (overview,) = overviews(utc_now(), pk=found.pk)
        context: dict[str, Any] = {
            "overview": overview,
            "account": overview.account,
            "vendor": catalogue_entry(found.vendor),
            "abilities": abilities_of(overview.account, overview.grant),
            "missing": missing_permissions(overview.account, overview.grant),
            "callback_host": callback_host(),
            "revealed": revealed,
            "pasted": adapter_class(found.vendor).pasted_subscription,
            "can_manage": request.principal.has_scope(Scope.ACCOUNTS_MANAGE),
            "takes_browser": needs_browser(found),
            "is_pending": overview.account.status == PbxAccount.Status.PENDING_AUTHORIZATION,
            "directory": directory(found, request.GET.get("q", "")),
            "queues": list(Queue.objects.filter(account=found, gone_at=None).order_by("number", "name")),
            "members": list(Membership.objects.select_related("user").order_by("user__name", "user__email")),
            "stops": _what_stops(found, overview.lines),
        }
    return render(request, "integrations/account.html", context)


def _what_stops(found: PbxAccount, lines: int) -> str:
    """Whom disconnecting concerns."""
    bound = Extension.objects.filter(account=found, gone_at=None).exclude(member=None)
    agents = bound.values("member").distinct().count()
    return f"{_count(lines, 'line')} and {_count(agents, 'agent')}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
