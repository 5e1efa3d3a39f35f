"""Tenants for tests: companies with an owner, keys, members and browsers that are logged in."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.test import Client

from cti.streams.models import StreamRunner
from tenants.keys import issue_key
from tenants.models import Membership, Role, Scope, Tenant, User
from tenants.principals import SESSION_TENANT
from tenants.provisioning import create_tenant
from tenants.rls import tenant_scope

NOBODYS = {User, StreamRunner}  # people may be in several tenants, and a process serves them all
"""Models of ours whose rows belong to no tenant; another one must have a good reason."""
TENANT_MODELS = [
    model
    for app in ("tenants", "integrations", "cti")
    for model in apps.get_app_config(app).get_models()
    if model not in NOBODYS
]
PASSWORD = "correct horse battery 9"
HOST = "localhost"


@dataclass(frozen=True)
class Company:
    """A tenant as tests use it; `api_key` has every scope."""

    tenant: Tenant
    owner: User
    api_key: str

    def member(self, role: Role = Role.AGENT, email: str = "") -> Membership:
        """Another member, with PASSWORD as password."""
        user = User.objects.create_user(email or f"{secrets.token_hex(6)}@example.com", PASSWORD, name=f"An {role}")
        with tenant_scope(self.tenant.id):
            return Membership.objects.create(tenant=self.tenant, user=user, role=role)

    def key(self, *scopes: Scope, **fields: Any) -> str:
        """The text of another API key."""
        with tenant_scope(self.tenant.id):
            return issue_key(self.tenant.id, name="test", scopes=scopes, created_by=self.owner, **fields)[1]

    def browser(self, user: User | None = None, **options: Any) -> Client:
        """A client with a session of this user, the owner unless said otherwise."""
        client = Client(headers={"host": HOST}, **options)
        client.force_login(user or self.owner, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[SESSION_TENANT] = str(self.tenant.id)
        session.save()
        return client

    def program(self, key: str = "") -> Client:
        """A client that sends an API key, the one with every scope unless said otherwise."""
        return Client(headers={"host": HOST, "authorization": f"Bearer {key or self.api_key}"})


def make_company(name: str = "Acme") -> Company:
    """A new tenant with an address and a slug of its own."""
    slug = f"{name.lower()}-{secrets.token_hex(4)}"
    made = create_tenant(name=name, slug=slug, admin_email=f"{slug}@example.com", admin_password=PASSWORD, region="NL")
    return Company(made.tenant, made.owner, made.api_key)
