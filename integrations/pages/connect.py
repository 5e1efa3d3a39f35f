"""The connect wizard: choose a vendor, say where and as whom, then authorize or test. Changing an account is its second step.

A form that comes back with errors has everything that was typed; secrets among it wait in the session (draft.py).
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from integrations.accounts import InvalidAccount, create_account, test_account, update_account
from integrations.contract.adapter import PbxAdapter
from integrations.models import PbxAccount
from integrations.oauth import callback_uri
from integrations.pages import draft
from integrations.pages.abilities import abilities
from integrations.pages.find import find_account
from integrations.pages.forms import AccountForm, stored_secrets, stored_values
from integrations.pages.reach import why_unreachable
from integrations.pages.ways import ways_of
from integrations.registry import CatalogueEntry, UnknownVendor, adapter_class, catalogue, catalogue_entry
from integrations.validation import check_account
from tenants import audit
from tenants.models import Scope
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@page(scope=Scope.ACCOUNTS_MANAGE)
def account_new(request: MemberRequest) -> HttpResponse:
    """`?vendor=` is the vendor chosen; without it the catalogue is shown. POST connects."""
    key = request.GET.get("vendor")
    if key is None:
        choices = [(vendor, abilities(vendor.capabilities), _how_to_sign_in(vendor)) for vendor in catalogue()]
        return render(request, "integrations/choose_vendor.html", {"choices": choices})
    try:
        adapter = adapter_class(key)
    except UnknownVendor as error:
        raise Http404(str(error)) from error
    if request.method == "GET":
        draft.forget(request.session)
        return _wizard(request, adapter, AccountForm(adapter, initial={"name": adapter.label}))
    form = AccountForm(adapter, _with_kept_secrets(request, f"new {key}"))
    account = _create(request, adapter, form)
    if account is None:
        draft.keep(request.session, f"new {key}", form.secrets())
        return _wizard(request, adapter, form)
    return _onwards(request, adapter, account)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@page(scope=Scope.ACCOUNTS_MANAGE)
def account_edit(request: MemberRequest, account_id: str) -> HttpResponse:
    """Name, address, credentials and settings of an account; POST changes them and says what that leads to."""
    account = find_account(request, account_id)
    adapter = adapter_class(account.vendor)
    initial, stored = stored_values(adapter, account), stored_secrets(adapter, account)
    if request.POST.get("base_url", "").rstrip("/") not in {"", account.base_url}:
        stored = frozenset()  # another host gets no stored secrets
    if request.method == "GET":
        draft.forget(request.session)
        return _edit(request, account, AccountForm(adapter, initial=initial, stored=stored))
    data = _with_kept_secrets(request, account.public_id)
    form = AccountForm(adapter, data, initial=initial, stored=stored)
    changed = _change(request, account, form)
    if changed is None:
        draft.keep(request.session, account.public_id, form.secrets())
        return _edit(request, account, form)
    return _onwards(request, adapter, changed)


def _how_to_sign_in(vendor: CatalogueEntry) -> list[str]:
    """In sentences, without a full stop."""
    words = {"oauth2": f"You log in at {vendor.name} and allow it there", "api_key": "With an API key"}
    ways = ways_of(vendor.fields["properties"]["credentials"])
    return [way.title for way in ways] or [words.get(vendor.auth, "With a user name and password")]


def _create(request: MemberRequest, adapter: type[PbxAdapter], form: AccountForm) -> PbxAccount | None:
    """The new account; None when something is wrong, which then stands in the form."""
    if not form.is_valid():
        return None
    typed = form.typed()
    try:
        check_account(adapter, **typed)
        if not _is_reachable(form, typed):
            return None
        with tenant_scope(request.principal.tenant_id):
            account = create_account(request.principal.tenant_id, vendor=adapter.key, **typed)
            audit.record(request.principal, "account.created", account.public_id, _facts(account), request)
    except InvalidAccount as error:
        form.add_errors(error.errors)
        return None
    return account


def _change(request: MemberRequest, account: PbxAccount, form: AccountForm) -> PbxAccount | None:
    """The changed account; None when something is wrong, which then stands in the form."""
    if not form.is_valid():
        return None
    typed = form.typed()
    typed["credentials"] |= dict.fromkeys(form.unchosen)
    is_elsewhere = (typed["base_url"], typed["settings"]) != (account.base_url, account.settings)
    if is_elsewhere and not _is_reachable(form, typed):
        return None
    try:
        with tenant_scope(request.principal.tenant_id):
            changed = update_account(request.principal.tenant_id, account.pk, **typed)
            detail = _facts(changed) | {"changed": form.changed_data}
            audit.record(request.principal, "account.updated", changed.public_id, detail, request)
    except InvalidAccount as error:
        form.add_errors(error.errors)
        return None
    return changed


def _is_reachable(form: AccountForm, typed: Mapping[str, Any]) -> bool:
    problem = why_unreachable(typed["base_url"], typed["settings"])
    if problem:
        form.add_error("base_url", problem)
    return problem is None


def _facts(account: PbxAccount) -> dict[str, Any]:
    return {"vendor": account.vendor, "name": account.name, "base_url": account.base_url}


def _onwards(request: MemberRequest, adapter: type[PbxAdapter], account: PbxAccount) -> HttpResponse:
    """To the account's page, which asks for the authorization, or tells how the vendor took the credentials."""
    draft.forget(request.session)
    if account.status == PbxAccount.Status.PENDING_AUTHORIZATION:
        return redirect("account", account.public_id)
    result = test_account(account.tenant_id, account.pk)
    if result.ok:
        messages.success(request, f"{account.name} works: {result.detail}, in {result.latency_ms:.0f} ms.")
        return redirect("account", account.public_id)
    messages.error(request, f"{adapter.label} doesn't accept this yet: {result.detail}")
    return redirect("account_edit", account.public_id)


def _with_kept_secrets(request: MemberRequest, key: str) -> QueryDict:
    """What was posted, and for secrets that were left empty what was typed before."""
    data = request.POST.copy()
    for name, value in draft.recall(request.session, key).items():
        if name in data and not data[name]:
            data[name] = value
    return data


def _wizard(request: MemberRequest, adapter: type[PbxAdapter], form: AccountForm) -> HttpResponse:
    return render(request, "integrations/connect.html", _context(adapter, form))


def _edit(request: MemberRequest, account: PbxAccount, form: AccountForm) -> HttpResponse:
    context = _context(adapter_class(account.vendor), form) | {"account": account}
    return render(request, "integrations/edit.html", context)


def _context(adapter: type[PbxAdapter], form: AccountForm) -> dict[str, Any]:
    """The adapter itself won't do: templates call what is callable."""
    redirect_url = callback_uri() if adapter.oauth else None
    return {"vendor": catalogue_entry(adapter.key), "form": form, "redirect_url": redirect_url}
