"""Changing one's password: whoever added a member knows the initial one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tenants import audit
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope


class PasswordForm(PasswordChangeForm):
    """Django's, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Present password"
        self.fields["new_password1"].help_text = "At least 8 characters, and none of the passwords that everybody uses."
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@page()
def password(request: MemberRequest) -> HttpResponse:
    """Wants the present password and a new one, and logs the member out everywhere else."""
    form = PasswordForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "tenants/password.html", {"form": form})
    with tenant_scope(request.principal.tenant_id):
        form.save()
        audit.record(request.principal, "password.changed", request=request)
    update_session_auth_hash(request, form.user)
    messages.success(request, "Your password is changed. Wherever else you were logged in, you are no more.")
    return redirect("home")
