"""Which accounts want a connection kept open, which process holds each, and how it goes."""

from __future__ import annotations

from django.db import models

from common.ids import new_uuid
from common.times import utc_now
from integrations.models import PbxAccount
from tenants.models import Tenant


class StreamRunner(models.Model):
    """A process that holds streams. It lives as long as its row: whoever finds the row out of date removes it.

    A process whose row is gone stops all that it holds and begins anew under another id, so no id ever comes back.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    leased_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"runner {self.id}"


class Stream(models.Model):
    """The connection of an account that wants one; there is no row for others (cti/streams/accounts.py)."""

    account = models.OneToOneField(PbxAccount, primary_key=True, on_delete=models.CASCADE, related_name="stream")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(default=1, help_text="grows when the account changes: connect anew")
    holder = models.UUIDField(null=True, help_text="the runner that has it; free without one, or when that is gone")
    due_at = models.DateTimeField(default=utc_now, help_text="no attempt to connect before")
    attempts = models.PositiveIntegerField(default=0, help_text="failures in a row")
    connected_at = models.DateTimeField(null=True, help_text="since when the connection stands")
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["holder"], name="streams_of_a_runner")]

    def __str__(self) -> str:
        return f"stream of {self.account_id}"
