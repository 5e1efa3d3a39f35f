"""Making a tenant with its owner and first API key, whole or not at all."""

from dataclasses import dataclass

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction

from tenants import audit
from tenants.keys import issue_key
from tenants.members import Refused, find_or_create_user
from tenants.models import Membership, Role, Scope, Tenant, User
from tenants.rls import tenant_scope


@dataclass(frozen=True)
class Provisioned:
    """A new tenant. `api_key` is the key's text; `person_is_new` is False for one whose password stayed as it was."""

    tenant: Tenant
    owner: User
    api_key: str
    person_is_new: bool


def create_tenant(*, name: str, slug: str, admin_email: str, admin_password: str, region: str) -> Provisioned:
    """Makes a tenant, its owner and an API key with every scope; raises Refused.

    A person who exists already joins the new tenant and keeps the present password.
    """
    tenant = Tenant(name=name.strip(), slug=slug, region=region.upper())
    _check_tenant(tenant)
    with tenant_scope(tenant.id):
        try:
            with transaction.atomic():
                tenant.save(force_insert=True)
        except IntegrityError as error:
            raise Refused(f"the slug {slug!r} is taken") from error
        owner, is_new = find_or_create_user(admin_email, admin_password)
        membership = Membership.objects.create(tenant=tenant, user=owner, role=Role.OWNER)
        key, text = issue_key(tenant.id, name="First key", scopes=list(Scope), created_by=owner)
        actor = audit.system(tenant)
        audit.record(actor, "tenant.created", tenant.public_id, {"name": tenant.name, "slug": tenant.slug})
        audit.record(actor, "member.added", membership.public_id, {"email": owner.email, "role": Role.OWNER})
        audit.record(actor, "key.issued", key.public_id, {"name": key.name, "scopes": key.scopes})
    return Provisioned(tenant, owner, text, is_new)


def _check_tenant(tenant: Tenant) -> None:
    if not tenant.name:
        raise Refused("the name is empty")
    try:
        validate_slug(tenant.slug)
    except ValidationError as error:
        raise Refused(f"the slug {tenant.slug!r} may have letters, digits, hyphens and underscores only") from error
    if tenant.region not in phonenumbers.SUPPORTED_REGIONS:
        raise Refused(f"{tenant.region!r} is not a region: use a country's two letters, such as NL")
    for field, limit in (("name", 200), ("slug", 50)):
        if len(getattr(tenant, field)) > limit:
            raise Refused(f"the {field} is longer than {limit} characters")
