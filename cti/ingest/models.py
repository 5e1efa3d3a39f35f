"""What vendors delivered, raw, beside what became of it."""

from __future__ import annotations

from django.db import models

from common.ids import new_uuid, public_id
from tenants.models import Tenant


class Delivery(models.Model):
    """One request to a hook (later also a frame of a stream), stored in the transaction that its answer waits for."""

    class Status(models.TextChoices):
        APPLIED = "applied", "Applied"
        DUPLICATE = "duplicate", "Seen before"
        IGNORED = "ignored", "Known, not used"
        WAITING = "waiting", "Waiting for the call that it belongs to"
        UNPARSED = "unparsed", "Not understood"

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    account_id = models.UUIDField()
    subscription_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices)
    identity = models.CharField(  # noqa: DJ001 - NULLs don't collide in the constraint
        max_length=300, null=True, help_text="the vendor event's identity; NULL for duplicates and the unparsed"
    )
    note = models.TextField(blank=True, help_text="why it was ignored, or what was wrong with it")
    call_id = models.UUIDField(null=True)
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "identity"], name="a_vendor_event_counts_once")]
        indexes = [
            models.Index(fields=["account_id", "received_at"], name="deliveries_of_an_account"),
            models.Index(fields=["account_id"], condition=models.Q(status="waiting"), name="waiting_deliveries"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.public_id}"

    @property
    def public_id(self) -> str:
        return public_id("dlv", self.id)
