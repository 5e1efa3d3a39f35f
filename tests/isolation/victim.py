"""A tenant with one of everything, whose ids and names must not come out."""

from dataclasses import dataclass

from common.ids import public_id
from common.times import utc_now
from cti.calls.store import confirm_originated, expect_outbound
from cti.ingest.models import Delivery
from integrations.contract.events import Party
from integrations.models import Extension, PbxAccount, VendorSubscription
from tenants.models import ApiKey, AuditEntry, Role
from tenants.rls import tenant_scope
from tests.connected import Connected, connect_account
from tests.tenancy import Company, make_company

NAME = "Globex-Confidential"


@dataclass(frozen=True)
class Victim:
    """`ids` are public ids by kind; `connected.company` is the tenant."""

    connected: Connected
    ids: dict[str, str]

    @property
    def company(self) -> Company:
        return self.connected.company

    def secrets_in(self, text: str, *, besides: str) -> list[str]:
        """What of the victim's the text tells; ids that a stranger sent himself may come back in a refusal."""
        bare = [value.rpartition("_")[2] for value in self.ids.values()]
        hidden = [NAME, self.connected.hook, self.company.api_key, *(each for each in bare if each not in besides)]
        return [each for each in hidden if each in text]


def make_victim() -> Victim:
    company = make_company(NAME)
    connected = connect_account(company)
    tenant_id = company.tenant.id
    call = expect_outbound(
        tenant_id, connected.account.id, from_=Party(number="1001"), to=Party(number="+31201234567", name=NAME)
    )
    call = confirm_originated(tenant_id, call.id, "vendor-call-1")
    member = company.member(Role.OWNER)
    with tenant_scope(tenant_id):
        PbxAccount.objects.update(name=NAME)
        Extension.objects.update(name=NAME)
        delivery = Delivery.objects.create(
            tenant_id=tenant_id,
            account_id=connected.account.id,
            received_at=utc_now(),
            status=Delivery.Status.UNPARSED,
            body=NAME.encode(),
        )
        ids = {
            "tenant": company.tenant.public_id,
            "account": connected.account_id,
            "extension": Extension.objects.filter(account=connected.account)[0].public_id,
            "subscription": VendorSubscription.objects.get().public_id,
            "call": public_id("call", call.id),
            "delivery": delivery.public_id,
            "member": member.public_id,
            "key": ApiKey.objects.get().public_id,
            "audit_entry": str(AuditEntry.objects.order_by("at")[0].id),
        }
    return Victim(connected, ids)
