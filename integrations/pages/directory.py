"""An account's directory on its page: found by name or number, and bound to members, whose lines the extensions then are."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from integrations.models import Device, Extension, PbxAccount
from integrations.pages.find import find_account, id_or_404
from tenants import audit
from tenants.models import Membership, Scope
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope

_MOST = 100


@dataclass(frozen=True)
class Directory:
    """What was found, of how many."""

    sought: str
    extensions: Sequence[Extension]
    found: int

    @property
    def has_devices(self) -> bool:
        """Whether phones are known: a phone system is asked for those of a line when somebody wants to use them."""
        return any(extension.devices.all() for extension in self.extensions)


def directory(account: PbxAccount, sought: str) -> Directory:
    """The extensions whose number, outside number, name or member has the text; inside the tenant's scope."""
    matching = Extension.objects.filter(account=account, gone_at=None)
    if sought:
        matching = matching.filter(
            Q(number__icontains=sought)
            | Q(external_number__icontains=sought)
            | Q(name__icontains=sought)
            | Q(member__user__name__icontains=sought)
        )
    devices = Prefetch("devices", Device.objects.filter(gone_at=None).order_by("name", "id"))
    extensions = matching.select_related("member__user").prefetch_related(devices).order_by("number", "id")
    return Directory(sought, list(extensions[:_MOST]), matching.count())


@require_POST
@page(scope=Scope.DIRECTORY_MANAGE)
def extension_member(request: MemberRequest, account_id: str, extension_id: str) -> HttpResponse:
    """Makes an extension the line of `member` (`mem_…`), or nobody's where that is empty."""
    account, key = find_account(request, account_id), id_or_404("ext", extension_id)
    chosen = request.POST.get("member", "")
    with tenant_scope(request.principal.tenant_id):
        extension = Extension.objects.select_for_update().filter(pk=key, account=account).first()
        member = (
            Membership.objects.select_related("user").filter(pk=id_or_404("mem", chosen)).first() if chosen else None
        )
        if extension is None or (chosen and member is None):
            raise Http404("There is no such extension, or no such member.")
        extension.member = member
        extension.save(update_fields=["member"])
        detail = {"member_id": member.public_id if member else None}
        audit.record(request.principal, "extension.bound", extension.public_id, detail, request)
    if member:
        messages.success(request, f"{extension.number} is the line of {member.user} now.")
    else:
        messages.success(request, f"{extension.number} is nobody's line now.")
    query = urlencode({"q": request.POST["q"]}) if request.POST.get("q") else ""
    return redirect(f"{reverse('account', args=[account.public_id])}{query and '?'}{query}#directory")
