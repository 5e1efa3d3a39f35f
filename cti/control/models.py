"""Requests that carried an Idempotency-Key, and their first answers."""

from __future__ import annotations

from django.db import models

from common.crypto import EncryptedJSONField
from common.ids import new_uuid
from common.times import utc_now
from tenants.models import Tenant


class IdempotentRequest(models.Model):
    """One key of one tenant. Claimed before the work begins, answered from for 24 hours."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(help_text="digest of credential, method, path and body")
    created_at = models.DateTimeField(default=utc_now)
    status = models.PositiveSmallIntegerField(
        null=True, help_text="of the first answer; NULL while it is being worked out"
    )
    headers = models.JSONField(default=dict)
    body = EncryptedJSONField(null=True, help_text="a vendor's own answer may hold secrets")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="one_answer_a_key")]
        indexes = [models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return self.key
