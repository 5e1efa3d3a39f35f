"""The two addresses of the OAuth flow: ours on the way to the vendor, and the vendor's on the way back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from integrations import oauth
from integrations.models import PbxAccount
from integrations.pages.find import find_account
from integrations.status import set_status
from tenants.audit import record
from tenants.models import Role
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope


@require_GET
@page(role_at_least=Role.ADMIN)
def account_authorize(request: MemberRequest, account_id: str) -> HttpResponse:
    """Sends an admin on to the vendor, with a state that is bound to this session."""
    account = find_account(request, account_id)
    try:
        return redirect(oauth.authorization_url(request.session, account, oauth.callback_uri()))
    except oauth.OAuthFailed as error:
        return _explain(request, error)


@require_GET
@page(role_at_least=Role.ADMIN)
def oauth_callback(request: MemberRequest) -> HttpResponse:
    """Takes the vendor's answer and shows the account, or why it didn't work."""
    try:
        account = oauth.complete(request.session, request.GET.dict())
    except oauth.OAuthFailed as error:
        return _explain(request, error)
    with tenant_scope(account.tenant_id):
        record(request.principal, "account.authorized", account.public_id, request=request)
    messages.success(request, f"{account.name} is authorized. Its directory and events are being connected.")
    return redirect("account", account.public_id)


def _explain(request: HttpRequest, error: oauth.OAuthFailed) -> HttpResponse:
    """Says it now, and on the account's page until it is authorized after all."""
    messages.error(request, str(error))
    account = error.account
    if account is None:
        return redirect("accounts")
    if account.status == PbxAccount.Status.PENDING_AUTHORIZATION:
        with tenant_scope(account.tenant_id):
            set_status(account, PbxAccount.Status.PENDING_AUTHORIZATION, str(error))
    return redirect("account", account.public_id)
