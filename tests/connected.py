"""A connected Kwebbl account without a vendor behind it: rows as the connect flow leaves them, and its hook."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from common.crypto import token_digest
from common.ids import public_id
from cti.events.models import Event
from cti.ingest.models import Delivery
from integrations.models import Extension, OAuthGrant, PbxAccount, Queue, VendorSubscription
from tenants.rls import tenant_scope
from tests.tenancy import Company, make_company

ANNA, BOB = "a" * 32, "b" * 32
ALL_SCOPES = ["company.users", "company.dialplans", "calls.events", "calls.manage", "calls.create"]


@dataclass(frozen=True)
class Connected:
    """A company with an active account, two users and a hook."""

    company: Company
    account: PbxAccount
    hook: str
    """The path of the hook."""

    @property
    def tenant_id(self) -> UUID:
        return self.company.tenant.id

    @property
    def account_id(self) -> str:
        return public_id("acc", self.account.id)

    def events(self) -> list[dict[str, Any]]:
        """The tenant's log."""
        with tenant_scope(self.tenant_id):
            return [orjson.loads(event.body) for event in Event.objects.order_by("sequence")]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]

    def deliveries(self) -> list[Delivery]:
        with tenant_scope(self.tenant_id):
            return list(Delivery.objects.order_by("received_at", "id"))

    def extension(self, vendor_extension_id: str) -> Extension:
        with tenant_scope(self.tenant_id):
            return Extension.objects.get(vendor_extension_id=vendor_extension_id)


def connect_account(company: Company | None = None) -> Connected:
    """Makes the rows, in a company of its own unless one is given."""
    company = company or make_company()
    token = secrets.token_urlsafe(32)
    with tenant_scope(company.tenant.id):
        account = PbxAccount.objects.create(
            tenant=company.tenant,
            vendor="kwebbl",
            name="Head office",
            base_url="http://127.0.0.1:9/v100",
            status=PbxAccount.Status.ACTIVE,
        )
        OAuthGrant.objects.create(
            account=account,
            tenant=company.tenant,
            tokens={"access_token": "access", "refresh_token": "refresh"},
            scopes=ALL_SCOPES,
            expires_at=account.created_at,
        )
        for vendor_id, number, name in ((ANNA, "1001", "Anna"), (BOB, "1002", "Bob")):
            Extension.objects.create(
                tenant=company.tenant,
                account=account,
                vendor_extension_id=vendor_id,
                number=number,
                name=name,
                type="user",
            )
        VendorSubscription.objects.create(
            tenant=company.tenant,
            account=account,
            status=VendorSubscription.Status.ACTIVE,
            hook_token=token,
            hook_token_digest=token_digest(token),
        )
    return Connected(company, account, f"/hooks/kwebbl/{token}")


def kwebbl_event(kind: str, call_id: str | None = "call-1", *, number: int = 0, **fields: Any) -> dict[str, Any]:
    """A notification as Kwebbl sends it: a customer calls Anna; `number` orders the events of a call."""
    event = {
        "id": f"{kind}-{number}",
        "event_type": kind,
        "call_id": call_id,
        "from": {"number": "31612345678", "caller_id": "Jansen BV"},
        "to": {"extension_id": ANNA},
        "direction": "inbound",
        "time": f"2026-01-31T09:00:{number:02d}.000Z",
    }
    return {key: value for key, value in (event | fields).items() if value is not None}


def connect_with_queue() -> Connected:
    """With the queue "Help", `q1` at the vendor."""
    connected = connect_account()
    with tenant_scope(connected.tenant_id):
        Queue.objects.create(
            tenant=connected.company.tenant, account=connected.account, vendor_queue_id="q1", name="Help"
        )
    return connected
