"""Tenants with one of everything, whose ids and names must not come out."""

from dataclasses import dataclass
from uuid import UUID

import orjson
from django.db import connection

from common.ids import public_id
from common.times import utc_now
from cti.calls.models import Call
from cti.history.recordings import recording_id
from cti.ingest.models import Delivery
from cti.ingest.replay import replay_delivery
from integrations.models import Extension, OAuthGrant, PbxAccount, Queue, QueueMember, VendorSubscription
from integrations.registry import adapter_class
from tenants.models import ApiKey, AuditEntry, Role
from tenants.rls import tenant_scope
from tests.connected import ANNA, Connected, connect_account, kwebbl_event
from tests.tenancy import TENANT_MODELS, Company, make_company


@dataclass(frozen=True)
class Stock:
    """What a tenant has; `ids` are public ids by kind."""

    name: str
    connected: Connected
    ids: dict[str, str]

    @property
    def company(self) -> Company:
        return self.connected.company

    def secrets_in(self, text: str, *, besides: str) -> list[str]:
        """What of this tenant's the text tells; ids that a stranger sent himself may come back in a refusal."""
        bare = [value.rpartition("_")[2] for value in self.ids.values()]
        hidden = [self.name, self.connected.hook, self.company.api_key, *(each for each in bare if each not in besides)]
        return [each for each in hidden if each in text]

    def contents(self) -> list[tuple[str, str]]:
        """A digest of the rows that the tenant has in each table."""
        found = []
        with tenant_scope(self.company.tenant.id), connection.cursor() as cursor:
            for table in [model._meta.db_table for model in TENANT_MODELS]:
                cursor.execute(f"SELECT md5(string_agg(each::text, '' ORDER BY each::text)) FROM {table} each")  # noqa: S608
                found.append((table, cursor.fetchone()[0]))
        return found


def stocked(name: str, vendor: str) -> Stock:
    """A new tenant with an account, a call that is going on, and whatever else has an id. All is called `name`.

    What happened is told as Kwebbl tells it, whosever PBX it is afterwards.
    """
    connected = connect_account(make_company(name))
    company = connected.company
    member = company.member(Role.OWNER)
    _deliver(connected, kwebbl_event("ringing") | {"from": {"number": "31612345678", "caller_id": name}})
    _deliver(connected, kwebbl_event("answered", number=1))
    unparsed = _store(connected, name.encode())
    with tenant_scope(company.tenant.id):
        PbxAccount.objects.update(name=name, vendor=vendor, credentials={"client_id": "id", "client_secret": name})
        Extension.objects.update(name=name)
        if adapter_class(vendor).oauth is None:
            OAuthGrant.objects.all().delete()
        queue = Queue.objects.create(
            tenant=company.tenant, account=connected.account, vendor_queue_id=f"queue of {name}", name=name
        )
        QueueMember.objects.create(
            tenant=company.tenant,
            account=connected.account,
            queue=queue,
            vendor_extension_id=ANNA,
            name=name,
            state="available",
            heard_at=utc_now(),
        )
        call = Call.objects.get()
        ids = {
            "tenant": company.tenant.public_id,
            "account": connected.account_id,
            "extension": Extension.objects.order_by("number")[0].public_id,
            "subscription": VendorSubscription.objects.get().public_id,
            "call": call.public_id,
            "leg": next(leg["id"] for leg in call.snapshot["legs"] if leg["extension_id"]),
            "delivery": public_id("dlv", unparsed),
            "member": member.public_id,
            "queue": queue.public_id,
            "recording": recording_id(company.tenant.id, connected.account.id, name),
            "key": ApiKey.objects.get().public_id,
            "audit_entry": str(AuditEntry.objects.order_by("at")[0].id),
        }
    return Stock(name, connected, ids)


def _deliver(connected: Connected, event: dict[str, object]) -> None:
    delivery_id = _store(connected, orjson.dumps(event))
    replay_delivery(connected.tenant_id, connected.account.id, delivery_id)


def _store(connected: Connected, body: bytes) -> UUID:
    with tenant_scope(connected.tenant_id):
        delivery = Delivery.objects.create(
            tenant_id=connected.tenant_id,
            account_id=connected.account.id,
            received_at=utc_now(),
            status=Delivery.Status.UNPARSED,
            body=body,
        )
    return delivery.id
