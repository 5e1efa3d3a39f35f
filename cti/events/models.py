"""The log: one append-only sequence of events a tenant."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.models import Tenant


class LogHead(models.Model):
    """The tenant's last sequence. Its row lock, taken first by whoever appends, makes the log gapless and in commit order."""

    tenant = models.OneToOneField(Tenant, primary_key=True, on_delete=models.CASCADE, related_name="log_head")
    sequence = models.BigIntegerField(default=0)
    revision = models.BigIntegerField(
        default=0, help_text="another with every change to the tenant's calls, deliveries or log"
    )

    def __str__(self) -> str:
        return str(self.sequence)


class Event(models.Model):
    """One event, kept exactly as it is sent. The application's role may add and read, never change."""

    pk = models.CompositePrimaryKey("tenant_id", "sequence")
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    sequence = models.BigIntegerField()
    type = models.CharField(max_length=40)
    received_at = models.DateTimeField()
    account_id = models.UUIDField(null=True)
    call_id = models.UUIDField(null=True)
    delivery_id = models.UUIDField(null=True)
    extension_ids = ArrayField(models.UUIDField(), default=list)
    body = models.TextField(help_text="the JSON that every consumer gets, byte for byte")

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "account_id", "sequence"], name="events_of_an_account"),
            models.Index(fields=["tenant", "delivery_id"], name="events_of_a_delivery"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.type}"
