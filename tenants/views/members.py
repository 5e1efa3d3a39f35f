"""The members page: who belongs to the company, and as what."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.ids import InvalidId, parse_id
from tenants.members import Refused, add_member, change_role, remove_member
from tenants.models import Membership, Role
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope


class MemberForm(forms.Form):
    """A new member."""

    email = forms.EmailField(label="E-mail", max_length=254)
    name = forms.CharField(label="Name", max_length=200)
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.AGENT)


class RoleForm(forms.Form):
    """A member's other role."""

    role = forms.ChoiceField(choices=Role.choices)


@never_cache
@require_http_methods(["GET", "POST"])
@page(role_at_least=Role.ADMIN)
def members(request: MemberRequest) -> HttpResponse:
    """Lists the members; POST adds one and shows a new person's initial password, in that answer alone."""
    form = MemberForm(request.POST if request.method == "POST" else None)
    added, password = _add(request, form) if form.is_bound and form.is_valid() else (None, None)
    with tenant_scope(request.principal.tenant_id):
        everybody = list(Membership.objects.select_related("user").order_by("user__name", "user__email"))
    context = {
        "members": everybody,
        "roles": Role.choices,
        "form": MemberForm() if added else form,
        "added": added,
        "password": password,
    }
    return render(request, "tenants/members.html", context)


@require_POST
@page(role_at_least=Role.ADMIN)
def member_role(request: MemberRequest, member_id: str) -> HttpResponse:
    """Gives a member another role."""
    form = RoleForm(request.POST)
    membership_id = _id_or_404(member_id)
    if not form.is_valid():
        messages.error(request, "Choose one of the roles.")
        return redirect("members")
    try:
        with tenant_scope(request.principal.tenant_id):
            changed = change_role(request.principal, membership_id, Role(form.cleaned_data["role"]), request)
    except Membership.DoesNotExist as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{changed.user} is {changed.get_role_display()} now.")
    return redirect("members")


@require_POST
@page(role_at_least=Role.ADMIN)
def member_remove(request: MemberRequest, member_id: str) -> HttpResponse:
    """Removes a member."""
    membership_id = _id_or_404(member_id)
    try:
        with tenant_scope(request.principal.tenant_id):
            removed = remove_member(request.principal, membership_id, request)
    except Membership.DoesNotExist as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{removed.user} has been removed.")
    return redirect("members")


def _add(request: MemberRequest, form: MemberForm) -> tuple[Membership | None, str | None]:
    data = form.cleaned_data
    try:
        with tenant_scope(request.principal.tenant_id):
            return add_member(
                request.principal, data["email"], name=data["name"], role=Role(data["role"]), request=request
            )
    except Refused as error:
        form.add_error(None, str(error))
        return None, None


def _id_or_404(member_id: str) -> UUID:
    try:
        return parse_id("mem", member_id)
    except InvalidId as error:
        raise Http404 from error
