"""The audit log: who did what that was privileged. Entries are added, never changed."""

from typing import Any

from django.http import HttpRequest

from tenants.models import AuditEntry, Tenant
from tenants.principals import Principal


def record(
    principal: Principal,
    action: str,
    target: str = "",
    detail: dict[str, Any] | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Adds an entry inside the tenant's scope, in the transaction of the act itself.

    `action` is a thing and a past participle (`key.revoked`), `target` the thing's public id. `detail` holds what
    changed, never a secret.
    """
    AuditEntry.objects.create(
        tenant_id=principal.tenant_id,
        actor=principal.actor,
        action=action,
        target=target,
        detail=detail or {},
        ip_address=request.META.get("REMOTE_ADDR") or None if request else None,
        request_id=getattr(request, "request_id", ""),
    )


def system(tenant: Tenant) -> Principal:
    """The actor of what nobody asked for through a page or the API: commands and upkeep. It has no scopes."""
    return Principal(tenant.id, tenant.region, "system", frozenset())
