"""Calls as stored: the facts that the state machine folds, and what it made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from common.ids import new_uuid, public_id
from tenants.models import Tenant

if TYPE_CHECKING:  # Django's fields take type parameters in their stubs alone
    _TextField = models.TextField[dict[str, Any], dict[str, Any]]
else:
    _TextField = models.TextField


class JSONTextField(_TextField):
    """JSON kept as text: nothing is ever searched in it, and turning it into jsonb and back costs more than all else."""

    def from_db_value(self, value: str, expression: object, connection: object) -> Any:
        return orjson.loads(value)

    def get_prep_value(self, value: Any) -> str:
        return orjson.dumps(value).decode()

    def to_python(self, value: Any) -> Any:
        return value


class Call(models.Model):
    """What a customer experiences as one call. Written through `cti.calls.sql` alone."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    account_id = models.UUIDField()
    version = models.IntegerField(default=0, help_text="0: asked of the vendor, not yet accepted: shown to nobody")
    state = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_event_at = models.DateTimeField(help_text="by our clock")
    from_number = models.CharField(max_length=40, blank=True)
    to_number = models.CharField(max_length=40, blank=True)
    extension_ids = ArrayField(models.UUIDField(), default=list)
    external_id = models.CharField(max_length=200, blank=True)
    facts = models.TextField(help_text="cti.calls.facts.CallFacts: every vendor event of the call, in compact form")
    snapshot = JSONTextField(help_text="the call as the API shows it")
    awaiting_vendor = models.BooleanField(default=False, help_text="placed by us, the vendor has not told of it yet")
    merged_into = models.UUIDField(null=True, help_text="the call that took over this one's connections")

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "started_at", "id"], name="calls_by_start"),
            models.Index(fields=["tenant", "account_id"], condition=models.Q(ended_at=None), name="live_calls"),
            models.Index(fields=["account_id"], condition=models.Q(awaiting_vendor=True), name="awaited_calls"),
            models.Index(fields=["tenant", "from_number"], name="calls_by_from"),
            models.Index(fields=["tenant", "to_number"], name="calls_by_to"),
            GinIndex(fields=["extension_ids"], name="calls_by_extension"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return public_id("call", self.id)


class CallKey(models.Model):
    """Which of our calls a vendor's call id belongs to; several may belong to one."""

    pk = models.CompositePrimaryKey("account_id", "vendor_call_id")
    account_id = models.UUIDField()
    vendor_call_id = models.CharField(max_length=200)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    # Calls are written with their keys and never deleted: PostgreSQL needn't look for the call of each new key.
    call = models.ForeignKey(Call, on_delete=models.DO_NOTHING, db_constraint=False, related_name="keys")

    def __str__(self) -> str:
        return self.vendor_call_id
