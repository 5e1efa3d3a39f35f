"""Finding what an address of a page names."""

from uuid import UUID

from django.http import Http404

from common.ids import InvalidId, parse_id
from integrations.models import PbxAccount
from tenants.pages import MemberRequest
from tenants.rls import tenant_scope


def find_account(request: MemberRequest, account_id: str) -> PbxAccount:
    """The account with that public id; 404 for what isn't one, and for other tenants'."""
    with tenant_scope(request.principal.tenant_id):
        account = PbxAccount.objects.filter(pk=id_or_404("acc", account_id)).first()
    if account is None:
        raise Http404("There is no such account.")
    return account


def id_or_404(prefix: str, text: str) -> UUID:
    """The UUID of a public id in an address."""
    try:
        return parse_id(prefix, text)
    except InvalidId as error:
        raise Http404(str(error)) from error
