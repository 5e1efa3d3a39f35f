"""Connected PBXs and what we keep of them. Rows with due times drive all upkeep; Celery only wakes it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.crypto import EncryptedJSONField
from common.ids import new_uuid, public_id
from common.times import utc_now
from tenants.models import Membership, Tenant


class PbxAccount(models.Model):
    """A tenant's account at a vendor."""

    class Status(models.TextChoices):
        PENDING_AUTHORIZATION = "pending_authorization", "Waiting for authorization"
        CONNECTING = "connecting", "Connecting"
        ACTIVE = "active", "Active"
        DEGRADED = "degraded", "Degraded"
        REAUTHORIZATION_REQUIRED = "reauthorization_required", "Must be authorized again"
        DISABLED = "disabled", "Disabled"

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="pbx_accounts")
    vendor = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    base_url = models.CharField(max_length=500)
    credentials = EncryptedJSONField(default=dict)
    settings = models.JSONField(default=dict)
    tickets = EncryptedJSONField(null=True, help_text="what the adapter got from the vendor for the credentials")
    status = models.CharField(max_length=30, choices=Status.choices, default=Status.CONNECTING)
    status_detail = models.TextField(blank=True, help_text="in words for an admin: what is wrong and what to do")
    directory_version = models.PositiveIntegerField(
        default=1, help_text="grows whenever extensions or permissions change"
    )
    created_at = models.DateTimeField(default=utc_now)
    directory_synced_at = models.DateTimeField(null=True)
    last_event_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return public_id("acc", self.id)


class OAuthGrant(models.Model):
    """The token pair of an account. Changed only under a row lock (integrations/tokens.py)."""

    account = models.OneToOneField(PbxAccount, primary_key=True, on_delete=models.CASCADE, related_name="grant")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    tokens = EncryptedJSONField(help_text="access_token, refresh_token")
    scopes = ArrayField(
        models.CharField(max_length=100), null=True, help_text="as granted; NULL where the vendor doesn't say"
    )
    expires_at = models.DateTimeField()
    refreshed_at = models.DateTimeField(default=utc_now)
    lost_at = models.DateTimeField(null=True, help_text="when the vendor said invalid_grant")

    def __str__(self) -> str:
        return f"grant of {self.account_id}"


class VendorSubscription(models.Model):
    """Our subscription to a vendor's events, and the secret hook that it calls."""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        ACTIVE = "active", "Active"
        FAILED = "failed", "Failed"
        ENDED = "ended", "Ended"

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(PbxAccount, on_delete=models.CASCADE, related_name="subscriptions")
    vendor_subscription_id = models.CharField(max_length=200, blank=True)
    transport = models.CharField(max_length=10, default="webhook")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    hook_token = EncryptedJSONField(null=True, help_text="the secret part of the callback address; streams have none")
    hook_token_digest = models.BinaryField(unique=True, null=True)
    mode = models.CharField(max_length=20, blank=True)
    event_types = ArrayField(models.CharField(max_length=100), default=list)
    agents = models.JSONField(default=list, help_text="whose calls it is about, as AgentFilters; empty means everybody")
    created_at = models.DateTimeField(default=utc_now)
    expires_at = models.DateTimeField(null=True)
    renewed_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True, help_text="when the vendor last listed it")
    last_error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.transport} subscription of {self.account_id}"

    @property
    def public_id(self) -> str:
        return public_id("sub", self.id)


class Extension(models.Model):
    """An entry of the vendor's directory; `member` is the agent whose line it is."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(PbxAccount, on_delete=models.CASCADE, related_name="extensions")
    vendor_extension_id = models.CharField(max_length=200)
    number = models.CharField(max_length=40)
    external_number = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=300)
    type = models.CharField(max_length=10)
    member = models.ForeignKey(Membership, null=True, on_delete=models.SET_NULL, related_name="extensions")
    gone_at = models.DateTimeField(null=True, help_text="when the vendor's directory stopped listing it")
    presence = models.JSONField(null=True, help_text="contract.things.Presence, as last heard; NULL: never")
    presence_at = models.DateTimeField(null=True)
    line_state = models.CharField(max_length=40, blank=True, help_text="the vendor's word, as last heard")
    line_state_at = models.DateTimeField(null=True)
    devices_at = models.DateTimeField(null=True, help_text="when the vendor last listed its devices")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "vendor_extension_id"], name="one_row_an_extension")]
        indexes = [models.Index(fields=["tenant", "number"])]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def public_id(self) -> str:
        return public_id("ext", self.id)


class Device(models.Model):
    """A phone of an extension, as last listed by the vendor."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(PbxAccount, on_delete=models.CASCADE, related_name="devices")
    extension = models.ForeignKey(Extension, on_delete=models.CASCADE, related_name="devices")
    vendor_device_id = models.CharField(max_length=200)
    name = models.CharField(max_length=300)
    type = models.CharField(max_length=40, blank=True)
    online = models.BooleanField(null=True, help_text="NULL where the vendor doesn't tell")
    active = models.BooleanField(default=False, help_text="whether calls placed without naming a device use it")
    gone_at = models.DateTimeField(null=True, help_text="when the vendor stopped listing it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["extension", "vendor_device_id"], name="one_row_a_device")]

    def __str__(self) -> str:
        return self.name


class Queue(models.Model):
    """A queue of callers of the vendor's, with what it last counted."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(PbxAccount, on_delete=models.CASCADE, related_name="queues")
    vendor_queue_id = models.CharField(max_length=200)
    number = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=300)
    gone_at = models.DateTimeField(null=True, help_text="when the vendor stopped listing it")
    stats = models.JSONField(default=dict, help_text="contract.things.QueueStats, as last heard")
    stats_at = models.DateTimeField(null=True)
    pause_codes = models.JSONField(default=list, help_text="contract.things.AgentChoice: why its agents may pause")
    skills = models.JSONField(default=list, help_text="contract.things.AgentChoice: with what its agents may log in")
    agents_at = models.DateTimeField(null=True, help_text="when the vendor last listed its agents")
    acted_at = models.DateTimeField(null=True, help_text="when somebody last did something here through us")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "vendor_queue_id"], name="one_row_a_queue")]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return public_id("que", self.id)


class QueueMember(models.Model):
    """A user's part in a queue: contract.things.QueueAgent, as last heard."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(PbxAccount, on_delete=models.CASCADE, related_name="+")
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="members")
    vendor_extension_id = models.CharField(max_length=200)
    name = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=20)
    pause_code = models.CharField(max_length=100, null=True)  # noqa: DJ001 - NULL: the vendor names none
    skill = models.CharField(max_length=100, null=True)  # noqa: DJ001
    since = models.DateTimeField(null=True, help_text="when this state began, as far as anybody knows")
    logged_in_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(help_text="of when this is: older news never replaces newer")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "vendor_extension_id"], name="one_row_a_queue_member")]
        indexes = [models.Index(fields=["account", "vendor_extension_id"])]

    def __str__(self) -> str:
        return f"{self.vendor_extension_id} in {self.queue_id}"


class Upkeep(models.Model):
    """Durable work on an account: what, when it is due, and who has leased it until when."""

    class Kind(models.TextChoices):
        REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a kind of work
        SUBSCRIPTIONS = "subscriptions"
        DIRECTORY = "directory"
        CALLS = "calls"

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(PbxAccount, on_delete=models.CASCADE, related_name="upkeep")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0, help_text="failures in a row")
    last_error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, help_text="when it last succeeded")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind"], name="one_row_a_kind_of_upkeep")]
        indexes = [models.Index(fields=["due_at"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id}"
