"""Who acts: API keys and browser sessions become a Principal, which carries the tenant and what is allowed.

The tenant is known from the credential alone; nothing in an address or a body can choose another.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from common.times import utc_now
from tenants.keys import note_use, split_key, why_refused
from tenants.models import ROLE_SCOPES, ApiKey, Membership, Scope, User
from tenants.rls import tenant_scope, user_scope

SESSION_TENANT = "tenant_id"
ANY_SCOPE = "any"  # what a view declares that every authenticated caller may use


class CredentialRefused(Exception):
    """The credential admits nobody, or not here or now; the message says why and may be shown to the caller."""


@dataclass(frozen=True)
class Principal:
    """Whoever acts, for one tenant: a member in a browser (`membership`), or a program (`api_key`)."""

    tenant_id: UUID
    region: str
    actor: str
    scopes: frozenset[str]
    membership: Membership | None = None
    api_key: ApiKey | None = None

    @property
    def role(self) -> str | None:
        """The member's role; None for a program."""
        return self.membership.role if self.membership else None

    def has_scope(self, scope: str) -> bool:
        """Whether it was granted this scope, or `admin`, which implies them all."""
        return scope == ANY_SCOPE or scope in self.scopes or Scope.ADMIN in self.scopes


def authenticate_token(token: str, remote_addr: str) -> Principal:
    """The program behind an API key; raises CredentialRefused."""
    parts = split_key(token)
    tenant_id = _route(parts[0]) if parts else None
    if parts is None or tenant_id is None:
        raise CredentialRefused("This API key is not known.")
    prefix, secret = parts
    now = utc_now()
    with tenant_scope(tenant_id):
        key = ApiKey.objects.select_related("tenant").get(prefix=prefix)
        refusal = why_refused(key, secret, remote_addr, now)
        if refusal:
            raise CredentialRefused(refusal)
        note_use(key, now)
    return Principal(tenant_id, key.tenant.region, f"pb_{prefix}", frozenset(key.scopes), api_key=key)


def principal_of_session(user: User, tenant_id: UUID) -> Principal:
    """The member that a user is in a tenant; raises CredentialRefused where he is none (any more)."""
    for membership in memberships_of(user):
        if membership.tenant_id == tenant_id:
            return principal_of(membership)
    raise CredentialRefused("You are not a member of this company.")


def principal_of(membership: Membership) -> Principal:
    """The principal of a membership that was loaded with its user and tenant."""
    tenant, user = membership.tenant, membership.user
    return Principal(tenant.id, tenant.region, user.email, ROLE_SCOPES[membership.role], membership)


def memberships_of(user: User) -> list[Membership]:
    """A user's places in all tenants, by the tenant's name, with user and tenant loaded."""
    with user_scope(user.id):
        own = Membership.objects.filter(user=user)
        return list(own.select_related("tenant", "user").order_by("tenant__name", "tenant_id"))


def _route(prefix: str) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT route_api_key(%s)", [prefix])
        found: UUID | None = cursor.fetchone()[0]
        return found
