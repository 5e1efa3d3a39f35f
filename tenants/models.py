"""Who is there: tenants, people, their roles, programs' keys, and what the privileged did."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.ids import new_uuid, public_id
from common.times import utc_now


class Scope(models.TextChoices):
    """What a credential may do; the names are the API's."""

    CALLS_READ = "calls:read"
    CALLS_CONTROL = "calls:control"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_MANAGE = "accounts:manage"
    DIRECTORY_READ = "directory:read"
    DIRECTORY_MANAGE = "directory:manage"
    EVENTS_READ = "events:read"
    WEBHOOKS_MANAGE = "webhooks:manage"
    QUEUES_READ = "queues:read"
    QUEUES_CONTROL = "queues:control"
    CONTACTS_MANAGE = "contacts:manage"
    ADMIN = "admin"


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    SUPERVISOR = "supervisor", "Supervisor"
    AGENT = "agent", "Agent"


_AGENT_SCOPES = frozenset(
    {Scope.CALLS_READ, Scope.CALLS_CONTROL, Scope.DIRECTORY_READ, Scope.EVENTS_READ, Scope.QUEUES_READ}
)
_SUPERVISOR_SCOPES = _AGENT_SCOPES | {Scope.QUEUES_CONTROL, Scope.CONTACTS_MANAGE, Scope.ACCOUNTS_READ}
ROLE_SCOPES: dict[str, frozenset[Scope]] = {
    Role.OWNER: frozenset(Scope),
    Role.ADMIN: frozenset(Scope),
    Role.SUPERVISOR: frozenset(_SUPERVISOR_SCOPES),
    Role.AGENT: _AGENT_SCOPES,
}


class Tenant(models.Model):
    """A company that uses this installation. Its own row is visible only in its own scope."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    region = models.CharField(
        max_length=2, default="NL", help_text="ISO 3166 country of numbers without a country code"
    )
    created_at = models.DateTimeField(default=utc_now)

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return public_id("ten", self.id)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None, **fields: Any) -> User:
        """Makes a person who logs in with this e-mail address (compared without regard to case)."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person, who may be a member of several tenants; not a tenant's row."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=utc_now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """A person's place in a tenant."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(default=utc_now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="one_membership_a_user")]

    def __str__(self) -> str:
        return f"{self.user_id} as {self.role}"

    @property
    def public_id(self) -> str:
        return public_id("mem", self.id)


class ApiKey(models.Model):
    """A program's credential, `pb_<prefix>_<secret>`: the secret's digest is stored, the secret is shown once."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=12, unique=True)
    secret_digest = models.BinaryField()
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    allowed_networks = ArrayField(
        models.CharField(max_length=43), default=list, help_text="CIDRs; empty means anywhere"
    )
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=utc_now)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} (pb_{self.prefix}_…)"

    @property
    def public_id(self) -> str:
        return public_id("key", self.id)


class AuditEntry(models.Model):
    """A privileged act. The application's role may add entries and read them, not change or delete them."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.DO_NOTHING, db_constraint=False)
    at = models.DateTimeField(default=utc_now)
    actor = models.CharField(max_length=320, help_text="a person's e-mail address, a key's prefix, or `system`")
    action = models.CharField(max_length=60, help_text="what was done: `account.created`, `key.revoked` …")
    target = models.CharField(max_length=60, blank=True, help_text="the public id of what it was done to")
    detail = models.JSONField(default=dict)
    ip_address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-at"])]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.target}"

    @property
    def detail_text(self) -> str:
        """The details in words."""
        return "; ".join(f"{name.replace('_', ' ')}: {_in_words(value)}" for name, value in self.detail.items())


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
